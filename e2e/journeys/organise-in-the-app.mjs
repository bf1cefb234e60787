// An organiser's day in the app: an event on one screen, out into the world, sold, cancelled, edited by two people at once.
import { visitor } from "../lib/browser.mjs";
import { equal, eventually, matches, quiet } from "../lib/expect.mjs";
import { fillSignIn } from "../lib/people.mjs";

const ORGANISER = "olga.organiser@example.org";
const TITLE = "An evening of lanterns";

export async function journey({ url, browser, api, step }) {
  const { page, complaints, close } = await visitor(browser, url, {
    permissions: ["clipboard-read", "clipboard-write"],
    // The edit that comes too late is part of the story, and so is the first visit without a session.
    expected: [/status of 412/, /status of 401.*\/api\/v1\/me/],
  });
  const part = (name) => page.getByRole("navigation").getByRole("link", { name, exact: true });

  await step("the app sends to the sign-in page, which leads back", async () => {
    await page.goto("/app");
    await page.waitForURL(/\/login\?return_to=%2Fapp/);
    await fillSignIn(page, api, ORGANISER);
    await page.waitForURL(/\/app$/);
    await page.getByRole("heading", { name: "Name your organisation" }).waitFor();
  });

  await step("an organisation is named", async () => {
    await page.getByLabel("Name", { exact: true }).fill("Lantern Hall");
    await page.getByLabel("Time zone").selectOption("Europe/Amsterdam");
    await page.getByRole("button", { name: "Create organisation" }).click();
    await page.getByText("No events yet").waitFor();
  });

  await step("an event is created on one screen", async () => {
    await page.getByRole("link", { name: "Create event" }).first().click();
    await page.getByLabel("Title").fill(TITLE);
    await page.getByLabel("Venue").fill("Lantern Hall");
    await page.getByLabel("City").fill("Utrecht");
    await page.getByLabel("Country").fill("Netherlands");
    await page.getByLabel("Price in EUR").fill("12,50");
    await page.getByLabel("How many").fill("20");
    await page.getByRole("button", { name: "Create event" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    matches(await page.getByRole("region", { name: "Before you publish" }).innerText(), /All set/, "the readiness list");
  });

  await step("it is published", async () => {
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    await page.getByText("Published. People can see it now.").waitFor();
    const address = await page.getByRole("link", { name: "View event page" }).getAttribute("href");
    equal((await fetch(address)).status, 200, "the public page");
  });

  const token = await api.signIn(ORGANISER);
  const me = await api.call("GET", "/me", { token });
  const organisation = `/organisations/${me.organisations[0].id}`;
  const { items } = await api.call("GET", `${organisation}/events`, { token });
  const event = items[0];
  const path = `${organisation}/events/${event.id}`;
  const types = await api.call("GET", `${path}/ticket-types`, { token });
  const bought = await api.order(event.slug, types.items[0].id, {
    quantity: 2,
    name: "Zoë van den Heuvel",
    email: "zoe@example.org",
    attendees: [{ name: "Zoë van den Heuvel" }, { name: "李小龍" }],
  });

  await step("the overview shows what was sold", async () => {
    await page.reload();
    const numbers = page.locator(".kpis");
    await numbers.waitFor();
    matches(await numbers.innerText(), /€25[^]*2[^]*of 20[^]*1[^]*10%/, "the numbers");
    await page.getByRole("region", { name: "Latest orders" }).getByText("Zoë van den Heuvel").waitFor();
  });

  await step("orders and attendees show it", async () => {
    await part("Orders").click();
    await page.getByRole("cell", { name: bought.code }).waitFor();
    await part("Attendees").click();
    await page.getByRole("cell", { name: "李小龍" }).waitFor();
    await page.getByRole("searchbox", { name: /Search name/ }).fill("李小");
    await eventually(async () => (await page.getByRole("row").count()) === 2, "one attendee and the head of the table");
  });

  await step("the tickets are sent again", async () => {
    await part("Orders").click();
    await page.getByRole("button", { name: bought.code }).click();
    await page.getByRole("button", { name: "Resend tickets" }).click();
    await page.getByText("The tickets are on their way again.").waitFor();
  });

  await step("the order is cancelled and the money goes back", async () => {
    await page.getByRole("button", { name: "Cancel order" }).click();
    await page.getByRole("button", { name: "Cancel and refund €25.00" }).click();
    await page.getByText("Cancelled. The refund is on its way.").waitFor();
    const shown = await eventually(async () => {
      const text = await page.locator(".panel").innerText();
      return /€25\.00 refunded/.test(text) && text;
    }, "the refund in the panel");
    matches(shown, /Cancelled/, "the panel");
    await page.keyboard.press("Escape");
  });

  await step("a ticket type is edited, and the capacity", async () => {
    await part("Tickets").click();
    await page.getByRole("button", { name: "General admission" }).click();
    await page.getByLabel("Price in EUR").fill("15");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Ticket type saved.").waitFor();
    await page.getByText("€15.00").waitFor();
    await page.getByRole("button", { name: "Change" }).click();
    await page.getByLabel("Places").fill("25");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Capacity saved.").waitFor();
  });

  await step("a cover is put up", async () => {
    await part("Settings").click();
    await page.getByLabel("Cover picture").setInputFiles(await picture(page));
    await page.getByText("Cover saved.").waitFor();
    await page.locator(".cover-hero img").waitFor();
  });

  await step("an edit that comes too late is told so, and can be made again", async () => {
    const now = await api.call("GET", path, { token });
    await api.call("PATCH", path, { token, json: { summary: "Bring a lantern." }, headers: { "If-Match": `"${now.version}"` } });
    await page.getByLabel("Title").fill(`${TITLE}, again`);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Somebody else changed this event meanwhile").waitFor();
    await page.getByRole("button", { name: "Load" }).click();
    await eventually(async () => (await page.getByLabel("Summary").inputValue()) === "Bring a lantern.", "the newer version");
    await page.getByLabel("Title").fill(`${TITLE}, again`);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved.", { exact: true }).waitFor();
    equal((await api.call("GET", path, { token })).title, `${TITLE}, again`, "the title");
  });

  await step("somebody is invited to the team", async () => {
    await page.goto("/app/members");
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByLabel("E-mail").fill("iris.invited@example.org");
    await page.getByRole("dialog").getByLabel("Role").selectOption("box_office");
    await page.getByRole("button", { name: "Send invitation" }).click();
    await page.getByRole("region", { name: "Invitations" }).getByText("iris.invited@example.org").waitFor();
    await accept(browser, url, api);
    await page.reload();
    await page.getByRole("region", { name: "Members" }).getByText("iris.invited@example.org").first().waitFor();
  });

  await step("a name is given, and another session is ended", async () => {
    await page.goto("/app/account");
    await page.getByLabel("Name", { exact: true }).fill("Olga Organiser");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: /Account of\s+Olga Organiser/ }).waitFor();
    // The program that ordered the tickets above signed in for itself.
    const other = page.getByRole("region", { name: "Where you are signed in" }).getByRole("button", { name: "Sign out" });
    await other.click();
    await page.getByText("Signed out there.").waitFor();
    await other.waitFor({ state: "detached" });
  });

  await step("nothing went wrong on the way", () => quiet(complaints));
  await close();
}

