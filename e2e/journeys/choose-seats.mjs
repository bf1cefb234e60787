// Seats are chosen on the drawing of the hall with the keyboard, the mouse and the list, while somebody else buys one of them.
import { visitor } from "../lib/browser.mjs";
import { equal, eventually, matches, quiet } from "../lib/expect.mjs";

const SLUG = "glass-and-strings";

export async function journey({ url, browser, api, step }) {
  const { page, complaints, close } = await visitor(browser, url, {});
  const said = page.locator(".seat-said");
  const chosen = page.locator("#chosen-seats");
  const canvas = page.locator("x-seats canvas");

  await step("the event leads to its hall", async () => {
    await page.goto(`/e/${SLUG}`);
    await page.getByRole("link", { name: "Choose seats" }).click();
    await canvas.waitFor();
    matches(await chosen.innerText(), /Nothing is chosen yet/, "the choice");
    // The statuses come over the stream, and the list follows them.
    await eventually(async () => (await page.locator(".seat-box.is-taken").count()) > 0, "taken seats");
  });

  await step("arrow keys and Enter choose seats, and the list shows them", async () => {
    await canvas.focus();
    // From the first seat of row 1 down to row 6, and one to the right.
    for (const key of ["ArrowDown", ...Array(5).fill("ArrowDown"), "ArrowRight", "Enter", "ArrowRight", "Enter"]) await page.keyboard.press(key);
    matches(await said.innerText(), /^Stalls, row 6, seat 3, €28\.00, is chosen\.$/, "what was said");
    matches(await chosen.innerText(), /row 6, seat 2[^]*row 6, seat 3[^]*Total · 2[^]*€56\.00/, "the choice");
    equal(await page.getByLabel("Stalls, row 6, seat 2, €28.00").isChecked(), true, "the box of the seat");
  });

  await step("the list chooses too, and takes back", async () => {
    await page.getByLabel("Stalls, row 6, seat 4, €28.00").check({ force: true });
    matches(await chosen.innerText(), /Total · 3[^]*€84\.00/, "the choice");
    await page.getByRole("button", { name: "Not Stalls, row 6, seat 3" }).click();
    equal(await page.getByLabel("Stalls, row 6, seat 3, €28.00").isChecked(), false, "the box of the seat");
    matches(await chosen.innerText(), /Total · 2/, "the choice");
  });

  await step("a click on the drawing chooses", async () => {
    await page.getByRole("button", { name: "Closer" }).click();
    const box = await canvas.boundingBox();
    await page.mouse.click(box.x + box.width / 2 - 60, box.y + box.height / 2);
    matches(await chosen.innerText(), /Total · 3/, "the choice");
    await page.mouse.click(box.x + box.width / 2 - 60, box.y + box.height / 2);
    matches(await chosen.innerText(), /Total · 2/, "the choice after a second click");
    await page.getByRole("button", { name: "The whole hall" }).click();
  });

  await step("a seat that somebody else takes leaves the choice", async () => {
    const { items } = await api.call("GET", `/events/${SLUG}/ticket-types`);
    const stalls = items.find((kind) => kind.name === "Stalls");
    const lines = [{ ticket_type_id: stalls.id, quantity: 1, seats: ["stalls-6-4"] }];
    await api.call("POST", `/events/${SLUG}/holds`, { json: { lines } });
    await eventually(async () => /Just taken by someone else: Stalls, row 6, seat 4/.test(await said.innerText()), "the news");
    matches(await chosen.innerText(), /row 6, seat 2[^]*Total · 1/, "the choice");
    equal(await page.locator('input[value="stalls-6-4"]').isDisabled(), true, "the box of the seat");
  });

  await step("the seat is held and named in the checkout", async () => {
    await page.getByRole("button", { name: "Hold these seats" }).click();
    matches(new URL(page.url()).pathname, /^\/checkout\/hld_/, "the address");
    const order = await page.getByRole("complementary", { name: "Your order" }).innerText();
    matches(order, /1 × Stalls[^]*Stalls, row 6, seat 2[^]*€28\.00/, "the order");
  });

  await step("nothing went wrong on the way", () => quiet(complaints));
  await close();
}
