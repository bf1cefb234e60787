// A phone at the door, opened by its link, reads a ticket with the camera: in once, in already, undone; so does a member.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, visitor } from "../lib/browser.mjs";
import { filmOf } from "../lib/camera.mjs";
import { eventually, matches, quiet } from "../lib/expect.mjs";
import { publishedEvent, signInOnPage } from "../lib/people.mjs";

const ORGANISER = "dora.door@example.org";

export async function journey({ url, browser, api, step }) {
  const token = await api.signIn(ORGANISER);
  const event = await publishedEvent(api, token, {
    title: "Behind the red door",
    types: [{ name: "Standing", pricing: "free", capacity: 10 }],
  });
  const order = await api.order(event.slug, event.types[0], { name: "Amara Okafor", email: "amara@example.org" });
  const list = await api.call("POST", `${event.path}/check-in-lists`, { token, json: { name: "Main door" } });
  const devices = `${event.path}/check-in-lists/${list.id}/devices`;
  const device = await api.call("POST", devices, { token, json: { name: "Phone of Ines" } });

  const directory = mkdtempSync(join(tmpdir(), "turnout-film-"));
  const film = join(directory, "ticket.y4m");
  const filming = await visitor(browser, url);
  await filmOf(filming.context, order.url, film);
  await filming.close();
  const phone = await launch([
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    `--use-file-for-fake-video-capture=${film}`,
  ]);
  try {
    await atTheDoor({ url, phone, device, step });
    await asMember({ url, phone, event, list, api, step });
  } finally {
    await phone.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const size = { viewport: { width: 390, height: 844 } };
const word = (page) => page.locator(".verdict-word");

function verdict(page, wanted) {
  return eventually(async () => {
    const found = await word(page).first().innerText({ timeout: 2000 }).catch(() => "");
    return found === wanted;
  }, `the verdict "${wanted}"`);
}

async function atTheDoor({ url, phone, device, step }) {
  const { page, complaints, close } = await visitor(phone, url, size);

  await step("the door link opens the scanner and the ticket is admitted", async () => {
    await page.goto(device.url);
    await verdict(page, "Admitted");
    matches(await page.locator(".verdict-text").innerText(), /Amara Okafor · Standing/, "the verdict");
    matches(page.url(), /\/app\/door$/, "the address, which no longer shows the token");
    await page.getByText("1 / 1").waitFor();
  });

  await step("undo lets it in again", async () => {
    await page.getByRole("button", { name: "Undo" }).click();
    await verdict(page, "Undone");
    await page.getByText("0 / 1").waitFor();
    await page.reload();
    await verdict(page, "Admitted");
  });

  await step("the same ticket again is in already", async () => {
    await page.reload();
    await verdict(page, "Already in");
    matches(await page.locator(".verdict-text").innerText(), /Scanned at .*Phone of Ines/, "the first scan");
  });

  await step("the name is found by typing", async () => {
    await page.getByLabel("Type a code, or search a name").fill("amara");
    await page.getByRole("button", { name: "Check" }).click();
    await page.getByRole("button", { name: "Amara Okafor" }).waitFor();
  });

  await step("nothing went wrong at the door", () => quiet(complaints));
  await close();
}

async function asMember({ url, phone, event, list, api, step }) {
  const { page, complaints, close } = await visitor(phone, url, size);
  await step("a member scans at the list of the app", async () => {
    await signInOnPage(page, api, ORGANISER, `/app/events/${event.id}/scan?list=${list.id}`);
    await verdict(page, "Already in");
    await page.getByRole("heading", { name: "Behind the red door" }).waitFor();
    quiet(complaints);
  });
  await close();
}
