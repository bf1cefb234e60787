// Dates and counts as text. Event times are shown in the event's zone, and say so when the viewer's differs.

export function viewerZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

export const LOCALE = safeLocale(typeof navigator === "undefined" ? "en" : navigator.language);

/** Browsers have sent tags that Intl throws on; those become plain English. */
export function safeLocale(tag: string): string {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag)[0] ?? "en";
  } catch {
    return "en";
  }
}

function formatter(options: Intl.DateTimeFormatOptions, zone: string, locale: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
  }
}

/** "Fri 12 Mar 2027, 19:00" and the zone's short name when it is not the viewer's. */
export function formatDateTime(at: string, zone: string, locale = LOCALE, own = viewerZone()): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const options: Intl.DateTimeFormatOptions = {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  };
  const differs = formatter(options, zone, "en").format(date) !== formatter(options, own, "en").format(date);
  return formatter(differs ? { ...options, timeZoneName: "short" } : options, zone, locale).format(date);
}

export function formatDay(at: string, zone: string, locale = LOCALE): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return formatter({ weekday: "short", day: "numeric", month: "short", year: "numeric" }, zone, locale).format(date);
}

export function formatTime(at: string, zone: string, locale = LOCALE): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return formatter({ hour: "2-digit", minute: "2-digit" }, zone, locale).format(date);
}

export function formatCount(count: number, locale = LOCALE): string {
  return new Intl.NumberFormat(locale).format(count);
}

/** "in 112 days", "today", "yesterday": whole days between two dates in the event's zone. */
export function relativeDays(at: string, zone: string, now: Date, locale = LOCALE): string {
  const day = (date: Date) =>
    Date.parse(formatter({ year: "numeric", month: "2-digit", day: "2-digit" }, zone, "en-CA").format(date));
  const days = Math.round((day(new Date(at)) - day(now)) / 86_400_000);
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day");
}

/** "2027-03-12T19:00" two hours later, by the calendar alone; used to suggest an end for a start. */
export function addHours(local: string, hours: number): string {
  const at = new Date(`${local}Z`);
  return Number.isNaN(at.getTime()) ? local : new Date(at.getTime() + hours * 3_600_000).toISOString().slice(0, 16);
}

/** Every zone the browser knows, the viewer's and the given one always among them. */
export function zoneChoices(...always: string[]): string[] {
  const known = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
  return [...new Set([...always.filter(Boolean), ...known, "UTC"])].sort();
}
