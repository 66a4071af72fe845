// Bundles the bot into dist/ and, unless --bot-only is given, the sandbox's page into dist/page.
import { readdirSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const botOnly = process.argv.includes("--bot-only");

const built = await bundle({ root, entryPoints: ["src/cli.ts"], outdir: "dist" });

// Old chunks have hashed names and would pile up. A bot that still runs may load one later, so that young ones stay.
const keptMs = 60 * 60 * 1000;
for (const name of readdirSync(`${root}dist/chunks`)) {
  const path = `dist/chunks/${name}`;
  if (!(path in built.metafile.outputs) && Date.now() - statSync(`${root}${path}`).mtimeMs > keptMs)
    rmSync(`${root}${path}`);
}

if (!botOnly) {
  // Loaded only here: the bot alone must not pay for it.
  const { build: buildPage } = await import("vite");
  // Where it goes is said in the page's own configuration.
  await buildPage({ root: `${root}sandbox/page`, logLevel: "warn" });
}
