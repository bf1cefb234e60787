// Makes src/design/icons.svg, the sprite of the server's templates, from the icons that the app uses too.
import { writeFileSync } from "node:fs";
import * as icons from "lucide-react/dynamicIconImports.mjs";

const NAMES = [
  "calendar",
  "map-pin",
  "clock",
  "ticket",
  "user",
  "users",
  "mail",
  "search",
  "check",
  "x",
  "plus",
  "minus",
  "arrow-left",
  "arrow-right",
  "chevron-down",
  "share-2",
  "copy",
  "download",
  "calendar-plus",
  "external-link",
  "circle-check",
  "circle-alert",
  "triangle-alert",
  "circle-x",
  "info",
  "sun",
  "moon",
  "globe",
  "credit-card",
  "qr-code",
  "video",
  "log-out",
  "file-text",
  "menu",
  "refresh-cw",
  "building-2",
  "receipt",
];

const symbols = [];
for (const name of NAMES) {
  const { node } = (await icons.default[name]()).__iconData;
  if (!node) throw new Error(`lucide has no icon ${name}`);
  const shapes = node
    .map(([tag, { key, ...attributes }]) => {
      const text = Object.entries(attributes)
        .map(([k, v]) => ` ${k}="${v}"`)
        .join("");
      return `<${tag}${text}/>`;
    })
    .join("");
  symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`);
}
writeFileSync("src/design/icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
console.log(`${symbols.length} icons`);
