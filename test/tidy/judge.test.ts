/** The last word of .ci/run: it must go red where a suite vanished. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { root } from "./sources.ts";

const folder = mkdtempSync(join(tmpdir(), "medic-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const judge = (statuses: readonly string[], file: "passed" | "failed" = "passed") => {
  const count = (status: string) => statuses.filter((each) => each === status).length;
  const path = join(folder, "report.json");
  const assertionResults = statuses.map((status, index) => ({ status, fullName: `test ${index}` }));
  const testResults = [{ name: "a.test.ts", status: file, message: "", assertionResults }];
  writeFileSync(
    path,
    JSON.stringify({ numPassedTests: count("passed"), numFailedTests: count("failed"), testResults }),
  );
  const { status, stdout } = spawnSync(process.execPath, [join(root, "scripts/judgeTestReport.js"), path], {
    encoding: "utf8",
  });
  return { status, line: stdout.trim() };
};

describe("the judge of a test report", () => {
  test("is content when everything ran and passed", () => {
    expect(judge(["passed", "passed"])).toEqual({ status: 0, line: "2 passed, 0 failed" });
  });

  test.each([
    ["a test was skipped", ["passed", "skipped"]],
    ["a test was left for later", ["passed", "todo"]],
    ["a test failed", ["passed", "failed"]],
    ["nothing ran", []],
  ])("goes red when %s", (_, statuses) => {
    expect(judge(statuses).status).toBe(1);
  });

  test("goes red when a file did not load", () => {
    expect(judge([], "failed")).toEqual({ status: 1, line: "0 passed, 1 failed" });
  });
});
