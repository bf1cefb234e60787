import { afterEach, describe, expect, it, vi } from "vitest";
import { apiUrl, call } from "~/core/api";
import {
  deviceDoor,
  isTicketCode,
  memberDoor,
  searchDoor,
  sendScan,
  undoScan,
  verdictWords,
  withRetry,
} from "~/core/door";
import { networkProblem, Problem, readProblem } from "~/core/problem";

afterEach(() => vi.unstubAllGlobals());

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const fetch = vi.fn(async (_url: string, _init: RequestInit) => {
    const text = body === undefined ? null : JSON.stringify(body);
    return new Response(text, { status, headers: { "Content-Type": "application/problem+json", ...headers } });
  });
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

const sent = (fetch: ReturnType<typeof answer>, index = 0) => new Headers(fetch.mock.calls[index]?.[1].headers);

describe("problems", () => {
  it("carry the server's words, fields and request id", () => {
    const body = {
      type: "about:blank",
      title: "Invalid",
      detail: "Check the name.",
      code: "invalid",
      request_id: "req_1",
      errors: [{ field: "buyer.email", code: "format", message: "Enter an e-mail address." }],
    };
    const problem = readProblem(422, body, null);
    expect([problem.status, problem.code, problem.message, problem.requestId]).toEqual([
      422,
      "invalid",
      "Check the name.",
      "req_1",
    ]);
    expect(problem.fieldMessage("buyer.email")).toBe("Enter an e-mail address.");
  });

  it.each([
    [[{ pointer: "#/buyer/email", detail: "Wrong." }]],
    [{ "buyer.email": ["Wrong."] }],
    [{ "/buyer/email": "Wrong." }],
  ])("read fields in each usual shape", (errors) => {
    expect(readProblem(422, { errors }, null).fields).toEqual([{ field: "buyer.email", message: "Wrong." }]);
  });

  it("still say something when the body says nothing", () => {
    expect(readProblem(502, undefined, "req_9")).toMatchObject({
      code: "http_502",
      requestId: "req_9",
      isRetryable: true,
    });
    expect(readProblem(404, "<html>", null).message).toBe("This does not exist, or you may not see it.");
  });
});

describe("calls", () => {
  it("leave out empty parameters", () => {
    expect(apiUrl("/events", { q: "", city: undefined, limit: 50 })).toBe("/api/v1/events?limit=50");
  });

  it("give each POST a key, and the same key when it is given one", async () => {
    const fetch = answer(200, {});
    await call("/organisations", { method: "POST", json: {} });
    await call("/organisations", { method: "POST", json: {} });
    await call("/organisations", { method: "POST", json: {}, idempotencyKey: "k1" });
    await call("/organisations");
    const keys = [0, 1, 2, 3].map((index) => sent(fetch, index).get("Idempotency-Key"));
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).not.toBe(keys[0]);
    expect(keys.slice(2)).toEqual(["k1", null]);
  });

  it("send the version of an edit and the token of a device", async () => {
    const fetch = answer(204, undefined);
    await call("/x", { method: "PATCH", json: {}, ifMatch: 3, token: "td_a_b" });
    expect([sent(fetch).get("If-Match"), sent(fetch).get("Authorization")]).toEqual(['"3"', "Bearer td_a_b"]);
  });

  it("throw a problem for refusals and for a dead network", async () => {
    answer(409, { code: "sold_out", detail: "Sold out.", available: 0 }, { "X-Request-Id": "req_2" });
    await expect(call("/x")).rejects.toMatchObject({ code: "sold_out", requestId: "req_2", body: { available: 0 } });
    vi.stubGlobal(
      "fetch",
      vi.fn(() => Promise.reject(new TypeError("failed"))),
    );
    await expect(call("/x")).rejects.toMatchObject({ status: 0, isRetryable: true });
  });
});

describe("the door", () => {
  const noWait = () => Promise.resolve();

  it("sends a scan again while the network fails, and stops at an answer", async () => {
    let tries = 0;
    const retried = vi.fn();
    const result = await withRetry(
      async () => {
        tries += 1;
        if (tries < 3) throw networkProblem();
        return "in";
      },
      retried,
      noWait,
    );
    expect([result, tries, retried.mock.calls.length]).toEqual(["in", 3, 2]);
  });

  it("does not repeat a refusal", async () => {
    const run = vi.fn(() => Promise.reject(new Problem(403, "forbidden", "No.")));
    await expect(withRetry(run, undefined, noWait)).rejects.toMatchObject({ status: 403 });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("gives up after six tries", async () => {
    const run = vi.fn(() => Promise.reject(networkProblem()));
    await expect(withRetry(run, undefined, noWait)).rejects.toMatchObject({ status: 0 });
    expect(run).toHaveBeenCalledTimes(6);
  });

  it("is the device's own, or a member's list", async () => {
    const fetch = answer(200, { items: [] });
    const member = memberDoor("org_1", "chl_1");
    await sendScan(deviceDoor("td_a_b"), "PK8DH2XQ-1", "n1", new Date(0), () => undefined);
    await sendScan(member, "PK8DH2XQ-1", "n2", new Date(0), () => undefined);
    await undoScan(member, "n2");
    await searchDoor(member, "amara");
    const list = "/api/v1/organisations/org_1/check-in-lists/chl_1";
    expect(fetch.mock.calls.map(([url]) => url)).toEqual([
      "/api/v1/door/scans",
      `${list}/scans`,
      `${list}/scans/n2/undo`,
      `${list}/search?q=amara`,
    ]);
    expect([0, 1].map((index) => sent(fetch, index).get("Authorization"))).toEqual(["Bearer td_a_b", null]);
    expect(JSON.parse(String(fetch.mock.calls[1]?.[1].body))).toEqual({
      code: "PK8DH2XQ-1",
      nonce: "n2",
      scanned_at: "1970-01-01T00:00:00.000Z",
    });
  });

  it("tells a code from a name", () => {
    expect(["PK8DH2XQ-1", "pk8dh2xq-12", "T1:A C", "Anna-Lena", "Amara Okafor", "12"].map(isTicketCode)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("has a tone and a word for every result", () => {
    expect(verdictWords("admitted").tone).toBe("admitted");
    expect(verdictWords("already_in")).toMatchObject({ tone: "again", word: "Already in" });
    expect(verdictWords("forged").tone).toBe("refused");
  });
});