/** A picture of 1200 by 675 pixels, drawn by the browser itself. */
async function picture(page) {
  const data = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1200, height: 675 });
    const pen = canvas.getContext("2d");
    const paint = pen.createLinearGradient(0, 0, 1200, 675);
    paint.addColorStop(0, "darkorange");
    paint.addColorStop(1, "midnightblue");
    pen.fillStyle = paint;
    pen.fillRect(0, 0, 1200, 675);
    return canvas.toDataURL("image/jpeg").split(",")[1];
  });
  return { name: "lanterns.jpg", mimeType: "image/jpeg", buffer: Buffer.from(data, "base64") };
}

/** The invited person follows the link of the letter, signs in and joins. */
async function accept(browser, url, api) {
  const { text } = await api.mail("iris.invited@example.org", /invit|join/i);
  const link = /\S+\/app\/invitations#token=\S+/.exec(text)[0];
  const { page, complaints, close } = await visitor(browser, url, { expected: [/status of 401.*\/api\/v1\/me/] });
  await page.goto(link);
  await page.getByRole("link", { name: "Sign in to accept" }).click();
  await fillSignIn(page, api, "iris.invited@example.org");
  await page.getByRole("button", { name: "Accept invitation" }).click();
  await page.getByRole("heading", { name: "Events" }).waitFor();
  quiet(complaints);
  await close();
}
