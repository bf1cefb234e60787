// RFC 9457 problems: what the server refuses, in words for the person, with the field each word belongs to.

export interface FieldProblem {
  field: string;
  message: string;
}

export class Problem extends Error {
  override readonly name = "Problem";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: readonly FieldProblem[] = [],
    readonly requestId: string | null = null,
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  /** A network failure or a busy server: the same request may be sent again. */
  get isRetryable(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  fieldMessage(field: string): string | undefined {
    return this.fields.find((entry) => entry.field === field)?.message;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** "/buyer/email", "#/buyer/email" and "buyer.email" all name the field buyer.email. */
function fieldName(raw: string): string {
  return raw.replace(/^#?\//, "").replaceAll("/", ".");
}

function readFields(raw: unknown): FieldProblem[] {
  if (isRecord(raw)) {
    return Object.entries(raw).flatMap(([field, value]) => {
      const message = text(Array.isArray(value) ? value[0] : value);
      return message ? [{ field: fieldName(field), message }] : [];
    });
  }
  if (!Array.isArray(raw)) return [];
  return raw.flatMap((entry: unknown) => {
    if (!isRecord(entry)) return [];
    const field = text(entry.field) ?? text(entry.pointer) ?? text(entry.path);
    const message = text(entry.message) ?? text(entry.detail) ?? text(entry.text);
    return field && message ? [{ field: fieldName(field), message }] : [];
  });
}

/** Reads any answer that is not a success; an answer without a problem body still gets a sentence. */
export function readProblem(status: number, body: unknown, requestId: string | null): Problem {
  const record = isRecord(body) ? body : {};
  const type = text(record.type)?.split(/[/#:]/).pop();
  const code = text(record.code) ?? (type && type !== "blank" ? type : `http_${status}`);
  const message = text(record.detail) ?? text(record.title) ?? fallbackText(status);
  const fields = readFields(record.errors ?? record.fields);
  return new Problem(
    status,
    code,
    message,
    fields,
    text(record.trace_id) ?? text(record.request_id) ?? requestId,
    record,
  );
}

function fallbackText(status: number): string {
  if (status === 401) return "Sign in to go on.";
  if (status === 403) return "Your role does not allow this.";
  if (status === 404) return "This does not exist, or you may not see it.";
  if (status === 413) return "The file is too large.";
  if (status === 429) return "Too many requests. Wait a moment and try again.";
  if (status >= 500) return "The server failed. Try again in a moment.";
  return "The server refused this request.";
}

export function networkProblem(): Problem {
  return new Problem(0, "offline", "No connection to the server. Check the network and try again.");
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, "unexpected", error instanceof Error ? error.message : "Something unexpected happened.");
}
