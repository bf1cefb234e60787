// Chromium, and contexts that notice what people would not see: script errors, refused files, violations of the policy.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const TIMEOUT_MILLISECONDS = 10_000;

export function launch(args = []) {
  const executablePath = process.env.CHROMIUM ?? BROWSERS.find((path) => existsSync(path));
  if (!executablePath) throw new Error("no Chromium; install one or name it in CHROMIUM");
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=en-GB", ...args],
    env: { ...process.env, LANG: "en_US.UTF-8" },
  });
}

/**
 * A browser of its own for one person. `complaints` collects what went wrong in any of its pages; a complaint that matches a
 * pattern of `expected` is part of the story.
 */
export async function visitor(browser, url, options = {}) {
  const { expected = [], ...rest } = options;
  const context = await browser.newContext({
    baseURL: url,
    locale: "en-GB",
    timezoneId: "Europe/Amsterdam",
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    ...rest,
  });
  context.setDefaultTimeout(TIMEOUT_MILLISECONDS);
  const complaints = [];
  const note = (page, text) => {
    if (!expected.some((pattern) => pattern.test(text))) complaints.push(`${new URL(page.url()).pathname}: ${text}`);
  };
  context.on("page", (page) => {
    page.on("pageerror", (error) => note(page, `script error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") note(page, `${message.text()} ${message.location().url}`);
    });
  });
  return { context, complaints, page: await context.newPage(), close: () => context.close() };
}

/** Sets the theme as the button of the pages does. */
export async function setTheme(context, url, theme) {
  await context.addCookies([{ name: "theme", value: theme, url }]);
}
