// Makes src/core/api-types.ts from openapi.json. With the address of a running server, openapi.json is fetched from it first:
//   npm run codegen -- http://127.0.0.1:3000
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENT = new URL("../openapi.json", import.meta.url);
const TYPES = new URL("../src/core/api-types.ts", import.meta.url);

/** The address of a server and the version say nothing about shapes, so they do not stand in the committed document. */
function withoutServer({ servers, ...document }) {
  return { ...document, info: { ...document.info, version: "0" } };
}

async function fetchDocument(server) {
  const answer = await fetch(new URL("/api/v1/openapi.json", server));
  if (!answer.ok) throw new Error(`${server} answered ${answer.status}`);
  await writeFile(DOCUMENT, `${JSON.stringify(withoutServer(await answer.json()), null, 1)}\n`);
}

const nameOf = (reference) => reference.slice("#/components/schemas/".length);

/** Every schema that this one is made of, itself included. */
function collect(node, schemas, found) {
  if (typeof node !== "object" || node === null) return found;
  if (typeof node.$ref === "string" && !found.has(nameOf(node.$ref))) {
    found.add(nameOf(node.$ref));
    collect(schemas[nameOf(node.$ref)], schemas, found);
  }
  for (const part of Object.values(node)) collect(part, schemas, found);
  return found;
}

/**
 * The server writes every field of an answer, null included; its document calls those that may be null optional.
 * The app names paths itself and needs only the shapes, so the paths go.
 */
function fillAnswers(document) {
  const { schemas } = document.components;
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const sent = collect(
    operations.map((operation) => operation.requestBody ?? null),
    schemas,
    new Set(),
  );
  for (const [name, schema] of Object.entries(schemas)) {
    if (sent.has(name)) continue;
    for (const part of [schema, ...(schema.allOf ?? [])]) {
      if (part.properties) part.required = Object.keys(part.properties);
    }
  }
  return { ...document, paths: {} };
}

/** Descriptions are read at /docs/api; here they would be thousands of lines. */
function withoutWords(node) {
  if (Array.isArray(node)) return node.map(withoutWords);
  if (typeof node !== "object" || node === null) return node;
  const isNamed = typeof node.description === "object";
  const kept = Object.entries(node).filter(
    ([key]) => isNamed || !["description", "format", "example", "examples"].includes(key),
  );
  return Object.fromEntries(kept.map(([key, part]) => [key, withoutWords(part)]));
}

/** One line for each schema, which is how a change of the API is best read. */
function folded(text) {
  return text.replaceAll(/\n {12,}|\n {8}(?=[}\]])/g, " ");
}

const [server] = process.argv.slice(2);
if (server) await fetchDocument(server);
const text = await readFile(DOCUMENT, "utf8");
const hash = createHash("sha256").update(text).digest("hex");
const nodes = await openapiTS(withoutWords(fillAnswers(JSON.parse(text))), { alphabetize: true });
await writeFile(TYPES, `// Made by "npm run codegen" from openapi.json ${hash}\n${folded(astToString(nodes))}`);
