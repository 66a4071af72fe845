/** Bundles what is measured as the shipped program is bundled, so that no loader's cost enters the numbers. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./programs.ts";

/** Under node_modules, so that packages are found and nothing of it is shipped. */
const out = join(root, "node_modules/.cache/ec2-medic-bench");

export interface Built {
  readonly bot: string;
  readonly floor: string;
  readonly table: string;
}

export async function buildBench(): Promise<Built> {
  rmSync(out, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: ["bench/bot.ts", "bench/floor.ts", "bench/table.ts"],
    outdir: out,
    bundle: true,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: true,
    logLevel: "warning",
  });
  return { bot: join(out, "bot.js"), floor: join(out, "floor.js"), table: join(out, "table.js") };
}
