// A ticket is bought and shown with JavaScript off, from the list of events to the letter with its files.
import { visitor } from "../lib/browser.mjs";
import { equal, eventually, matches, quiet } from "../lib/expect.mjs";

const EVENT = "Tideline Conf";
const BUYER = "nora.noscript@example.org";

export async function journey({ url, browser, api, step }) {
  const { page, complaints, close } = await visitor(browser, url, {
    javaScriptEnabled: false,
    // The form that is sent incomplete on purpose.
    expected: [/status of 422/],
  });
  const main = page.getByRole("main");

  await step("discover leads to the event", async () => {
    await page.goto("/discover");
    await page.getByRole("link", { name: EVENT }).click();
    matches(new URL(page.url()).pathname, /^\/e\/tideline-conf$/, "the address");
    equal(await page.getByRole("heading", { level: 1 }).innerText(), EVENT, "the title");
  });

  await step("two tickets are put aside", async () => {
    await page.getByLabel("Number of tickets: Regular").fill("2");
    await main.getByRole("button", { name: "Get tickets" }).click();
    matches(new URL(page.url()).pathname, /^\/checkout\/hld_/, "the address");
    matches(await page.getByRole("complementary", { name: "Your order" }).innerText(), /2 × Regular[^]*€498\.00/, "the order");
  });

  await step("an incomplete form says what is missing and keeps what was typed", async () => {
    await page.locator("form[method=post]").evaluateAll((forms) => {
      for (const form of forms) form.noValidate = true;
    });
    await page.getByLabel("Name", { exact: true }).or(page.getByLabel("Your name")).first().fill("Nora Noscript");
    await page.getByLabel("E-mail").fill("nora");
    await main.getByRole("button", { name: /^Pay|^Continue|€/ }).click();
    matches(await page.locator("#errors").innerText(), /e-mail/i, "the summary of errors");
    equal(await page.locator("#name").inputValue(), "Nora Noscript", "the name");
  });

  await step("payment is taken on the provider's page", async () => {
    await page.getByLabel("E-mail").fill(BUYER);
    await main.getByRole("button", { name: /^Pay|^Continue|€/ }).click();
    matches(new URL(page.url()).pathname, /^\/pay\/test\//, "the address");
    await page.getByRole("button", { name: "Pay €498.00" }).click();
    matches(new URL(page.url()).pathname, /^\/o\/[0-9A-Z]{8}\//, "the address");
  });

  await step("the order's page shows the tickets once the money is there", async () => {
    await eventually(async () => {
      if (await page.getByRole("heading", { name: /You.re going/ }).count()) return true;
      await page.reload();
      return false;
    }, "the paid order", 500);
    equal(await page.locator(".ticket .qr svg").count(), 2, "QR codes");
    const pdf = await page.request.get(await page.getByRole("link", { name: "Tickets as PDF" }).getAttribute("href"));
    equal([pdf.status(), (await pdf.body()).subarray(0, 5).toString()], [200, "%PDF-"], "the PDF");
    const calendar = await page.request.get(await page.getByRole("link", { name: "Add to calendar" }).getAttribute("href"));
    matches(await calendar.text(), /^BEGIN:VCALENDAR[^]*BEGIN:VTIMEZONE/, "the calendar file");
  });

  await step("one ticket is shown alone", async () => {
    await page.getByRole("link", { name: "Show at the door" }).first().click();
    await page.locator(".ticket-full .qr svg").waitFor();
    matches(await main.innerText(), /[0-9A-Z]{8}-1/, "the ticket's code");
  });

  await step("the letter has the PDF and the calendar file", async () => {
    await api.mail(BUYER, /ticket/i);
    await page.goto(`/dev/mail?q=${encodeURIComponent(BUYER)}`);
    await page.getByRole("link", { name: /ticket/i }).first().click();
    const files = await page.locator("a[download]").allInnerTexts();
    equal(files.map((name) => name.trim().split(".").pop()).sort(), ["ics", "pdf"], "the files");
    matches(await page.frameLocator("iframe").locator("body").innerText(), /Tideline Conf/, "the letter");
  });

  await step("nothing went wrong on the way", () => quiet(complaints));
  await close();
}
