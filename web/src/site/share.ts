// <x-share> and <x-copy>: show the button inside (hidden without JavaScript) and share or copy.

const SAID_MILLISECONDS = 2000;

async function copy(text: string, button: HTMLButtonElement) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = text;
    return;
  }
  setTimeout(() => {
    button.textContent = before;
  }, SAID_MILLISECONDS);
}

export class Copy extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => void copy(this.dataset.text ?? location.href, button));
  }
}

export class Share extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => void this.share(button));
  }

  private async share(button: HTMLButtonElement) {
    const url = this.dataset.url ?? location.href;
    if (!navigator.share) return copy(url, button);
    // Closing the share sheet rejects; that is an answer, not an error.
    await navigator.share({ url, title: this.dataset.title ?? document.title }).catch(() => undefined);
  }
}
