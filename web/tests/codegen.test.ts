import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

it("has types made from the committed document: run npm run codegen", () => {
  const hash = createHash("sha256").update(read("../openapi.json")).digest("hex");
  expect(read("../src/core/api-types.ts").split("\n", 1)).toEqual([
    `// Made by "npm run codegen" from openapi.json ${hash}`,
  ]);
});
