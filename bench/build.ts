/** Bundles what is measured as the shipped program is bundled, so that no loader's cost enters the numbers. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../scripts/bundle.js";
import { root } from "./programs.ts";

/** Under node_modules, so that packages are found and nothing of it is shipped. */
const out = join(root, "node_modules/.cache/ec2-medic-bench");

export interface Built {
  readonly bot: string;
  readonly floor: string;
  readonly table: string;
}

export async function buildBench(): Promise<Built> {
  // What is measured as shipped is what stands in dist.
  execFileSync("node", ["scripts/build.js", "--bot-only"], { cwd: root, stdio: "ignore" });
  rmSync(out, { recursive: true, force: true });
  await bundle({ root, entryPoints: ["bench/bot.ts", "bench/floor.ts", "bench/table.ts"], outdir: out });
  return { bot: join(out, "bot.js"), floor: join(out, "floor.js"), table: join(out, "table.js") };
}
