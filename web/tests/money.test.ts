import { describe, expect, it } from "vitest";
import { formatMoney, minorDigits, parseMoney, toDecimal } from "~/core/money";

describe("money", () => {
  it("knows the minor unit of each currency", () => {
    expect([minorDigits("EUR"), minorDigits("JPY"), minorDigits("KWD"), minorDigits("not a currency")]).toEqual([
      2, 0, 3, 2,
    ]);
  });

  it("writes minor units as decimals", () => {
    expect(toDecimal({ amount: 3850, currency: "EUR" })).toBe("38.50");
    expect(toDecimal({ amount: 5, currency: "EUR" })).toBe("0.05");
    expect(toDecimal({ amount: -5, currency: "EUR" })).toBe("-0.05");
    expect(toDecimal({ amount: 1200, currency: "JPY" })).toBe("1200");
  });

  it("formats with the currency shown", () => {
    expect(formatMoney({ amount: 123450, currency: "EUR" }, "en")).toBe("€1,234.50");
    expect(formatMoney({ amount: 2200, currency: "EUR" }, "en", "strip")).toBe("€22");
    expect(formatMoney({ amount: 2250, currency: "EUR" }, "en", "strip")).toBe("€22.50");
    expect(formatMoney({ amount: 123450, currency: "EUR" }, "de")).toBe("1.234,50\u00a0€");
    expect(formatMoney({ amount: 1200, currency: "JPY" }, "en")).toBe("¥1,200");
  });

  it.each([
    ["38", 3800],
    ["38,50", 3850],
    ["38.5", 3850],
    ["€ 1,234.50", 123450],
    ["1.234,50", 123450],
    ["1,234,567", 123456700],
    ["1.234", 123400],
    [".50", 50],
    ["0", 0],
  ])("reads what a person typed: %s", (text, amount) => {
    expect(parseMoney(text, "EUR")).toEqual({ amount, currency: "EUR" });
  });

  it.each(["", "free", "-5", "1.2345", "12,3456", "99999999999999999999"])("refuses %s", (text) => {
    expect(parseMoney(text, "EUR")).toBeNull();
  });

  it("reads currencies without decimals", () => {
    expect(parseMoney("1,200", "JPY")).toEqual({ amount: 1200, currency: "JPY" });
    expect(parseMoney("12.5", "JPY")).toBeNull();
  });
});
