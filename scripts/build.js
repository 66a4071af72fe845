// Bundles the bot into dist/ and, unless --bot-only is given, the sandbox's page into dist/page.
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const botOnly = process.argv.includes("--bot-only");

// Old chunks have hashed names: without this they would pile up. The page is left alone when it is not built anew.
rmSync(`${root}dist/chunks`, { recursive: true, force: true });

await build({
  absWorkingDir: root,
  entryPoints: ["src/cli.ts"],
  outdir: "dist",
  bundle: true,
  // Each command is a chunk of its own, loaded when it is called.
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: true,
  logLevel: "warning",
});

if (!botOnly) {
  // Loaded only here: the bot alone must not pay for it.
  const { build: buildPage } = await import("vite");
  // Where it goes is said in the page's own configuration.
  await buildPage({ root: `${root}sandbox/page`, logLevel: "warn" });
}
