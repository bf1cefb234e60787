// "· 18:00 your time" beside an event's time, only when the visitor's clock differs at that moment.

/** The visitor's own wording of start – end, or null when both zones show the same clock time. */
export function localTimeText(
  start: Date,
  end: Date | null,
  zone: string,
  locale: string,
  ownZone?: string,
): string | null {
  const clock = (timeZone?: string) =>
    new Intl.DateTimeFormat(locale, {
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      ...(timeZone && { timeZone }),
    });
  const there = clock(zone).format(start);
  const here = clock(ownZone).format(start);
  if (there === here) return null;
  const sameDay = there.split(/[\s,]/)[0] === here.split(/[\s,]/)[0];
  const time = (at: Date, weekday: boolean) =>
    new Intl.DateTimeFormat(locale, {
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      ...(weekday && { weekday: "short" }),
      ...(ownZone && { timeZone: ownZone }),
    }).format(at);
  const until = end ? ` – ${time(end, false)}` : "";
  return `${time(start, !sameDay)}${until} your time`;
}

export function showLocalTimes(root: ParentNode) {
  for (const place of root.querySelectorAll<HTMLElement>("[data-local-time]")) {
    const start = new Date(place.dataset.start ?? "");
    const end = place.dataset.end ? new Date(place.dataset.end) : null;
    if (Number.isNaN(start.getTime())) continue;
    try {
      const text = localTimeText(start, end, place.dataset.zone ?? "UTC", document.documentElement.lang || "en");
      if (text) place.textContent = ` · ${text}`;
    } catch {
      // A zone this browser does not know: the event's own time stands alone.
    }
  }
}
