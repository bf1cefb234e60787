import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { type Door, sendScan, type Tone, undoScan, verdictWords } from "~/core/door";
import { asProblem, type Problem } from "~/core/problem";
import { signal } from "~/core/signals";
import type { Scan } from "~/core/types";

export interface ScanEntry {
  nonce: string;
  at: Date;
  code: string;
  scan: Scan | null;
  problem: Problem | null;
  isUndone: boolean;
}

const KEPT = 20;
/** A code that stays in front of the camera is one scan; it counts again after it was away this long. */
const SAME_CODE_MILLISECONDS = 4000;

export interface Scans {
  entries: readonly ScanEntry[];
  phase: "ready" | "checking" | "retrying";
  scan: (code: string) => void;
  /** The same as scan, for the camera: ignores a code that is still being shown. */
  see: (code: string) => void;
  undo: (entry: ScanEntry) => void;
}

export function useScans(door: Door): Scans {
  const client = useQueryClient();
  const [entries, setEntries] = useState<readonly ScanEntry[]>([]);
  const [phase, setPhase] = useState<Scans["phase"]>("ready");
  const isBusy = useRef(false);
  const seen = useRef({ code: "", at: 0 });

  const scan = useCallback(
    async (code: string) => {
      if (isBusy.current) return;
      isBusy.current = true;
      setPhase("checking");
      const entry: ScanEntry = {
        nonce: crypto.randomUUID(),
        at: new Date(),
        code,
        scan: null,
        problem: null,
        isUndone: false,
      };
      let tone: Tone = "refused";
      try {
        entry.scan = await sendScan(door, code, entry.nonce, entry.at, () => setPhase("retrying"));
        tone = verdictWords(entry.scan.result).tone;
      } catch (error) {
        entry.problem = asProblem(error);
      }
      signal(tone);
      setEntries((before) => [entry, ...before].slice(0, KEPT));
      setPhase("ready");
      isBusy.current = false;
      seen.current.at = Date.now();
      void client.invalidateQueries({ queryKey: ["door-status"] });
    },
    [client, door],
  );

  const see = useCallback(
    (code: string) => {
      const now = Date.now();
      const isSame = seen.current.code === code && now - seen.current.at < SAME_CODE_MILLISECONDS;
      if (!isBusy.current) seen.current = { code, at: now };
      if (!isSame) void scan(code);
    },
    [scan],
  );

  const undo = useCallback(
    async (entry: ScanEntry) => {
      const mark = (part: Partial<ScanEntry>) =>
        setEntries((before) => before.map((one) => (one.nonce === entry.nonce ? { ...one, ...part } : one)));
      try {
        await undoScan(door, entry.nonce);
        mark({ isUndone: true });
        // The ticket is probably still in front of the camera: it must leave before it counts again.
        seen.current.at = Date.now();
        void client.invalidateQueries({ queryKey: ["door-status"] });
      } catch (error) {
        mark({ problem: asProblem(error) });
      }
    },
    [client, door],
  );

  return { entries, phase, scan: (code) => void scan(code), see, undo: (entry) => void undo(entry) };
}
