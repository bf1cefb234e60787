// <x-stepper>: − and + around the number input or select inside it.

export class Stepper extends HTMLElement {
  connectedCallback() {
    const control = this.querySelector<HTMLInputElement | HTMLSelectElement>("input, select");
    if (!control || this.querySelector("button")) return;
    const label = this.dataset.label ?? "";
    const fewer = stepButton("−", `Fewer ${label}`);
    const more = stepButton("+", `More ${label}`);
    this.prepend(fewer);
    this.append(more);
    const show = () => {
      const range = bounds(control);
      fewer.disabled = range.value <= range.min;
      more.disabled = range.value >= range.max;
    };
    const move = (direction: 1 | -1) => {
      step(control, direction);
      control.dispatchEvent(new Event("input", { bubbles: true }));
      control.dispatchEvent(new Event("change", { bubbles: true }));
    };
    fewer.addEventListener("click", () => move(-1));
    more.addEventListener("click", () => move(1));
    control.addEventListener("input", show);
    show();
  }
}

function stepButton(text: string, label: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-secondary btn-sm btn-icon";
  button.textContent = text;
  button.setAttribute("aria-label", label.trim());
  return button;
}

function bounds(control: HTMLInputElement | HTMLSelectElement) {
  if (control instanceof HTMLSelectElement) {
    return { value: control.selectedIndex, min: 0, max: control.options.length - 1 };
  }
  return {
    value: Number(control.value) || 0,
    min: Number(control.min) || 0,
    max: control.max ? Number(control.max) : 99,
  };
}

function step(control: HTMLInputElement | HTMLSelectElement, direction: 1 | -1) {
  const { value, min, max } = bounds(control);
  const next = Math.min(max, Math.max(min, value + direction));
  if (control instanceof HTMLSelectElement) control.selectedIndex = next;
  else control.value = String(next);
}
