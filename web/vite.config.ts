import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: "/",
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "~": here("./src") } },
  worker: { format: "es" },
  build: {
    manifest: true,
    target: ["chrome111", "safari16.4", "firefox113"],
    cssTarget: ["chrome111", "safari16.4", "firefox113"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { site: here("./src/site/site.ts"), app: here("./src/app/main.tsx") },
    },
  },
});
