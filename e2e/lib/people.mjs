// Organisers: signing in through the pages, and events made through the API.

/** Fills the sign-in page that is open, with the code of the mail. */
export async function fillSignIn(page, api, email) {
  await page.getByLabel("E-mail").fill(email);
  const code = await api.signInCode(email, async () => {
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByLabel("Code").waitFor();
  });
  await page.getByLabel("Code").fill(code);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
}

/** Signs in on the server's own page; ends at `path`. */
export async function signInOnPage(page, api, email, path) {
  await page.goto(`/login?${new URLSearchParams({ return_to: path })}`);
  await fillSignIn(page, api, email);
  await page.waitForURL((url) => url.pathname + url.search === path);
}

/** Eight in the evening, so many days from now, as it stands on the wall. */
export function evening(days) {
  return `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T20:00`;
}

/** An organisation of its own with a published event; answers their paths and the ids of the ticket types. */
export async function publishedEvent(api, token, { title, types, organisation = "Quiet Nights" }) {
  const made = await api.call("POST", "/organisations", {
    token,
    json: { name: organisation, currency: "EUR", time_zone: "Europe/Amsterdam" },
  });
  const events = `/organisations/${made.id}/events`;
  const event = await api.call("POST", events, {
    token,
    json: {
      title,
      starts_local: evening(30),
      ends_local: evening(31),
      zone: "Europe/Amsterdam",
      attendance: "in_person",
      venue_name: "The Shed",
      city: "Utrecht",
      currency: "EUR",
    },
  });
  const path = `${events}/${event.id}`;
  const ids = [];
  for (const json of types) ids.push((await api.call("POST", `${path}/ticket-types`, { token, json })).id);
  await api.call("POST", `${path}/publish`, { token, json: {} });
  return { organisation: made.id, id: event.id, slug: event.slug, path, types: ids };
}
