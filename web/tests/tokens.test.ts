import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

type Rgb = [number, number, number];
const SOURCE = readFileSync("src/design/tokens.css", "utf8");

/** OKLCH to linear sRGB (Ottosson 2020); out-of-gamut colours lose chroma, as browsers and the design do. */
function linear(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function inGamut(lightness: number, chroma: number, hue: number): Rgb {
  const fits = (c: number) => linear(lightness, c, hue).every((part) => part >= -0.0001 && part <= 1.0001);
  let low = 0;
  let high = chroma;
  if (!fits(chroma)) {
    for (let step = 0; step < 20; step += 1) {
      const middle = (low + high) / 2;
      if (fits(middle)) low = middle;
      else high = middle;
    }
    return linear(lightness, low, hue);
  }
  return linear(lightness, chroma, hue);
}

const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function token(name: string, theme: "light" | "dark", hue: number): Rgb {
  const value = new RegExp(`--${name}: (.+);`).exec(SOURCE)?.[1];
  const colours = [...(value ?? "").matchAll(/oklch\(([\d.]+) ([\d.]+) ([\d.]+|var\(--h\))\)/g)];
  const chosen = colours[theme === "dark" && colours.length > 1 ? 1 : 0];
  if (!chosen) throw new Error(`tokens.css has no colour --${name}`);
  const ownHue = chosen[3] === "var(--h)" ? hue : Number(chosen[3]);
  return inGamut(Number(chosen[1]), Number(chosen[2]), ownHue);
}

const BODY = 7;
const TEXT = 4.5;
const CONTROL = 3;
const STATUSES = ["success", "warning", "danger", "info", "accent"];
const PAIRS: [string, string, number][] = [
  ["ink", "canvas", BODY],
  ["ink", "surface", BODY],
  ["ink", "sunken", BODY],
  ["ink", "hover", BODY],
  ["ink-2", "canvas", BODY],
  ["ink-2", "surface", BODY],
  ["ink-2", "sunken", TEXT],
  ["ink-2", "hover", TEXT],
  ["ink-3", "canvas", TEXT],
  ["ink-3", "surface", TEXT],
  ["ink-3", "sunken", TEXT],
  ["on-ink", "ink", BODY],
  ["on-accent", "accent", TEXT],
  ["on-accent", "accent-hover", TEXT],
  ["on-danger", "danger", TEXT],
  ["accent-ink", "canvas", TEXT],
  ["accent-ink", "surface", TEXT],
  ["on-plate", "plate", BODY],
  ["on-camera", "camera", BODY],
  ...STATUSES.map((name): [string, string, number] => [`${name}-ink`, `${name}-soft`, TEXT]),
  ["line-control", "surface", CONTROL],
  ["line-control", "canvas", CONTROL],
  ["focus", "canvas", CONTROL],
  ["focus", "surface", CONTROL],
  ...["c1", "c2", "c3", "c4", "c5", "c6"].flatMap((name): [string, string, number][] => [
    [name, "surface", CONTROL],
    // The numbers of seats, which no tool that looks at the page can see on a canvas.
    ["seat-label", name, TEXT],
  ]),
];

describe.each(["light", "dark"] as const)("contrast in the %s theme", (theme) => {
  it.each(PAIRS)("%s on %s is at least %d", (front, back, least) => {
    expect(contrast(token(front, theme, 264), token(back, theme, 264))).toBeGreaterThanOrEqual(least);
  });

  it("holds for every hue an organiser can pick", () => {
    const pairs = PAIRS.filter(([front, back]) => `${front} ${back}`.includes("accent"));
    const failing = Array.from({ length: 360 }, (_, hue) => hue).flatMap((hue) =>
      pairs
        .filter(([front, back, least]) => contrast(token(front, theme, hue), token(back, theme, hue)) < least)
        .map((pair) => [hue, ...pair]),
    );
    expect(failing).toEqual([]);
  });
});

it("knows that black on white is 21 and that a pale grey fails", () => {
  expect(contrast([0, 0, 0], [1, 1, 1])).toBeCloseTo(21);
  expect(contrast(inGamut(0.8, 0, 0), [1, 1, 1])).toBeLessThan(TEXT);
});

describe("the source", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(css|ts|tsx)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join("src", path), "utf8") }));

  it("names no colour outside tokens.css", () => {
    const colour =
      /#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b(?!-)|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|hwb)\(|style=\{\{\s*(?:color|background)/gi;
    const found = files
      .filter((file) => !file.path.endsWith("tokens.css"))
      .flatMap((file) => (file.text.match(colour) ?? []).map((match) => `${file.path}: ${match}`));
    expect(found).toEqual([]);
  });

  it("keeps every file under 500 lines", () => {
    // The two component layers are lists of small rules, not logic.
    const long = files
      .filter((file) => !file.path.endsWith(".css") && file.text.split("\n").length > 500)
      .map((file) => file.path);
    expect(long).toEqual([]);
  });

  it("documents every public class in the README", () => {
    const readme = readFileSync("src/design/README.md", "utf8");
    const classes = new Set(
      files
        .filter((file) => /public\.css$/.test(file.path))
        .flatMap((file) => [...file.text.matchAll(/\.([a-z][a-z-]+)/g)].map((match) => match[1] ?? "")),
    );
    expect([...classes].filter((name) => !readme.includes(name))).toEqual([]);
  });
});
