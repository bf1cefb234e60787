// Every page in both themes, wide and narrow: nothing that keeps people out, nothing wrong in the background, and a picture of each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTheme, visitor } from "../lib/browser.mjs";
import { equal, quiet } from "../lib/expect.mjs";
import { signInOnPage } from "../lib/people.mjs";
import { doorPages, memberPages, prepare, publicPages } from "../lib/places.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [1280, 390];
const HEIGHTS = { 1280: 800, 390: 844 };

/** Violations that keep people out, as lines to read. axe runs apart from the page's policy, as an extension would. */
async function violations(page) {
  const found = await page.evaluate(
    `${AXE}; axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)`,
  );
  return found
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`));
}

async function open(page, place) {
  // From elsewhere, since a step to another #part would load nothing.
  await page.goto("about:blank");
  const answer = await page.goto(place.path, { waitUntil: "load" });
  if (place.ready) await page.getByText(place.ready).filter({ visible: true }).first().waitFor();
  if (place.opens === "first-order") {
    await page.locator("td .link, .row-link").filter({ visible: true }).first().click();
    await page.getByRole("dialog").getByText("E-mail").waitFor();
  }
  return answer.status();
}

async function look({ context, page, url, shots }, place, theme) {
  const problems = [];
  await setTheme(context, url, theme);
  const status = await open(page, place);
  if (status !== (place.status ?? 200)) problems.push(`answered ${status}`);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHTS[width] });
    problems.push(...(await violations(page)).map((text) => `${width} ${theme}: ${text}`));
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wider > 0) problems.push(`${width} ${theme}: scrolls ${wider} px to the side`);
    const path = join(shots, `${place.name}-${width}-${theme}.png`);
    await page.screenshot({ path, fullPage: !place.isEndless, animations: "disabled" });
  }
  return problems;
}

export async function journey({ url, browser, api, shots, step }) {
  const world = await step("pages have something to show", () => prepare(api));
  const parts = [
    { who: "guest", places: publicPages(world), expected: [/status of 404.*\/no\/such\/page/] },
    { who: "member", places: memberPages(world), signsIn: true },
    { who: "door", places: doorPages(world), permissions: ["camera"] },
  ];
  for (const { who, places, signsIn = false, ...options } of parts) {
    const person = await visitor(browser, url, options);
    if (signsIn) await signInOnPage(person.page, api, world.owner, "/app");
    for (const place of places) {
      await attempt(step, `${who}: ${place.name}`, async () => {
        const problems = [];
        for (const theme of ["light", "dark"]) problems.push(...(await look({ ...person, url, shots }, place, theme)));
        equal(problems, [], "problems");
        quiet(person.complaints.splice(0));
      });
    }
    await person.close();
  }
}

/** One page that fails does not keep the others from being looked at. */
async function attempt(step, text, run) {
  await step(text, run).catch(() => undefined);
}
