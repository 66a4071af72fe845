// Reads vitest's JSON reports: fails when a test was skipped, or when nothing ran. Prints how many passed and failed in all.
import { readFileSync } from "node:fs";

const reports = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")));
const sum = (key) => reports.reduce((total, report) => total + report[key], 0);

const skipped = reports
  .flatMap(({ testResults }) => testResults)
  .flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== "passed" && status !== "failed")
      .map(({ fullName, status }) => `${status}: ${name}: ${fullName}`),
  );
// A file that breaks while it is loaded has no tests of its own to fail.
const broken = reports
  .flatMap(({ testResults }) => testResults)
  .filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0)
  .map(({ name, message }) => `did not load: ${name}: ${message}`);
const [passed, failed] = [sum("numPassedTests"), sum("numFailedTests") + broken.length];

for (const line of [...skipped, ...broken]) console.error(line);
if (skipped.length > 0) console.error(`${skipped.length} skipped: on CI every suite runs`);
if (passed === 0) console.error("no test ran");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = skipped.length + failed > 0 || passed === 0 ? 1 : 0;
