// <x-queue data-stream data-target="id">: keeps a place in the waiting room up to date from its stream. While someone waits only words change;
// when their turn comes, or the place ends, the page is fetched again and #id swapped.
import { type Place, waitingWords } from "../core/queue";
import { fetchRegion, swap } from "./refresh";

/** Everyone in a room may have to fetch at once; nobody notices two seconds. */
const SPREAD_MILLISECONDS = 2000;

export class Queue extends HTMLElement {
  private source: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  connectedCallback() {
    this.source = new EventSource(this.dataset.stream ?? "");
    this.source.addEventListener("place", (event) => this.hear(JSON.parse(event.data) as Place));
  }

  disconnectedCallback() {
    this.source?.close();
    clearTimeout(this.timer);
  }

  private hear(place: Place) {
    const words = waitingWords(place);
    if (words === null) {
      this.source?.close();
      const wait = place.state === "admitted" ? 0 : Math.random() * SPREAD_MILLISECONDS;
      this.timer = setTimeout(() => void this.look(), wait);
      return;
    }
    this.say("heading", words.heading);
    if (words.text !== null) this.say("text", words.text);
    this.say("note", words.note);
    if (place.ahead !== null) document.title = `${words.heading} · Turnout`;
  }

  private say(part: string, text: string) {
    const here = document.getElementById(this.dataset.target ?? "")?.querySelector(`[data-queue="${part}"]`);
    if (here && here.textContent !== text) here.textContent = text;
  }

  private async look() {
    const id = this.dataset.target ?? "";
    const next = await fetchRegion(location.href, id);
    const here = document.getElementById(id);
    if (next && here) swap(here, next);
    else location.reload();
  }
}
