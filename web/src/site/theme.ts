// The theme button: sets data-theme and remembers it in the cookie that the server renders from.
import { isDark, setTheme } from "../core/theme";

export function wireThemeButtons() {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-theme-toggle]")) {
    button.hidden = false;
    button.addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
  }
}
