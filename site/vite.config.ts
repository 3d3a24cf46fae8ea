import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

import { sealedAssets } from "./plugins/sealedAssets.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Every page is an HTML file beside this one; a new page needs no change here. */
const pages = readdirSync(root).filter((name) => name.endsWith(".html"));

export default defineConfig({
  root,
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [sealedAssets()],
  build: {
    outDir: "../src/dojang/web/site",
    emptyOutDir: true,
    target: "es2022",
    // The strict CSP allows no inline script and every browser we support preloads modules.
    modulePreload: { polyfill: false },
    // A data: URL would need an exception in the CSP.
    assetsInlineLimit: 0,
    rolldownOptions: { checks: { pluginTimings: false }, input: pages.map((name) => `${root}${name}`) },
  },
  test: {
    environment: "node",
    // Two-party ceremonies in software on a loaded machine.
    testTimeout: 30_000,
    include: ["src/**/*.test.ts", "plugins/**/*.test.ts"],
  },
});
