import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

import { withIntegrity } from "./withIntegrity.ts";

const MANIFEST = "asset-manifest.json";

/**
 * Writes what the browser must receive: `integrity` (W3C SRI, SHA-384) on every script, stylesheet
 * and preload of our own pages, and `asset-manifest.json`, a map from file name to the hex SHA-256
 * of its bytes, for the service worker. It works on the written files, because the bundler still
 * edits the chunks (preload lists, hashes of dynamic imports) after the HTML was produced.
 */
export function sealedAssets(): Plugin {
  return {
    name: "dojang-sealed-assets",
    apply: "build",
    enforce: "post",
    writeBundle(options, bundle) {
      const folder = options.dir ?? ".";
      const names = Object.keys(bundle).sort();
      const digest = (name: string, algorithm: "sha256" | "sha384", as: "hex" | "base64") =>
        createHash(algorithm)
          .update(readFileSync(join(folder, name)))
          .digest(as);

      for (const page of names.filter((name) => name.endsWith(".html"))) {
        const path = join(folder, page);
        const sealed = withIntegrity(readFileSync(path, "utf8"), (url) =>
          names.includes(url.replace(/^\//, ""))
            ? `sha384-${digest(url.replace(/^\//, ""), "sha384", "base64")}`
            : null,
        );
        writeFileSync(path, sealed);
      }

      const manifest = Object.fromEntries(
        names.map((name) => [name, digest(name, "sha256", "hex")]),
      );
      writeFileSync(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    },
  };
}
