// Draws a hall on a canvas: what is in view, each colour in one go.
import { FREE, type SeatMap } from "../core/seatmap";

/** Where a decimetre of the plan is on the canvas: `pixel = decimetre * scale + x`. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

export interface Palette {
  categories: string[];
  taken: string;
  ink: string;
  onInk: string;
  onCategory: string;
  focus: string;
}

export interface Drawing {
  map: SeatMap;
  statuses: Uint8Array;
  chosen: ReadonlyMap<number, unknown>;
  cursor: number;
  view: View;
  palette: Palette;
}

const COLOURS = 6;
const PADDING_PIXELS = 20;
/** From this size on a seat is a disc with its number; below it is a square dot. */
const DISC_PIXELS = 5;
const LABEL_PIXELS = 18;
/** The largest a seat is drawn: this many pixels from one to the next. */
const PITCH_PIXELS_MAX = 48;

/** The view that shows the whole hall. */
export function fitted(map: SeatMap, width: number, height: number): View {
  const { left, top, right, bottom } = map.bounds;
  const room = (size: number) => Math.max(1, size - 2 * PADDING_PIXELS);
  const across = room(width) / Math.max(map.pitch, right - left + map.pitch);
  const down = room(height) / Math.max(map.pitch, bottom - top + map.pitch);
  const scale = Math.min(across, down, PITCH_PIXELS_MAX / map.pitch);
  return { scale, x: width / 2 - ((left + right) / 2) * scale, y: height / 2 - ((top + bottom) / 2) * scale };
}

/** The view after coming closer to a point, never further away than the whole hall. */
export function zoomed(view: View, factor: number, at: { x: number; y: number }, least: number): View {
  const scale = Math.min(Math.max(view.scale * factor, least), Math.max(least, least * 200));
  const grown = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * grown, y: at.y - (at.y - view.y) * grown };
}

/** The colours of the theme as they are now. */
export function readPalette(within: HTMLElement): Palette {
  const probe = document.createElement("span");
  probe.className = "seat-dot";
  probe.hidden = true;
  within.append(probe);
  const colour = (name: string) => {
    probe.className = `seat-dot ${name}`;
    return getComputedStyle(probe).backgroundColor;
  };
  const palette = {
    categories: Array.from({ length: COLOURS }, (_, at) => colour(`seat-c${at + 1}`)),
    taken: colour("seat-taken"),
    ink: colour("seat-ink"),
    onInk: colour("seat-on-ink"),
    onCategory: colour("seat-on-colour"),
    focus: colour("seat-focus"),
  };
  probe.remove();
  return palette;
}

export function draw(canvas: HTMLCanvasElement, drawing: Drawing) {
  const ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const { map, view, palette } = drawing;
  const radius = Math.max(1, map.pitch * view.scale * 0.4);
  // Seats by colour: taken first, so that free ones lie above, chosen ones last.
  const layers = new Map<string, number[]>([[palette.taken, []]]);
  for (let seat = 0; seat < map.count; seat += 1) {
    const x = (map.x[seat] ?? 0) * view.scale + view.x;
    const y = (map.y[seat] ?? 0) * view.scale + view.y;
    if (x < -radius || y < -radius || x > width + radius || y > height + radius || drawing.chosen.has(seat)) continue;
    const isFree = drawing.statuses[seat] === FREE;
    const colour = isFree ? (palette.categories[(map.category[seat] ?? 0) % COLOURS] ?? palette.ink) : palette.taken;
    const layer = layers.get(colour);
    if (layer) layer.push(seat);
    else layers.set(colour, [seat]);
  }
  for (const [colour, seats] of layers) {
    shapes(context, drawing, seats, colour === palette.taken ? radius * 0.45 : radius, colour);
    if (colour !== palette.taken) labels(context, drawing, seats, radius, palette.onCategory);
  }
  const chosen = [...drawing.chosen.keys()];
  shapes(context, drawing, chosen, Math.max(radius, 3), palette.ink);
  ticks(context, drawing, chosen, Math.max(radius, 3));
  if (drawing.cursor >= 0) ring(context, drawing, radius + 3);
}

function place({ map, view }: Drawing, seat: number): [number, number] {
  return [(map.x[seat] ?? 0) * view.scale + view.x, (map.y[seat] ?? 0) * view.scale + view.y];
}

function shapes(context: CanvasRenderingContext2D, drawing: Drawing, seats: number[], radius: number, colour: string) {
  context.fillStyle = colour;
  context.beginPath();
  for (const seat of seats) {
    const [x, y] = place(drawing, seat);
    if (radius < DISC_PIXELS / 2 || drawing.map.accessible[seat]) {
      context.rect(x - radius, y - radius, radius * 2, radius * 2);
    } else {
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, Math.PI * 2);
    }
  }
  context.fill();
}

function labels(context: CanvasRenderingContext2D, drawing: Drawing, seats: number[], radius: number, colour: string) {
  if (radius * 2 < LABEL_PIXELS) return;
  context.fillStyle = colour;
  context.font = `600 ${Math.round(radius * 0.9)}px ${getComputedStyle(document.body).fontFamily}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const seat of seats) {
    const [x, y] = place(drawing, seat);
    const label = drawing.map.names[seat]?.match(/, seat ([^,]*)/)?.[1] ?? "";
    context.fillText(label, x, y + 0.5, radius * 1.8);
  }
}

function ticks(context: CanvasRenderingContext2D, drawing: Drawing, seats: number[], radius: number) {
  context.strokeStyle = drawing.palette.onInk;
  context.lineWidth = Math.max(1, radius / 4);
  context.beginPath();
  for (const seat of seats) {
    const [x, y] = place(drawing, seat);
    context.moveTo(x - radius * 0.45, y);
    context.lineTo(x - radius * 0.1, y + radius * 0.4);
    context.lineTo(x + radius * 0.5, y - radius * 0.35);
  }
  context.stroke();
}

function ring(context: CanvasRenderingContext2D, drawing: Drawing, radius: number) {
  const [x, y] = place(drawing, drawing.cursor);
  context.strokeStyle = drawing.palette.focus;
  context.lineWidth = 2.5;
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
  context.stroke();
}
