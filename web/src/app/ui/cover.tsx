import type { CSSProperties } from "react";
import type { Event } from "~/core/types";

/** The event's picture, or the gradient of its hue. */
export function Cover({ event, className = "" }: { event: Pick<Event, "hue" | "cover">; className?: string }) {
  const smallest = event.cover?.variants.reduce(
    (a, b) => (b.width < a.width ? b : a),
    event.cover.variants[0] ?? { width: 0, url: event.cover.url },
  );
  const hue = { "--h": event.hue } as CSSProperties;
  return (
    <div className={`cover cover-gen hue ${className}`} style={hue}>
      {smallest ? <img src={smallest.url} alt="" loading="lazy" /> : null}
    </div>
  );
}
