// Plays the journeys in journeys/ against a server of its own, in Debian's Chromium. `node e2e/run.mjs [name ...]` plays some.
// TURNOUT_BIN names another binary, CHROMIUM another browser, E2E_URL a server that is running already (with demo data).
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

const HERE = import.meta.dirname;
const SHOTS = join(HERE, "shots");

if (!existsSync(join(HERE, "node_modules"))) {
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: HERE, stdio: "inherit" });
}
const { launch } = await import("./lib/browser.mjs");
const { makeApi } = await import("./lib/api.mjs");
const { startServer } = await import("./lib/server.mjs");

const wanted = process.argv.slice(2);
const names = readdirSync(join(HERE, "journeys"))
  .filter((file) => file.endsWith(".mjs"))
  .map((file) => file.slice(0, -".mjs".length))
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .sort();

/** Plays one journey: its steps are printed as they end, and the first that fails ends it. */
async function play(name, world) {
  const counts = { passed: 0, failed: 0 };
  const step = async (text, run) => {
    const started = Date.now();
    try {
      const result = await run();
      counts.passed += 1;
      console.log(`ok      ${name}: ${text} (${Date.now() - started} ms)`);
      return result;
    } catch (error) {
      counts.failed += 1;
      console.log(`FAILED  ${name}: ${text}\n${String(error?.stack ?? error).replaceAll(/^/gm, "        ")}`);
      throw new Error("ended", { cause: "step" });
    }
  };
  try {
    const { journey } = await import(`./journeys/${name}.mjs`);
    await journey({ ...world, step });
  } catch (error) {
    if (error?.cause !== "step") {
      counts.failed += 1;
      console.log(`FAILED  ${name}\n${String(error?.stack ?? error).replaceAll(/^/gm, "        ")}`);
    }
  }
  return counts;
}

const started = Date.now();
const total = { passed: 0, failed: 0 };
mkdirSync(SHOTS, { recursive: true });
const server = await startServer().catch((error) => {
  console.log(`FAILED  ${error.message}\n0 passed, 1 failed`);
  process.exit(1);
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => server.stop().finally(() => process.exit(130)));
}
const browser = await launch();
try {
  for (const name of names) {
    const counts = await play(name, { url: server.url, api: makeApi(server.url), browser, shots: SHOTS });
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
} finally {
  await browser.close();
  await server.stop(total.failed > 0);
}
console.log(`${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
