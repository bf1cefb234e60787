import { describe, expect, it } from "vitest";
import { type Place, waitingWords } from "../src/core/queue";

const place: Place = {
  state: "waiting",
  room: "open",
  ahead: 1234,
  waiting: 20000,
  estimate: null,
  may_run_out: false,
  is_sold_out: false,
};

describe("waitingWords", () => {
  it("promises nothing that was not measured", () => {
    const words = waitingWords(place);
    expect(words?.heading).toBe("1,234 people are ahead of you");
    expect(words?.text).toBe("How long it takes cannot be said yet.");
    expect(words?.note).toBe("20,000 people are waiting in all.");
  });

  it("tells a range", () => {
    const text = (from_seconds: number, to_seconds: number | null) =>
      waitingWords({ ...place, estimate: { from_seconds, to_seconds } })?.text;
    expect(text(0, 60)).toBe("Less than a minute, as people were let in lately.");
    expect(text(0, 180)).toBe("Up to 3 minutes, as people were let in lately.");
    expect(text(120, 300)).toBe("About 2 to 5 minutes, as people were let in lately.");
    expect(text(60, null)).toBe("At least 1 minute, as people were let in lately.");
  });

  it("says that it is sold out, and that the page must change when the turn comes", () => {
    expect(waitingWords({ ...place, is_sold_out: true })?.heading).toBe("Sold out");
    expect(waitingWords({ ...place, state: "admitted" })).toBeNull();
    expect(waitingWords({ ...place, room: "closed" })).toBeNull();
    expect(waitingWords({ ...place, room: "armed", ahead: null })?.text).toBeNull();
  });
});
