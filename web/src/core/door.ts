// Scans at the door. Each scan carries a nonce made here; a retry with the same nonce is the same scan.
import { call } from "./api";
import type { DoorMatch, DoorStatus, Page, Scan, ScanResult } from "./api-types";
import { asProblem } from "./problem";

export interface Door {
  token: string | null;
  /** Members name the list; a device belongs to one. */
  listId: string | null;
}

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
  const json = {
    ...(door.listId && { list_id: door.listId }),
    code,
    nonce,
    scanned_at: scannedAt.toISOString(),
  };
  return withRetry(
    () => call<Scan>("/door/scans", { method: "POST", json, token: door.token, idempotencyKey: nonce }),
    onRetry,
  );
}

export function undoScan(door: Door, nonce: string): Promise<unknown> {
  return withRetry(() =>
    call(`/door/scans/${nonce}/undo`, { method: "POST", token: door.token, query: { list_id: door.listId } }),
  );
}

export function searchDoor(door: Door, q: string): Promise<DoorMatch[]> {
  return call<Page<DoorMatch>>("/door/search", { query: { q, list_id: door.listId }, token: door.token }).then(
    (page) => page.items,
  );
}

export function doorStatus(door: Door): Promise<DoorStatus> {
  return call<DoorStatus>("/door/status", { query: { list_id: door.listId }, token: door.token });
}

/** What a person typed is a ticket code, or else a name to look for. */
export function isTicketCode(text: string): boolean {
  return /^(T1:\S+|[A-Z0-9]{6,12}-\d{1,4})$/i.test(text.trim());
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
