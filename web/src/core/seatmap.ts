// The seats of a hall as typed arrays: where they are, what they are called, which are free. Pure, so that it is tested without a browser.

/** What `GET /api/v1/events/{slug}/seats` says of the hall. */
export interface PlanDocument {
  categories: { key: string; name: string }[];
  sections: { name: string; rows?: PlanRow[]; tables?: PlanRow[] }[];
}

interface PlanRow {
  label: string;
  category?: string;
  seats: PlanSeat[];
}

interface PlanSeat {
  id: string;
  label: string;
  x: number;
  y: number;
  category?: string;
  accessible?: boolean;
}

/** What the status and its stream say. */
export interface SeatNews {
  version: number;
  seats: number;
  statuses: string | null;
  changes: [number, number][] | null;
}

export const FREE = 0;

export interface SeatMap {
  count: number;
  ids: string[];
  names: string[];
  x: Float32Array;
  y: Float32Array;
  /** Places in `categories`. */
  category: Uint8Array;
  accessible: Uint8Array;
  categories: { key: string; name: string }[];
  bounds: { left: number; top: number; right: number; bottom: number };
  /** Decimetres from a seat to the next, where they are closest. */
  pitch: number;
  byId: Map<string, number>;
}

/** Seats in the order of the document: sections, in each its rows, then its tables. */
export function readPlan(plan: PlanDocument): SeatMap {
  const ids: string[] = [];
  const names: string[] = [];
  const places: { x: number; y: number; category: number; accessible: boolean }[] = [];
  const categoryOf = new Map(plan.categories.map(({ key }, place) => [key, place]));
  let pitch = Number.POSITIVE_INFINITY;
  const add = (section: string, row: PlanRow, kind: "row" | "table") => {
    let before: PlanSeat | undefined;
    for (const seat of row.seats) {
      ids.push(seat.id);
      names.push(`${section}, ${kind} ${row.label}, seat ${seat.label}${seat.accessible ? ", wheelchair" : ""}`);
      const category = categoryOf.get(seat.category ?? row.category ?? "") ?? 0;
      places.push({ x: seat.x, y: seat.y, category, accessible: seat.accessible ?? false });
      const distance = before ? Math.hypot(seat.x - before.x, seat.y - before.y) : 0;
      if (distance > 0) pitch = Math.min(pitch, distance);
      before = seat;
    }
  };
  for (const section of plan.sections) {
    for (const row of section.rows ?? []) add(section.name, row, "row");
    for (const table of section.tables ?? []) add(section.name, table, "table");
  }
  const x = Float32Array.from(places, (place) => place.x);
  const y = Float32Array.from(places, (place) => place.y);
  return {
    count: ids.length,
    ids,
    names,
    x,
    y,
    category: Uint8Array.from(places, (place) => place.category),
    accessible: Uint8Array.from(places, (place) => Number(place.accessible)),
    categories: plan.categories,
    bounds: {
      left: least(x),
      top: least(y),
      right: -least(x.map((value) => -value)),
      bottom: -least(y.map((value) => -value)),
    },
    pitch: Number.isFinite(pitch) ? pitch : 5,
    byId: new Map(ids.map((id, seat) => [id, seat])),
  };
}

function least(values: Float32Array): number {
  return values.reduce((found, value) => Math.min(found, value), values[0] ?? 0);
}

/** Two bits a seat: seat `i` in byte `i / 4`, bits `2 * (i % 4)` and the next. */
export function readStatuses(base64: string, count: number): Uint8Array {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return Uint8Array.from({ length: count }, (_, seat) => ((bytes[seat >> 2] ?? 0) >> (2 * (seat & 3))) & 3);
}

/** The statuses after some news, and the seats that changed. */
export function hear(statuses: Uint8Array, news: SeatNews): { statuses: Uint8Array; changed: number[] } {
  const next = news.statuses === null ? statuses.slice() : readStatuses(news.statuses, statuses.length);
  for (const [seat, status] of news.changes ?? []) if (seat < next.length) next[seat] = status;
  const changed: number[] = [];
  next.forEach((status, seat) => {
    if (status !== statuses[seat]) changed.push(seat);
  });
  return { statuses: next, changed };
}

/** The seat closest to a point, no further away than `within` decimetres; -1 when there is none. */
export function nearest(map: SeatMap, x: number, y: number, within: number): number {
  let found = -1;
  let closest = within * within;
  for (let seat = 0; seat < map.count; seat += 1) {
    const across = (map.x[seat] ?? 0) - x;
    const down = (map.y[seat] ?? 0) - y;
    const distance = across * across + down * down;
    if (distance <= closest) [found, closest] = [seat, distance];
  }
  return found;
}

/** The next seat in a direction (one of the two is 0): the closest, where being off the line counts double; the seat itself at an edge. */
export function neighbour(map: SeatMap, from: number, right: number, down: number): number {
  let found = from;
  let closest = Number.POSITIVE_INFINITY;
  for (let seat = 0; seat < map.count; seat += 1) {
    const dx = (map.x[seat] ?? 0) - (map.x[from] ?? 0);
    const dy = (map.y[seat] ?? 0) - (map.y[from] ?? 0);
    const along = dx * right + dy * down;
    const off = Math.abs(dx * down) + Math.abs(dy * right);
    const cost = along + 2 * off;
    if (along > 0 && cost < closest) [found, closest] = [seat, cost];
  }
  return found;
}
