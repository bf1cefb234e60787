// Light or dark: the system decides until a person chooses; the choice is a cookie, so that the server renders it.

export type Theme = "light" | "dark";

const YEAR_SECONDS = 31_536_000;

export function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

export function setTheme(theme: Theme) {
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}
