// <x-countdown data-until>: the time a hold has left. The server writes the first text, so nothing shifts.
import { countdownText } from "../core/total";

const URGENT_MILLISECONDS = 120_000;
const TICK_MILLISECONDS = 1000;

export class Countdown extends HTMLElement {
  private timer: ReturnType<typeof setInterval> | undefined;

  connectedCallback() {
    const until = Date.parse(this.dataset.until ?? "");
    if (Number.isNaN(until)) return;
    // The visitor's clock may be wrong; the server's time when it wrote the page corrects it.
    const skew = this.dataset.now ? Date.parse(this.dataset.now) - Date.now() : 0;
    const tick = () => this.show(until - Date.now() - skew);
    this.timer = setInterval(tick, TICK_MILLISECONDS);
    tick();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  private show(left: number) {
    this.textContent = countdownText(left);
    if (left <= URGENT_MILLISECONDS && !this.classList.contains("is-urgent")) {
      this.classList.add("is-urgent");
      announce(`${countdownText(left)} left`);
    }
    if (left > 0) return;
    clearInterval(this.timer);
    if (this.dataset.then) location.assign(this.dataset.then);
    else location.reload();
  }
}

function announce(text: string) {
  const region = document.createElement("p");
  region.className = "visually-hidden";
  region.setAttribute("role", "status");
  document.body.append(region);
  // A live region speaks only what changes after it exists.
  setTimeout(() => {
    region.textContent = text;
  }, 100);
}
