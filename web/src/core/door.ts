// Scans at the door. Each scan carries a nonce made here; a retry with the same nonce is the same scan.
import { call } from "./api";
import { asProblem } from "./problem";
import type { DoorMatch, DoorStatus, NewScan, Page, Scan, ScanResult } from "./types";

/** Where scans go: a device's own door, or a check-in list at which a member scans. */
export interface Door {
  path: string;
  /** What the door link carried; members have their session instead. */
  token: string | null;
}

export const deviceDoor = (token: string): Door => ({ path: "/door", token });

export const memberDoor = (organisation: string, list: string): Door => ({
  path: `/organisations/${organisation}/check-in-lists/${list}`,
  token: null,
});

const RETRY_MILLISECONDS = [300, 800, 2000, 4000, 8000] as const;

export type Sleep = (milliseconds: number) => Promise<void>;
const sleep: Sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Runs again while the network or the server fails; any real answer, good or bad, ends it. */
export async function withRetry<T>(
  run: () => Promise<T>,
  onRetry: () => void = () => undefined,
  wait = sleep,
): Promise<T> {
  for (const pause of RETRY_MILLISECONDS) {
    try {
      return await run();
    } catch (error) {
      if (!asProblem(error).isRetryable) throw error;
      onRetry();
      await wait(pause);
    }
  }
  return run();
}

export function sendScan(door: Door, code: string, nonce: string, scannedAt: Date, onRetry: () => void): Promise<Scan> {
  const json: NewScan = { code, nonce, scanned_at: scannedAt.toISOString() };
  return withRetry(
    () => call<Scan>(`${door.path}/scans`, { method: "POST", json, token: door.token, idempotencyKey: nonce }),
    onRetry,
  );
}

export function undoScan(door: Door, nonce: string): Promise<unknown> {
  return withRetry(() => call(`${door.path}/scans/${nonce}/undo`, { method: "POST", token: door.token }));
}

export function searchDoor(door: Door, q: string): Promise<DoorMatch[]> {
  return call<Page<DoorMatch>>(`${door.path}/search`, { query: { q }, token: door.token }).then((page) => page.items);
}

export function doorStatus(door: Door): Promise<DoorStatus> {
  return call<DoorStatus>(`${door.path}/status`, { token: door.token });
}

/** What a person typed is a ticket code, or else a name to look for. The letters of a signed code include the space. */
export function isTicketCode(text: string): boolean {
  return /^(T1:.+|[A-Z0-9]{6,12}-\d{1,4})$/i.test(text.trim());
}

export type Tone = "admitted" | "again" | "refused";

const WORDS: Record<ScanResult, [Tone, string, string]> = {
  admitted: ["admitted", "Admitted", "Let them in"],
  already_in: ["again", "Already in", "This ticket was scanned before"],
  cancelled: ["refused", "Cancelled", "The ticket was cancelled"],
  not_paid: ["refused", "Not paid", "The order is not paid"],
  wrong_event: ["refused", "Wrong event", "The ticket is for another event"],
  wrong_list: ["refused", "Wrong door", "This list does not let this ticket type in"],
  unknown_ticket: ["refused", "Unknown ticket", "No such ticket"],
  forged: ["refused", "Not genuine", "The code was not made by us"],
};

export function verdictWords(result: ScanResult): { tone: Tone; word: string; text: string } {
  const [tone, word, text] = WORDS[result] ?? ["refused", "Refused", "The ticket was refused"];
  return { tone, word, text };
}
