// The API as a program uses it, for what a journey needs and does not itself show.
import { randomUUID } from "node:crypto";
import { eventually } from "./expect.mjs";

export function makeApi(url) {
  async function call(method, path, { token, json, query, headers = {} } = {}) {
    const target = new URL(path.startsWith("/dev/") ? path : `/api/v1${path}`, url);
    for (const [name, value] of Object.entries(query ?? {})) target.searchParams.set(name, value);
    const answer = await fetch(target, {
      method,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(json !== undefined && { "Content-Type": "application/json" }),
        ...(method === "POST" && { "Idempotency-Key": randomUUID() }),
        ...headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${target.pathname} answered ${answer.status}: ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  /** The newest mail to an address whose subject matches, written since then. */
  function mail(to, subject, since = 0) {
    return eventually(async () => {
      const { items } = await call("GET", "/dev/mail.json", { query: { to } });
      return items.find((one) => subject.test(one.subject) && Date.parse(one.created_at) >= since);
    }, `a mail to ${to} about ${subject}`);
  }

  /** The code that `ask` makes the server send. */
  async function signInCode(email, ask) {
    const since = Date.now();
    await ask();
    const { text } = await mail(email, /code|sign in/i, since);
    return /\b\d{6}\b/.exec(text)[0];
  }

  async function signIn(email) {
    let begun;
    const code = await signInCode(email, async () => {
      begun = await call("POST", "/auth/sign-ins", { json: { email } });
    });
    const json = { code, browser_secret: begun.browser_secret };
    return (await call("POST", `/auth/sign-ins/${begun.id}/verify`, { json })).access_token;
  }

  /** Orders tickets of one type for somebody; `pay` presses the test provider's button. */
  async function order(slug, ticketType, { quantity = 1, name = "Ada Buyer", email, attendees = [], pay = true }) {
    const lines = [{ ticket_type_id: ticketType, quantity }];
    const hold = await call("POST", `/events/${slug}/holds`, { json: { lines } });
    const json = { secret: hold.secret, buyer: { name, email }, attendees };
    const placed = await call("POST", `/holds/${hold.id}/order`, { json });
    if (!placed.payment || !pay) return placed;
    await fetch(placed.payment.checkout_url, {
      method: "POST",
      headers: { Origin: url },
      body: new URLSearchParams({ outcome: "pay" }),
      redirect: "manual",
    });
    return eventually(async () => {
      const now = await call("GET", `/orders/${placed.code}`, { query: { secret: placed.secret } });
      return now.state === "paid" && now;
    }, "the order to be paid");
  }

  return { call, mail, signInCode, signIn, order };
}
