// A thin typed client: JSON in and out, problems as exceptions, a key for each unsafe request, ETags for edits.
import { networkProblem, readProblem } from "./problem";

export interface Call {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  query?: Record<string, string | number | undefined | null>;
  json?: unknown;
  body?: BodyInit;
  /** Bearer token of a door device; without it the session cookie speaks. */
  token?: string | null;
  /** Version of the object that this edit was made from. */
  ifMatch?: number | string;
  /** Made once for an action and sent again with each retry of it. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

const BASE = "/api/v1";

export function apiUrl(path: string, query: Call["query"] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return BASE + path + (text ? `?${text}` : "");
}

function headersOf(call: Call): Headers {
  const headers = new Headers({ Accept: "application/json" });
  if (call.json !== undefined) headers.set("Content-Type", "application/json");
  if (call.token) headers.set("Authorization", `Bearer ${call.token}`);
  if (call.ifMatch !== undefined) headers.set("If-Match", `"${call.ifMatch}"`);
  if (call.method === "POST") headers.set("Idempotency-Key", call.idempotencyKey ?? crypto.randomUUID());
  return headers;
}

async function readBody(response: Response): Promise<unknown> {
  const type = response.headers.get("Content-Type") ?? "";
  if (response.status === 204 || !type.includes("json")) return undefined;
  return response.json().catch(() => undefined);
}

/** Calls the API; throws a Problem for every answer that is not a success and for a network that fails. */
export async function call<T>(path: string, options: Call = {}): Promise<T> {
  const init: RequestInit = {
    method: options.method ?? "GET",
    headers: headersOf(options),
    credentials: options.token ? "omit" : "same-origin",
    signal: options.signal ?? null,
  };
  if (options.json !== undefined) init.body = JSON.stringify(options.json);
  else if (options.body !== undefined) init.body = options.body;
  const response = await fetch(apiUrl(path, options.query), init).catch((error: unknown) => {
    if (options.signal?.aborted) throw error;
    throw networkProblem();
  });
  const body = await readBody(response);
  if (!response.ok) throw readProblem(response.status, body, response.headers.get("X-Request-Id"));
  return body as T;
}
