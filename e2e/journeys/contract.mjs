// The types of the app are made from the document that this server gives out.
import { readFileSync } from "node:fs";
import { equal } from "../lib/expect.mjs";

const COMMITTED = new URL("../../web/openapi.json", import.meta.url);

export async function journey({ url, api, step }) {
  await step("web/openapi.json is current; else: (cd web && npm run codegen -- http://SERVER)", async () => {
    const { servers: _, ...served } = await api.call("GET", "/openapi.json");
    served.info.version = "0";
    const committed = JSON.parse(readFileSync(COMMITTED, "utf8"));
    const names = [...new Set([...Object.keys(served.paths), ...Object.keys(committed.paths)])];
    const differing = (part) => JSON.stringify(served.paths[part]) !== JSON.stringify(committed.paths[part]);
    equal(names.filter(differing), [], `paths of ${url} that the committed document tells otherwise`);
    equal(served.components.schemas, committed.components.schemas, "schemas");
  });
}
