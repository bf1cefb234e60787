// Money as the server sends it: minor units with a currency. No floats near it, except the last step of Intl.

export interface Money {
  amount: number;
  currency: string;
}

/** How many decimal places the currency's minor unit stands for: 2 for EUR, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** The decimal text of an amount in minor units: 3850 EUR is "38.50". */
export function toDecimal({ amount, currency }: Money): string {
  const digits = minorDigits(currency);
  const sign = amount < 0 ? "-" : "";
  const text = String(Math.abs(amount)).padStart(digits + 1, "0");
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Formats with the currency always shown; whole amounts lose their decimals only when asked. */
export function formatMoney(money: Money, locale = "en", whole: "keep" | "strip" = "keep"): string {
  const options: Intl.NumberFormatOptions = { style: "currency", currency: money.currency };
  if (whole === "strip") options.trailingZeroDisplay = "stripIfInteger";
  try {
    const decimal: string = toDecimal(money);
    return new Intl.NumberFormat(locale, options).format(Number(decimal));
  } catch {
    return `${money.currency} ${toDecimal(money)}`;
  }
}

/** Reads what a person typed ("38", "38,50", "1.234,50", "€ 1,234.50"); null when it is not an amount of this currency. */
export function parseMoney(text: string, currency: string): Money | null {
  const digits = minorDigits(currency);
  const bare = text.replace(/[^\d.,-]/g, "");
  if (!/\d/.test(bare) || bare.includes("-")) return null;
  const mark = Math.max(bare.lastIndexOf("."), bare.lastIndexOf(","));
  const tail = mark < 0 ? "" : bare.slice(mark + 1);
  const sameMark = mark < 0 ? 0 : bare.split(bare.charAt(mark)).length - 1;
  // "1.234" and "1,234,567" group thousands; "38,5" and "38.50" carry decimals.
  const isDecimal = mark >= 0 && sameMark === 1 && tail.length <= digits;
  if (mark >= 0 && !isDecimal && tail.length !== 3) return null;
  const whole = (isDecimal ? bare.slice(0, mark) : bare).replace(/\D/g, "") || "0";
  const fraction = isDecimal ? tail.padEnd(digits, "0") : "0".repeat(digits);
  const amount = Number(whole + fraction);
  return Number.isSafeInteger(amount) ? { amount, currency } : null;
}
