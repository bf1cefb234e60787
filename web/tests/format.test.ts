import { describe, expect, it } from "vitest";
import { lastDays, niceMaximum } from "~/core/chart";
import { addHours, formatDateTime, relativeDays, safeLocale } from "~/core/format";
import { chosenTotal, countdownText } from "~/core/total";
import { localTimeText } from "~/site/local-time";

const AT = "2027-03-12T18:00:00Z";

describe("dates", () => {
  it("are shown in the event's zone and name it only when the viewer's differs", () => {
    expect(formatDateTime(AT, "Europe/Amsterdam", "en-GB", "Europe/Amsterdam")).toBe("Fri, 12 Mar 2027, 19:00");
    expect(formatDateTime(AT, "Europe/Amsterdam", "en-GB", "Europe/Berlin")).toBe("Fri, 12 Mar 2027, 19:00");
    expect(formatDateTime(AT, "Europe/Amsterdam", "en-GB", "Europe/London")).toBe("Fri, 12 Mar 2027, 19:00 CET");
    expect(formatDateTime("nonsense", "Europe/Amsterdam", "en-GB")).toBe("");
  });

  it("fall back to UTC for a zone the browser does not know", () => {
    expect(formatDateTime(AT, "Mars/Olympus", "en-GB", "UTC")).toBe("Fri, 12 Mar 2027, 18:00");
  });

  it("count whole days in the event's zone", () => {
    expect(relativeDays(AT, "Europe/Amsterdam", new Date("2026-11-20T23:30:00Z"), "en")).toBe("in 111 days");
    expect(relativeDays(AT, "Europe/Amsterdam", new Date("2027-03-12T01:00:00Z"), "en")).toBe("today");
  });

  it("move by hours on the calendar", () => {
    expect(addHours("2027-03-12T22:30", 3)).toBe("2027-03-13T01:30");
    expect(addHours("", 3)).toBe("");
  });

  it("survive a language tag that Intl refuses", () => {
    expect(safeLocale("C")).toBe("en");
    expect(safeLocale("de-AT")).toBe("de-AT");
  });

  it("show the visitor's own time only when it differs", () => {
    const start = new Date(AT);
    const end = new Date("2027-03-12T20:00:00Z");
    expect(localTimeText(start, end, "Europe/Amsterdam", "en-GB", "Europe/Paris")).toBeNull();
    expect(localTimeText(start, end, "Europe/Amsterdam", "en-GB", "Europe/London")).toBe("18:00 – 20:00 your time");
    expect(localTimeText(start, null, "Europe/Amsterdam", "en-GB", "Asia/Tokyo")).toBe("Sat 03:00 your time");
  });
});

describe("totals", () => {
  it("sum whole positive quantities", () => {
    const lines = [
      { quantity: 2, unitAmount: 3800 },
      { quantity: 1, unitAmount: 0 },
      { quantity: -3, unitAmount: 100 },
      { quantity: 1.5, unitAmount: 100 },
      { quantity: Number.NaN, unitAmount: 100 },
    ];
    expect(chosenTotal(lines, "EUR")).toEqual({ count: 3, total: { amount: 7600, currency: "EUR" } });
    expect(chosenTotal([], "EUR")).toEqual({ count: 0, total: { amount: 0, currency: "EUR" } });
  });

  it("count down without going below zero", () => {
    expect([598_000, 59_001, 0, -1, 7_320_000].map(countdownText)).toEqual(["9:58", "1:00", "0:00", "0:00", "2:02:00"]);
  });
});

describe("the chart", () => {
  it("ends on round figures at or above the largest value", () => {
    expect([0, 4, 5, 37, 100, 684_00, 999].map(niceMaximum)).toEqual([4, 4, 8, 40, 100, 80_000, 1000]);
  });

  it("fills days without sales with zero", () => {
    expect(lastDays([{ date: "2026-11-20", value: 3 }], "2026-11-21", 3)).toEqual([
      { date: "2026-11-19", value: 0 },
      { date: "2026-11-20", value: 3 },
      { date: "2026-11-21", value: 0 },
    ]);
  });
});
