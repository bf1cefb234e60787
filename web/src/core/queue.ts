// What a place in a waiting room means, in words: the same as crates/site/src/queue/story.rs. Pure, so that it is tested without a browser.

export interface Place {
  state: "waiting" | "admitted" | "bought" | "lapsed" | "left";
  room: "armed" | "open" | "paused" | "stopped" | "closed";
  ahead: number | null;
  waiting: number;
  estimate: { from_seconds: number; to_seconds: number | null } | null;
  may_run_out: boolean;
  is_sold_out: boolean;
}

export interface Words {
  heading: string;
  /** Null where the page's own words still hold. */
  text: string | null;
  note: string;
}

/** The words for someone who waits; null when the page has to be drawn anew. */
export function waitingWords(place: Place): Words | null {
  if (place.state !== "waiting" || place.room === "closed") return null;
  const note =
    place.may_run_out && !place.is_sold_out
      ? "Those ahead of you may take everything that is left."
      : `${place.waiting === 1 ? "1 person is" : `${grouped(place.waiting)} people are`} waiting in all.`;
  if (place.is_sold_out) {
    const text = "Every place is sold. You may stay: when places come back, you are let in in turn.";
    return { heading: "Sold out", text, note };
  }
  if (place.ahead === null) return { heading: "You are in the waiting room", text: null, note };
  return { heading: aheadWords(place.ahead), text: progress(place), note };
}

function progress(place: Place): string {
  if (place.room === "paused" || place.room === "stopped")
    return "The organiser has paused the sale. Your place is kept.";
  if (!place.estimate) return "How long it takes cannot be said yet.";
  const from = Math.floor(place.estimate.from_seconds / 60);
  if (place.estimate.to_seconds === null) {
    if (from === 0) return "How long it takes cannot be said: at times nobody was let in.";
    return `At least ${from} ${from === 1 ? "minute" : "minutes"}, as people were let in lately.`;
  }
  const to = Math.floor(place.estimate.to_seconds / 60);
  if (to <= 1) return "Less than a minute, as people were let in lately.";
  return from === 0
    ? `Up to ${to} minutes, as people were let in lately.`
    : `About ${from} to ${to} minutes, as people were let in lately.`;
}

function aheadWords(ahead: number): string {
  if (ahead === 0) return "You are next";
  return ahead === 1 ? "1 person is ahead of you" : `${grouped(ahead)} people are ahead of you`;
}

function grouped(number: number): string {
  return number.toLocaleString("en-US");
}
