// A server of our own: a free port, a fresh data directory, demo data; gone without a trace afterwards.
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const READY_MILLISECONDS = 120_000;
const STOP_MILLISECONDS = 20_000;
const LOG_LINES_KEPT = 60;
const BINARY = join(import.meta.dirname, "../../target/debug/turnout");

/** The machine's own settings must not reach the server under test. */
function environment() {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("TURNOUT_") && name !== "DATABASE_URL");
  return Object.fromEntries(kept);
}

export async function startServer() {
  if (process.env.E2E_URL) return { url: process.env.E2E_URL, stop: async () => undefined };
  const directory = mkdtempSync(join(tmpdir(), "turnout-e2e-"));
  // PostgreSQL may run as another user, who passes through it.
  chmodSync(directory, 0o755);
  const binary = process.env.TURNOUT_BIN ?? BINARY;
  const child = spawn(binary, ["serve", "--demo", "--data", join(directory, "data"), "--listen", "127.0.0.1:0"], {
    cwd: directory,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise((done) => child.once("exit", done));
  child.once("error", (error) => console.error(`${binary}: ${error.message}`));
  const log = [];
  let url = null;
  const read = (chunk) => {
    for (const line of String(chunk).split("\n").filter(Boolean)) {
      // Printed when the demo's story is told and the address is known.
      url ??= /Discover events\s+(http\S+?)\/?\s*$/.exec(line)?.[1] ?? null;
      log.push(line);
      if (log.length > LOG_LINES_KEPT) log.shift();
    }
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);

  const stop = async (tellsLog = false) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MILLISECONDS);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await exited;
    }
    clearTimeout(timer);
    rmSync(directory, { recursive: true, force: true });
    if (tellsLog) console.log(`The end of the server's log:\n${log.join("\n")}`);
  };

  const deadline = Date.now() + READY_MILLISECONDS;
  while (!(url && (await isReady(url)))) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
      await stop(true);
      throw new Error(`the server ${binary} did not become ready`);
    }
    await new Promise((done) => setTimeout(done, 200));
  }
  return { url, stop };
}

async function isReady(url) {
  return fetch(`${url}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );
}
