// <x-seats data-plan data-stream data-offers>: draws the hall of the form around it, and keeps the list of boxes, the drawing and the seats that
// are sent in step. Seats are sent as fields `seat[ticket type]`; those without a box on the page get a hidden field.
import { formatMoney } from "../core/money";
import {
  FREE,
  hear,
  nearest,
  neighbour,
  type PlanDocument,
  readPlan,
  type SeatMap,
  type SeatNews,
} from "../core/seatmap";
import { draw, fitted, readPalette, type View, zoomed } from "./seats-drawing";

/** A ticket type that sells a category's seats. */
interface Offer {
  category: string;
  id: string;
  name: string;
  amount: number;
  currency: string;
  most: number;
}

/** A finger hits a seat when it is at least so many pixels wide; else a tap comes closer first. */
const TAP_PIXELS = 14;
const TAP_ZOOM = 3;
const STEP_ZOOM = 1.5;
/** A pointer that moved further than this was dragging. */
const DRAG_PIXELS = 6;

export class Seats extends HTMLElement {
  private map!: SeatMap;
  private offers: Offer[] = [];
  private statuses: Uint8Array = new Uint8Array();
  private version = -1;
  /** Chosen seats with the ticket types they are bought as. */
  private chosen = new Map<number, Offer>();
  private canvas = document.createElement("canvas");
  private said = document.createElement("output");
  private view: View = { scale: 1, x: 0, y: 0 };
  private cursor = -1;
  private pointers = new Map<number, { x: number; y: number }>();
  private hasDragged = false;
  private frame = 0;
  private stream: EventSource | undefined;
  private watching = new AbortController();

