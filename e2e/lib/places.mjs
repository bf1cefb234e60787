// Every page there is, with what makes it ready to be looked at.
import { eventually } from "./expect.mjs";

const DEMO_OWNER = "ada@example.org";
const EVENT = "blue-harbour-jazz";

/** What the pages need: orders and a hold of a guest, the demo's concert as its organiser sees it, a door link. */
export async function prepare(api) {
  const token = await api.signIn(DEMO_OWNER);
  const { organisations } = await api.call("GET", "/me", { token });
  const organisation = organisations.find((one) => one.slug === "northside");
  const events = `/organisations/${organisation.id}/events`;
  const { items } = await api.call("GET", events, { token });
  const concert = items.find((one) => one.slug === EVENT);
  const draft = items.find((one) => one.status === "draft");
  const types = await api.call("GET", "/events/tideline-conf/ticket-types");
  const regular = types.items.find((one) => one.name === "Regular");
  const order = await api.order("tideline-conf", regular.id, {
    quantity: 2,
    name: "Αλέξανδρος Παπαδόπουλος",
    email: "alex@example.org",
    attendees: [{ name: "Αλέξανδρος Παπαδόπουλος" }, { name: "محمد الخطيب" }],
  });
  const waiting = await api.order("tideline-conf", regular.id, { email: "late@example.org", pay: false });
  const hold = await api.call("POST", "/events/tideline-conf/holds", {
    json: { lines: [{ ticket_type_id: regular.id, quantity: 1 }] },
  });
  const lists = await api.call("GET", `${events}/${concert.id}/check-in-lists`, { token });
  const devices = `${events}/${concert.id}/check-in-lists/${lists.items[0].id}/devices`;
  const device = await api.call("POST", devices, { token, json: { name: "Side entrance" } });
  const mail = await eventually(async () => {
    const { items } = await api.call("GET", "/dev/mail.json", { query: { to: "alex@example.org" } });
    return items.find((one) => one.attachments.length === 2);
  }, "the letter with the tickets");
  return { owner: DEMO_OWNER, concert: concert.id, draft: draft.id, order, waiting, hold, device, mail };
}

const path = (url) => {
  const { pathname, search, hash } = new URL(url);
  return pathname + search + hash;
};

/** Pages from the server. A `status` other than 200 is what the page is about. */
export function publicPages({ order, waiting, hold, mail }) {
  return [
    { name: "home", path: "/" },
    { name: "discover", path: "/discover" },
    { name: "discover-nothing", path: "/discover?q=nothing+of+this+name" },
    { name: "organiser", path: "/@northside" },
    { name: "event", path: `/e/${EVENT}` },
    { name: "event-types", path: "/e/tideline-conf" },
    { name: "event-seats", path: "/e/glass-and-strings/seats" },
    { name: "event-seats-section", path: "/e/glass-and-strings/seats?section=2" },
    { name: "event-free", path: "/e/ownership-night-rust-in-rotterdam" },
    { name: "event-cancelled", path: "/e/night-swim-in-the-maas" },
    { name: "event-over", path: "/e/harvest-supper" },
    { name: "checkout", path: `/checkout/${hold.id}/${hold.secret}` },
    { name: "payment", path: path(waiting.payment.checkout_url) },
    { name: "order", path: path(order.url) },
    { name: "order-waiting", path: path(waiting.url) },
    { name: "ticket", path: `${path(order.url)}/1` },
    { name: "ticket-alone", path: path(order.tickets[0].url) },
    { name: "login", path: "/login" },
    { name: "mailbox", path: "/dev/mail" },
    { name: "mail", path: `/dev/mail/${mail.id}` },
    { name: "docs-api", path: "/docs/api", isEndless: true },
    { name: "not-found", path: "/no/such/page", status: 404 },
  ];
}

/** Pages behind the sign-in. `ready` is a text or heading that shows when the data is there. */
export function memberPages({ concert, draft }) {
  const event = `/app/events/${concert}`;
  return [
    { name: "my-tickets", path: "/my/tickets" },
    { name: "app-home", path: "/app", ready: "Blue Harbour Jazz" },
    { name: "app-event-new", path: "/app/events/new", ready: "First ticket" },
    { name: "app-overview", path: event, ready: "Latest orders" },
    { name: "app-overview-draft", path: `/app/events/${draft}`, ready: "Before you publish" },
    { name: "app-orders", path: `${event}/orders`, ready: "Awaiting payment" },
    { name: "app-order", path: `${event}/orders`, ready: "Awaiting payment", opens: "first-order" },
    { name: "app-attendees", path: `${event}/attendees`, ready: "Not arrived" },
    { name: "app-tickets", path: `${event}/tickets`, ready: "Capacity" },
    { name: "app-check-in", path: `${event}/check-in`, ready: "Side entrance" },
    { name: "app-settings", path: `${event}/settings`, ready: "Cancel this event" },
    { name: "app-members", path: "/app/members", ready: "door@example.org" },
    { name: "app-account", path: "/app/account", ready: "This one" },
    { name: "app-organisation-new", path: "/app/organisations/new", ready: "Name your organisation" },
  ];
}

/** Pages of a door, with the link's token and without. */
export function doorPages({ device }) {
  return [
    { name: "door-closed", path: "/app/door", ready: "Ask for a door link" },
    { name: "door", path: path(device.url), ready: "Ready" },
  ];
}
