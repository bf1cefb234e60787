// A free order with JavaScript: the steppers, the total and the countdown help; a sold-out event says so.
import { visitor } from "../lib/browser.mjs";
import { equal, matches, quiet } from "../lib/expect.mjs";
import { publishedEvent } from "../lib/people.mjs";

export async function journey({ url, browser, api, step }) {
  const token = await api.signIn("frida.free@example.org");
  const event = await publishedEvent(api, token, {
    title: "A quiet night",
    types: [{ name: "Cushion", pricing: "free", capacity: 3 }],
  });
  const { page, complaints, close } = await visitor(browser, url);
  const main = page.getByRole("main");

  await step("the stepper counts, and stops at what is left", async () => {
    await page.goto(`/e/${event.slug}`);
    const quantity = page.getByLabel("Number of tickets: Cushion");
    const more = page.getByRole("button", { name: /more|add|increase|one more/i }).first();
    for (let click = 0; click < 5 && (await more.isEnabled()); click += 1) await more.click();
    equal(await quantity.inputValue(), "3", "the quantity");
  });

  await step("the checkout counts down", async () => {
    await main.getByRole("button", { name: /Get tickets|Get|RSVP|Register/ }).click();
    await page.waitForURL(/\/checkout\//);
    matches(await page.locator("x-countdown").innerText(), /^\d{1,2}:\d{2}$/, "the countdown");
    const before = await page.locator("x-countdown").innerText();
    await page.waitForFunction((text) => document.querySelector("x-countdown")?.textContent !== text, before);
  });

  await step("a free order is confirmed at once", async () => {
    await page.locator("#name").fill("Frida Free");
    await page.locator("#email").fill("frida.guest@example.org");
    await main.locator("button.btn-primary").click();
    await page.getByRole("heading", { name: /You.re going/ }).waitFor();
    equal(await page.locator(".ticket .qr svg").count(), 3, "QR codes");
  });

  await step("the event is sold out now and says so", async () => {
    await page.goto(`/e/${event.slug}`);
    matches(await page.locator("#tickets").innerText(), /sold out/i, "the ticket card");
    equal(await main.getByRole("button", { name: /Get tickets/ }).count(), 0, "buttons to buy");
  });

  await step("the running total adds up", async () => {
    await page.goto("/e/tideline-conf");
    await page.getByLabel("Number of tickets: Regular").fill("2");
    await page.getByLabel("Number of tickets: Student").fill("1");
    matches(await page.locator("x-total").innerText(), /538/, "the total");
  });

  await step("nothing went wrong on the way", () => quiet(complaints));
  await close();
}
