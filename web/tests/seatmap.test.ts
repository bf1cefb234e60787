import { describe, expect, it } from "vitest";
import { hear, nearest, neighbour, readPlan, readStatuses } from "../src/core/seatmap";

const row = (label: string, y: number, category: string) => ({
  label,
  category,
  seats: [1, 2, 3].map((seat) => ({
    id: `${label}-${seat}`,
    label: String(seat),
    x: seat * 5,
    y,
    accessible: seat === 3,
  })),
});

const map = readPlan({
  categories: [
    { key: "A", name: "Stalls" },
    { key: "B", name: "Circle" },
  ],
  sections: [
    { name: "Floor", rows: [row("C", 0, "A"), row("D", 9, "B")], tables: [{ ...row("T", 30, "A"), label: "1" }] },
    { name: "Nowhere" },
  ],
});

describe("seatmap", () => {
  it("numbers seats in the order of the document and names them as tickets do", () => {
    expect(map.count).toBe(9);
    expect(map.names[1]).toBe("Floor, row C, seat 2");
    expect(map.names[5]).toBe("Floor, row D, seat 3, wheelchair");
    expect(map.names[6]).toBe("Floor, table 1, seat 1");
    expect([...map.category]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0]);
    expect(map.bounds).toEqual({ left: 5, top: 0, right: 15, bottom: 30 });
    expect([map.pitch, map.byId.get("D-2")]).toEqual([5, 4]);
  });

  it("reads two bits a seat and follows changes", () => {
    // Seats 0 to 4: free, held, sold, blocked, sold.
    const statuses = readStatuses(btoa(String.fromCharCode(0b11100100, 0b00000010)), 5);
    expect([...statuses]).toEqual([0, 1, 2, 3, 2]);
    const news = {
      version: 2,
      seats: 5,
      statuses: null,
      changes: [
        [1, 0],
        [4, 2],
        [99, 1],
      ] as [number, number][],
    };
    const after = hear(statuses, news);
    expect([[...after.statuses], after.changed]).toEqual([[0, 0, 2, 3, 2], [1]]);
    const whole = hear(after.statuses, { version: 3, seats: 5, statuses: btoa("\x01\x00"), changes: null });
    expect([[...whole.statuses], whole.changed]).toEqual([
      [1, 0, 0, 0, 0],
      [0, 2, 3, 4],
    ]);
    expect([...statuses]).toEqual([0, 1, 2, 3, 2]);
  });

  it("finds the seat under a finger and the next one in a direction", () => {
    expect([nearest(map, 10.5, 1, 2.5), nearest(map, 10, 4.4, 2.5)]).toEqual([1, -1]);
    expect([neighbour(map, 1, 1, 0), neighbour(map, 1, 0, 1), neighbour(map, 4, 0, 1)]).toEqual([2, 4, 7]);
    expect([neighbour(map, 2, 1, 0), neighbour(map, 1, 0, -1), neighbour(map, 1, -1, 0)]).toEqual([2, 1, 0]);
  });

  it("has room for nothing", () => {
    const empty = readPlan({ categories: [], sections: [] });
    expect([empty.count, empty.pitch, nearest(empty, 0, 0, 9)]).toEqual([0, 5, -1]);
  });
});
