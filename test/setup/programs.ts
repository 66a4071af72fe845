/**
 * The programs that tests start as processes of their own, bundled once a run: started through tsx each of them would be compiled again
 * every time, which cost more than what the tests ask of them. Packages stay outside, so that what a program loads is still seen.
 */
import { build } from "esbuild";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Sources by the name that `programPath` knows them by. */
export const entryPoints = {
  medic: "src/cli.ts",
  slack: "sandbox/slack/main.ts",
  signedWorker: "test/peers/signedWorker.ts",
};

export type ProgramName = keyof typeof entryPoints;

declare module "vitest" {
  interface ProvidedContext {
    /** The folder with the bundles, inside the repository because packages are found from there. */
    programs: string;
  }
}

export async function setup({ provide }: TestProject): Promise<() => void> {
  const cache = join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "ec2-medic-programs-"));
  // Read by the program for its version, one folder above itself.
  copyFileSync(join(root, "package.json"), join(folder, "package.json"));
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: join(folder, "bin"),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: true,
    logLevel: "warning",
  });
  provide("programs", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
