import { CircleAlert, CircleCheck, CircleX, LoaderCircle, ScanLine, Undo2 } from "lucide-react";
import { useEffect, useState } from "react";
import { verdictWords } from "~/core/door";
import { formatTime } from "~/core/format";
import type { ScanEntry, Scans } from "./use-scans";

const ICONS = { admitted: CircleCheck, again: CircleAlert, refused: CircleX } as const;

function detailOf(entry: ScanEntry, zone: string): string {
  const { scan, problem } = entry;
  if (!scan) return problem?.message ?? "";
  const words = verdictWords(scan.result);
  const holder = [scan.ticket?.holder_name, scan.ticket?.type].filter(Boolean).join(" · ");
  const first = scan.first_scan
    ? `Scanned at ${formatTime(scan.first_scan.at, zone)}${scan.first_scan.device ? ` · ${scan.first_scan.device}` : ""}`
    : "";
  return [holder || words.text, first].filter(Boolean).join(" · ");
}

/** True until the moment the server named; after it the button is gone. */
function useUntil(moment: string | null | undefined): boolean {
  const [, redraw] = useState(0);
  const left = moment ? Date.parse(moment) - Date.now() : 0;
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => redraw((count) => count + 1), left + 50);
    return () => clearTimeout(timer);
  }, [left]);
  return left > 0;
}

function Result({ entry, zone, onUndo }: { entry: ScanEntry; zone: string; onUndo: () => void }) {
  const words = entry.scan
    ? verdictWords(entry.scan.result)
    : { tone: "refused" as const, word: "Not checked", text: "" };
  const Icon = ICONS[words.tone];
  const canUndo = useUntil(entry.scan?.result === "admitted" && !entry.isUndone ? entry.scan.undo_until : null);
  if (entry.isUndone) {
    return (
      <div className="verdict">
        <Undo2 aria-hidden="true" />
        <div>
          <p className="verdict-word">Undone</p>
          <p className="verdict-text">{entry.scan?.ticket?.holder_name ?? "The ticket"} can come in again</p>
        </div>
      </div>
    );
  }
  return (
    <div key={entry.nonce} className={`verdict verdict-new verdict-${words.tone}`}>
      <Icon aria-hidden="true" />
      <div>
        <p className="verdict-word">{words.word}</p>
        <p className="verdict-text">{detailOf(entry, zone)}</p>
        {entry.scan && entry.problem ? <p className="small">{entry.problem.message}</p> : null}
      </div>
      {canUndo ? (
        <button type="button" className="btn btn-secondary" onClick={onUndo}>
          <Undo2 aria-hidden="true" /> Undo
        </button>
      ) : null}
    </div>
  );
}

export function Verdict({ scans, zone }: { scans: Scans; zone: string }) {
  const entry = scans.entries[0];
  return (
    <div aria-live="assertive">
      {scans.phase !== "ready" ? (
        <div className="verdict">
          <LoaderCircle aria-hidden="true" />
          <div>
            <p className="verdict-word">{scans.phase === "checking" ? "Checking…" : "No answer yet"}</p>
            <p className="verdict-text">
              {scans.phase === "checking" ? "" : "Trying again. The ticket is counted once."}
            </p>
          </div>
        </div>
      ) : entry ? (
        <Result entry={entry} zone={zone} onUndo={() => scans.undo(entry)} />
      ) : (
        <div className="verdict">
          <ScanLine aria-hidden="true" />
          <div>
            <p className="verdict-word">Ready</p>
            <p className="verdict-text">Hold a ticket in front of the camera</p>
          </div>
        </div>
      )}
    </div>
  );
}
