import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useSyncExternalStore } from "react";
import { type Door, doorStatus, verdictWords } from "~/core/door";
import { formatCount, formatTime, viewerZone } from "~/core/format";
import { asProblem } from "~/core/problem";
import { keepAwake } from "~/core/signals";
import type { DoorStatus } from "~/core/types";
import { CameraView } from "./camera-view";
import { ManualEntry } from "./manual-entry";
import { type ScanEntry, useScans } from "./use-scans";
import { Verdict } from "./verdict";

const STATUS_MILLISECONDS = 10_000;

function useOnline(): boolean {
  return useSyncExternalStore(
    (changed) => {
      addEventListener("online", changed);
      addEventListener("offline", changed);
      return () => {
        removeEventListener("online", changed);
        removeEventListener("offline", changed);
      };
    },
    () => navigator.onLine,
  );
}

function LastScans({ entries, zone }: { entries: readonly ScanEntry[]; zone: string }) {
  if (entries.length === 0) return null;
  return (
    <section className="card" aria-label="Last scans">
      <header className="card-head">
        <h2 className="h3">Last scans</h2>
      </header>
      <ul className="row-list">
        {entries.map((entry) => {
          const words = entry.scan ? verdictWords(entry.scan.result) : { tone: "refused", word: "Not checked" };
          const look = { admitted: "badge-success", again: "badge-warning", refused: "badge-danger" }[words.tone];
          return (
            <li key={entry.nonce} className="row-item">
              <div className="grow">
                <p className="truncate">{entry.scan?.ticket?.holder_name || entry.scan?.ticket?.code || "Unknown"}</p>
                <p className="small faint truncate">
                  {[formatTime(entry.at.toISOString(), zone), entry.scan?.ticket?.type].filter(Boolean).join(" · ")}
                </p>
              </div>
              <span className={entry.isUndone ? "badge" : `badge ${look ?? ""}`}>
                {entry.isUndone ? "Undone" : words.word}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Counters({ status }: { status: DoorStatus }) {
  return (
    <p className="muted num">
      <span className="strong text-ink">
        {formatCount(status.admitted)} / {formatCount(status.total)}
      </span>{" "}
      in · {formatCount(status.last_10_minutes)} in the last 10 min
    </p>
  );
}

interface ScannerProps {
  door: Door;
  /** What members see above the camera; a device shows the name of its list. */
  title?: string;
  zone?: string;
  aside?: ReactNode;
  onRefused?: (status: number) => ReactNode;
}

export function Scanner({ door, title, zone = viewerZone(), aside, onRefused }: ScannerProps) {
  const scans = useScans(door);
  const isOnline = useOnline();
  const status = useQuery({
    queryKey: ["door-status", door],
    queryFn: () => doorStatus(door),
    refetchInterval: STATUS_MILLISECONDS,
  });
  useEffect(keepAwake, []);
  const problem = status.error ? asProblem(status.error) : null;
  const refused = problem && !problem.isRetryable ? onRefused?.(problem.status) : null;
  if (refused) return refused;
  const { list, device } = status.data ?? {};
  return (
    <main className="scanner" id="main">
      <header className="split">
        <div className="min-w-0">
          <h1 className="h2 truncate">{title ?? list?.name ?? "Check-in"}</h1>
          <p className="small muted truncate">
            {list ? (title ? list.name : (device?.name ?? "")) : (problem?.message ?? "Loading…")}
          </p>
        </div>
        <div className="cluster flex-nowrap">
          <span className={isOnline && !problem ? "badge badge-success" : "badge badge-warning"}>
            {isOnline && !problem ? "Online" : "Offline"}
          </span>
          {aside}
        </div>
      </header>
      {status.data ? <Counters status={status.data} /> : null}
      <CameraView onCode={scans.see} />
      <Verdict scans={scans} zone={zone} />
      <ManualEntry door={door} onCode={scans.scan} />
      <LastScans entries={scans.entries} zone={zone} />
    </main>
  );
}
