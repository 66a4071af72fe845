// `npm run simulate`: bundled first, so that nights are played without what a loader adds to each function for its name.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
// Beside its source, so that paths next to it mean the same.
const outfile = `${root}test/simulation/run.built.mjs`;
await build({
  entryPoints: [`${root}test/simulation/run.ts`],
  ...{ outfile, bundle: true, platform: "node", format: "esm", target: "node20", packages: "external" },
  logLevel: "warning",
});
// Optimizing a function after its usual share of work costs more CPU time than nights, which run much code and little of it often,
// get back; bytes of code run until V8 considers it (its default: 66 KB to 132 KB). Forked processes inherit the flag.
const lateTier = "--interrupt-budget";
const known = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
const flags = known.includes(`${lateTier} `) ? [`${lateTier}=2000000`] : [];
try {
  execFileSync(process.execPath, [...flags, outfile, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
} catch (error) {
  process.exitCode = error.status ?? 1;
}
