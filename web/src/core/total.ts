// Sums the chosen tickets of a form; pure, so that it is tested without a browser.
import type { Money } from "./money";

export interface ChosenLine {
  quantity: number;
  unitAmount: number;
}

export interface Chosen {
  count: number;
  total: Money;
}

/** Lines with a quantity that is not a positive whole number count as nothing. */
export function chosenTotal(lines: readonly ChosenLine[], currency: string): Chosen {
  let count = 0;
  let amount = 0;
  for (const line of lines) {
    if (!Number.isInteger(line.quantity) || line.quantity <= 0) continue;
    count += line.quantity;
    amount += line.quantity * line.unitAmount;
  }
  return { count, total: { amount, currency } };
}

/** "9:58", "1:02:00"; never below zero. */
export function countdownText(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const part = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${part(minutes)}:${part(seconds % 60)}` : `${minutes}:${part(seconds % 60)}`;
}
