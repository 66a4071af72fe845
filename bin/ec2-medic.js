#!/usr/bin/env node
// Runs what `npm run build` made; says so when that has not happened.
import { existsSync } from "node:fs";

const program = new URL("../dist/cli.js", import.meta.url);

if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write(
    "ec2-medic is not built yet. Run `npm run build`, or use `npm run medic -- …` from the source.\n",
  );
  process.exitCode = 1;
}
