import { readFileSync, writeFileSync } from "node:fs";
import { launch, visitor, setTheme } from "./lib/browser.mjs";
const port = readFileSync("/var/tmp/wt/queue-bin/port", "utf8").trim();
const url = `http://127.0.0.1:${port}`;
const sale = JSON.parse(readFileSync("/var/tmp/wt/queue-bin/sale.json", "utf8"));
const out = "/var/tmp/wt/queue-bin/";
const browser = await launch();
const api = (method, path, body) => fetch(url + path, { method, headers: { "content-type": "application/json", authorization: `Bearer ${sale.t}` }, body: body && JSON.stringify(body) });
const desk = await visitor(browser, url);
const phone = await visitor(browser, url, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 });
await setTheme(phone.context, url, "dark");
for (const v of [desk, phone]) {
  await v.page.goto(`/e/${sale.slug}/queue`);
}
await desk.page.screenshot({ path: out + "1-join-desk.png" });
await phone.page.screenshot({ path: out + "1-join-phone.png" });
// One whom the line lets in first, so that those two wait: they come after the draw.
await api("PUT", sale.P + "/waiting-room", { opens_at: new Date(Date.now() + 500).toISOString(), shoppers_min: 1, shoppers_max: 1 });
await new Promise((r) => setTimeout(r, 4000));
for (let i = 0; i < 1300; i += 50) await Promise.all(Array.from({ length: 50 }, () => fetch(`${url}/api/v1/events/${sale.slug}/waiting-room/place`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })));
for (const v of [desk, phone]) {
  await v.page.click("button[name=join]");
  await v.page.waitForTimeout(2500);
}
console.log(await desk.page.textContent("[data-queue=heading]"), "|", await desk.page.textContent("[data-queue=text]"), "|", await desk.page.textContent("[data-queue=note]"));
await desk.page.screenshot({ path: out + "2-wait-desk.png" });
await phone.page.screenshot({ path: out + "2-wait-phone.png" });
await api("PUT", sale.P + "/waiting-room", { opens_at: JSON.parse(await (await api("GET", sale.P + "/waiting-room")).text()).opens_at, shoppers_min: 2000, shoppers_max: 2000 });
await desk.page.waitForTimeout(12000);
console.log(await desk.page.textContent("[data-queue=heading]"), "|", await desk.page.textContent("[data-queue=text]"));
await desk.page.screenshot({ path: out + "3-later-desk.png" });
await api("POST", sale.P + "/pools", {});
console.log("complaints", desk.complaints, phone.complaints);
console.log(await (await api("GET", sale.P + "/waiting-room")).text());
await browser.close();
