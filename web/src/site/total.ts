// <x-total>: the running total of the form around it; every control with data-price (minor units) counts.
import { formatMoney, parseMoney } from "../core/money";
import { type ChosenLine, chosenTotal } from "../core/total";

export class Total extends HTMLElement {
  connectedCallback() {
    const form = this.closest("form");
    if (!form) return;
    this.setAttribute("aria-live", "polite");
    form.addEventListener("input", () => this.show(form));
    this.show(form);
  }

  private show(form: HTMLFormElement) {
    const currency = this.dataset.currency ?? "EUR";
    const chosen = chosenTotal(readLines(form, currency), currency);
    if (chosen.count === 0) return this.replaceChildren();
    const name = document.createElement("span");
    name.textContent = `${this.dataset.label ?? "Total"} · ${chosen.count}`;
    const sum = document.createElement("span");
    sum.textContent = formatMoney(chosen.total, document.documentElement.lang || "en");
    this.replaceChildren(name, sum);
  }
}

function readLines(form: HTMLFormElement, currency: string): ChosenLine[] {
  const controls = form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[data-price]");
  return Array.from(controls, (control) => {
    const own = form.querySelector<HTMLInputElement>(`[data-price-for="${CSS.escape(control.name)}"]`);
    const typed = own ? parseMoney(own.value, currency)?.amount : undefined;
    return { quantity: Number(control.value), unitAmount: typed ?? Number(control.dataset.price) };
  });
}
