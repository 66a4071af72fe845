// `npm run simulate`: bundled first. What a loader adds to each function so that it keeps its name costs a night half its time.
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
try {
  execFileSync(process.execPath, [outfile, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
} catch (error) {
  process.exitCode = error.status ?? 1;
}
