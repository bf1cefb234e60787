// Forms: a second click while sending does nothing; form[data-enhance="#id"] posts in the background and swaps that element.
import { fetchRegion, swap } from "./refresh";

export function enhanceForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sending) return event.preventDefault();
    form.dataset.sending = "yes";
    const button = event.submitter;
    button?.setAttribute("aria-busy", "true");
    const done = () => {
      delete form.dataset.sending;
      button?.removeAttribute("aria-busy");
    };
    // Coming back from the page cache, the form must work again.
    addEventListener("pageshow", (shown) => shown.persisted && done(), { once: true });
    const target = form.dataset.enhance?.replace(/^#/, "");
    if (!target) return;
    event.preventDefault();
    void post(form, button, target).finally(done);
  });
}

async function post(form: HTMLFormElement, button: HTMLElement | null, target: string) {
  const here = document.getElementById(target);
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) if (typeof value === "string") body.append(name, value);
  const next = await fetchRegion(form.action, target, { method: "POST", body });
  if (here && next) swap(here, next);
  else form.submit();
}