  async connectedCallback() {
    const plan = await fetchPlan(this.dataset.plan ?? "");
    const form = this.closest("form");
    if (!plan || !form || !this.isConnected) return;
    this.map = readPlan(plan);
    this.offers = JSON.parse(this.dataset.offers ?? "[]") as Offer[];
    this.statuses = new Uint8Array(this.map.count);
    this.adopt(form);
    this.build();
    const { signal } = this.watching;
    form.addEventListener("change", (event) => this.tick(event.target), { signal });
    const resize = new ResizeObserver(() => this.fit());
    resize.observe(this.canvas);
    signal.addEventListener("abort", () => resize.disconnect());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw(), { signal });
    const theme = new MutationObserver(() => this.redraw());
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    signal.addEventListener("abort", () => theme.disconnect());
    this.stream = new EventSource(this.dataset.stream ?? "");
    this.stream.addEventListener("seats", (event) => this.hear(JSON.parse(event.data) as SeatNews));
  }

  disconnectedCallback() {
    this.stream?.close();
    this.watching.abort();
    cancelAnimationFrame(this.frame);
  }

  /** Takes over what the form has chosen already. */
  private adopt(form: HTMLFormElement) {
    for (const input of form.querySelectorAll<HTMLInputElement>('input[name^="seat["]')) {
      const seat = this.map.byId.get(input.value);
      const offer = this.offers.find(({ id }) => input.name === `seat[${id}]`);
      if (seat === undefined || !offer) continue;
      if (input.type === "hidden") input.remove();
      if (input.type === "hidden" || input.checked) this.chosen.set(seat, offer);
    }
  }

  private build() {
    const frame = document.createElement("div");
    frame.className = "seat-canvas";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", "Plan of the hall. Arrow keys go from seat to seat, Enter chooses one.");
    this.said.className = "seat-said";
    this.said.textContent = "Tap a seat to choose it.";
    const tools = document.createElement("div");
    tools.className = "seat-tools";
    const middle = () => ({ x: this.canvas.clientWidth / 2, y: this.canvas.clientHeight / 2 });
    tools.append(
      tool("+", "Closer", () => this.zoom(STEP_ZOOM, middle())),
      tool("−", "Further away", () => this.zoom(1 / STEP_ZOOM, middle())),
      tool("⤢", "The whole hall", () => this.fit()),
    );
    frame.append(this.said, this.canvas, tools);
    this.replaceChildren(frame);
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("blur", () => this.redraw());
    this.summarise();
  }

  // What is chosen

  private toggle(seat: number) {
    if (seat < 0) return;
    const name = this.map.names[seat] ?? "";
    if (this.chosen.delete(seat)) return this.changed(`${name} is no longer chosen.`);
    const offer = this.offerOf(seat);
    if (this.statuses[seat] !== FREE || !offer) return this.say(`${name} is taken.`);
    const same = [...this.chosen.values()].filter(({ id }) => id === offer.id).length;
    if (same >= offer.most) return this.say(`You can order ${offer.most} of “${offer.name}” at once.`);
    this.chosen.set(seat, offer);
    this.changed(`${name}, ${priceOf(offer)}, is chosen.`);
  }

  private offerOf(seat: number): Offer | undefined {
    const key = this.map.categories[this.map.category[seat] ?? -1]?.key;
    return this.offers.find(({ category }) => category === key);
  }

  /** A box of the list was ticked. */
  private tick(target: EventTarget | null) {
    if (!(target instanceof HTMLInputElement) || target.type !== "checkbox") return;
    const seat = this.map.byId.get(target.value) ?? -1;
    if (target.checked !== this.chosen.has(seat)) this.toggle(seat);
    target.checked = this.chosen.has(seat);
  }

  private hear(news: SeatNews) {
    const { statuses, changed } = hear(this.statuses, news);
    this.statuses = statuses;
    const lost = changed.filter((seat) => statuses[seat] !== FREE && this.chosen.delete(seat));
    const isFirst = this.version < 0;
    this.version = news.version;
    this.list();
    if (lost.length > 0) {
      const names = lost.map((seat) => this.map.names[seat]).join("; ");
      this.changed(`Just taken by someone else: ${names}. Please choose again.`);
    } else if (isFirst || changed.length > 0) {
      this.redraw();
    }
  }

  private changed(words: string) {
    this.say(words);
    this.list();
    this.summarise();
    this.redraw();
  }

  private say(words: string) {
    this.said.textContent = words;
  }

  /** The boxes of the list say what the drawing says. */
  private list() {
    for (const box of this.closest("form")?.querySelectorAll<HTMLInputElement>(".seat-box input") ?? []) {
      const seat = this.map.byId.get(box.value);
      if (seat === undefined) continue;
      const offer = this.chosen.get(seat) ?? this.offerOf(seat);
      const isFree = this.statuses[seat] === FREE && offer !== undefined;
      box.checked = this.chosen.has(seat);
      box.disabled = !isFree;
      // The summary sends every chosen seat, as the type it is bought as.
      box.removeAttribute("name");
      box.parentElement?.classList.toggle("is-taken", !isFree);
    }
  }

  private summarise() {
    const here = document.getElementById("chosen-seats");
    if (!here) return;
    const lines = [...this.chosen].map(([seat, offer]) => this.line(seat, offer));
    if (lines.length === 0) {
      const nothing = document.createElement("p");
      nothing.className = "muted";
      nothing.textContent = "Nothing is chosen yet.";
      here.replaceChildren(nothing);
      return;
    }
    const list = document.createElement("ul");
    list.className = "chosen-seats";
    list.append(...lines);
    const total = document.createElement("p");
    total.className = "total";
    const offers = [...this.chosen.values()];
    const amount = offers.reduce((sum, offer) => sum + offer.amount, 0);
    total.append(
      text("span", `Total · ${offers.length}`),
      text("span", priceOf({ amount, currency: offers[0]?.currency ?? "EUR" })),
    );
    here.replaceChildren(list, total);
  }

  private line(seat: number, offer: Offer): HTMLElement {
    const name = this.map.names[seat] ?? "";
    const item = document.createElement("li");
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = `seat[${offer.id}]`;
    field.value = this.map.ids[seat] ?? "";
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "btn btn-ghost btn-sm btn-icon";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `Not ${name}`);
    remove.addEventListener("click", () => this.toggle(seat));
    const words = text("span", name);
    const others = this.offers.filter(({ category }) => category === offer.category);
    item.append(
      words,
      others.length > 1 ? this.choice(seat, offer, others) : text("span", priceOf(offer)),
      remove,
      field,
    );
    return item;
  }

  /** Which of several ticket types a seat is bought as. */
  private choice(seat: number, offer: Offer, offers: Offer[]): HTMLSelectElement {
    const select = document.createElement("select");
    select.className = "input";
    select.setAttribute("aria-label", `Ticket for ${this.map.names[seat]}`);
    select.append(
      ...offers.map((one) => new Option(`${one.name}, ${priceOf(one)}`, one.id, false, one.id === offer.id)),
    );
    select.addEventListener("change", () => {
      const other = offers.find(({ id }) => id === select.value);
      if (other) this.chosen.set(seat, other);
      this.summarise();
    });
    return select;
  }

  // The drawing

  private fit() {
    this.view = fitted(this.map, this.canvas.clientWidth, this.canvas.clientHeight);
    this.redraw();
  }

  private zoom(factor: number, at: { x: number; y: number }) {
    const whole = fitted(this.map, this.canvas.clientWidth, this.canvas.clientHeight);
    this.view = zoomed(this.view, factor, at, whole.scale);
    this.redraw();
  }

  private redraw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const whole = fitted(this.map, this.canvas.clientWidth, this.canvas.clientHeight);
      // One finger scrolls the page until one has come closer.
      this.canvas.classList.toggle("is-close", this.view.scale > whole.scale * 1.01);
      const cursor = document.activeElement === this.canvas ? this.cursor : -1;
      draw(this.canvas, {
        map: this.map,
        statuses: this.statuses,
        chosen: this.chosen,
        cursor,
        view: this.view,
        palette: readPalette(this),
      });
    });
  }

  private at(event: { clientX: number; clientY: number }) {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private seatAt(point: { x: number; y: number }): number {
    const { scale, x, y } = this.view;
    return nearest(this.map, (point.x - x) / scale, (point.y - y) / scale, Math.max(this.map.pitch * 0.6, 8 / scale));
  }

  private press(event: PointerEvent) {
    if (this.pointers.size === 0) this.hasDragged = false;
    this.pointers.set(event.pointerId, this.at(event));
    this.canvas.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent) {
    const before = this.pointers.get(event.pointerId);
    const now = this.at(event);
    if (!before) {
      const seat = this.seatAt(now);
      this.canvas.title = seat < 0 ? "" : (this.map.names[seat] ?? "");
      return;
    }
    const moved = Math.hypot(now.x - before.x, now.y - before.y);
    if (!this.hasDragged && this.pointers.size === 1 && moved < DRAG_PIXELS) return;
    this.hasDragged = true;
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (other) {
      const apart = (point: { x: number; y: number }) => Math.hypot(point.x - other.x, point.y - other.y) || 1;
      this.zoom(apart(now) / apart(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    } else {
      this.view = { ...this.view, x: this.view.x + now.x - before.x, y: this.view.y + now.y - before.y };
      this.redraw();
    }
  }

  private release(event: PointerEvent) {
    if (!this.pointers.delete(event.pointerId) || this.hasDragged) return;
    const point = this.at(event);
    if (this.map.pitch * this.view.scale < TAP_PIXELS) return this.zoom(TAP_ZOOM, point);
    const seat = this.seatAt(point);
    this.cursor = seat < 0 ? this.cursor : seat;
    this.toggle(seat);
  }

  private wheel(event: WheelEvent) {
    // A pinch on a touchpad; the wheel alone scrolls the page.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 200), this.at(event));
  }

  private key(event: KeyboardEvent) {
    const steps: Record<string, [number, number]> = {
      ArrowRight: [1, 0],
      ArrowLeft: [-1, 0],
      ArrowDown: [0, 1],
      ArrowUp: [0, -1],
    };
    const step = steps[event.key];
    if (step) this.go(this.cursor < 0 ? 0 : neighbour(this.map, this.cursor, ...step));
    else if (event.key === "Enter" || event.key === " ") this.toggle(this.cursor);
    else if (event.key === "+" || event.key === "-")
      this.zoom(event.key === "+" ? STEP_ZOOM : 1 / STEP_ZOOM, this.middleOfCursor());
    else return;
    event.preventDefault();
  }

  private middleOfCursor() {
    const { scale, x, y } = this.view;
    const seat = Math.max(0, this.cursor);
    return { x: (this.map.x[seat] ?? 0) * scale + x, y: (this.map.y[seat] ?? 0) * scale + y };
  }

  private go(seat: number) {
    if (this.map.count === 0) return;
    this.cursor = seat;
    const { x, y } = this.middleOfCursor();
    const shift = (at: number, size: number) => Math.min(0, size - 24 - at) + Math.max(0, 24 - at);
    const { clientWidth, clientHeight } = this.canvas;
    this.view = { ...this.view, x: this.view.x + shift(x, clientWidth), y: this.view.y + shift(y, clientHeight) };
    const offer = this.offerOf(seat);
    const isFree = this.statuses[seat] === FREE && offer !== undefined;
    const state = this.chosen.has(seat) ? "chosen" : isFree ? priceOf(offer) : "taken";
    this.say(`${this.map.names[seat]}, ${state}`);
    this.redraw();
  }
}

async function fetchPlan(url: string): Promise<PlanDocument | null> {
  try {
    const answer = await fetch(url);
    return answer.ok ? ((await answer.json()) as { layout: PlanDocument }).layout : null;
  } catch {
    // The list is complete without the drawing.
    return null;
  }
}

function tool(sign: string, label: string, act: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-secondary btn-sm btn-icon";
  button.textContent = sign;
  button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  return button;
}

function text(kind: string, words: string): HTMLElement {
  const element = document.createElement(kind);
  element.textContent = words;
  return element;
}

function priceOf({ amount, currency }: { amount: number; currency: string }): string {
  return amount === 0 ? "Free" : formatMoney({ amount, currency }, document.documentElement.lang || "en");
}
