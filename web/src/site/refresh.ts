// <x-refresh data-target="id">: fetches this page again and swaps #id, slower and slower, until the new one needs no refresh.
import { showLocalTimes } from "./local-time";

const FIRST_MILLISECONDS = 2000;
const LONGEST_MILLISECONDS = 20_000;
const GROWTH = 1.3;

let waited = FIRST_MILLISECONDS;

export class Refresh extends HTMLElement {
  private timer: ReturnType<typeof setTimeout> | undefined;

  connectedCallback() {
    this.timer = setTimeout(() => void this.look(), waited);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  private async look() {
    waited = Math.min(LONGEST_MILLISECONDS, waited * GROWTH);
    const id = this.dataset.target ?? "";
    const next = document.hidden ? null : await fetchRegion(location.href, id);
    const here = document.getElementById(id);
    // A swapped-in region brings its own <x-refresh>, which goes on with the longer wait.
    if (next && here) swap(here, next);
    else if (this.isConnected) this.timer = setTimeout(() => void this.look(), waited);
  }
}

export async function fetchRegion(url: string, id: string, init?: RequestInit): Promise<Element | null> {
  try {
    const response = await fetch(url, { ...init, headers: { Accept: "text/html" } });
    return readRegion(await response.text(), id);
  } catch {
    return null;
  }
}

export function readRegion(html: string, id: string): Element | null {
  return new DOMParser().parseFromString(html, "text/html").getElementById(id);
}

export function swap(here: Element, next: Element) {
  const put = () => {
    here.replaceWith(document.adoptNode(next));
    showLocalTimes(next);
  };
  if (here.textContent?.trim() === next.textContent?.trim() || !document.startViewTransition) put();
  else document.startViewTransition(put);
}
