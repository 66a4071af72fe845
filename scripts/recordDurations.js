// Writes how long each test file took, from vitest's JSON reports, to test/setup/durations.json: the order of files and the choice of
// `npm run test:fast` go by it.
import { readFileSync, writeFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const seconds = process.argv
  .slice(2)
  .flatMap((path) => JSON.parse(readFileSync(path, "utf8")).testResults)
  .map(({ name, startTime, endTime }) => [
    name.includes("/test/")
      ? `test/${name.split("/test/").slice(1).join("/test/")}`
      : relative(root, name).split(sep).join("/"),
    Math.round((endTime - startTime) / 100) / 10,
  ]);
const sorted = Object.fromEntries(seconds.sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(new URL("../test/setup/durations.json", import.meta.url), `${JSON.stringify(sorted, undefined, 2)}\n`);
console.log(`${Object.keys(sorted).length} files`);
