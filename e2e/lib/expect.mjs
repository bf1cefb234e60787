// Checks that say what they saw.
import { isDeepStrictEqual } from "node:util";

export function equal(found, wanted, what) {
  if (!isDeepStrictEqual(found, wanted)) {
    throw new Error(`${what}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
  }
}

export function matches(text, pattern, what) {
  if (!pattern.test(text)) throw new Error(`${what}: ${pattern} is not in ${JSON.stringify(text.slice(0, 2000))}`);
}

const PATIENCE_MILLISECONDS = 15_000;

/** Asks again until there is an answer that is not null, undefined or false. */
export async function eventually(ask, what, pause = 200) {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, pause));
  }
}

/** Nothing may have gone wrong in the background. */
export function quiet(complaints) {
  equal(complaints, [], "complaints of the browser");
}
