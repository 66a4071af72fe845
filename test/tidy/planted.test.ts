/** The lint and the import rules themselves: what they forbid is planted, and they must go red. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ESLint } from "eslint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "./sources.ts";

/** Seconds alone, a minute beside other suites on two cores. */
const patient = { timeout: 180_000 };

describe("the typed lint", patient, () => {
  // A project of its own with the real rules and compiler settings: the type checker need not read ours for six lines.
  const folder = mkdtempSync(join(tmpdir(), "medic-lint-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const eslint = new ESLint({
    cwd: folder,
    overrideConfigFile: join(root, "eslint.config.js"),
    overrideConfig: { languageOptions: { parserOptions: { tsconfigRootDir: folder } } },
  });

  const rulesBrokenBy = async (text: string) => {
    const [result] = await eslint.lintText(text, { filePath: join(folder, "src/domain/glob.ts") });
    return (result?.messages ?? []).filter(({ severity }) => severity === 2).map(({ ruleId }) => ruleId);
  };

  beforeAll(() => {
    mkdirSync(join(folder, "src/domain"), { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "src/domain/glob.ts"), "export {};\n");
    const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as {
      compilerOptions: Record<string, unknown>;
    };
    const own = { ...compilerOptions, types: [], incremental: false, tsBuildInfoFile: undefined };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: own, include: ["src"] }));
  });

  test.each([
    [
      "a promise that nobody waits for",
      "@typescript-eslint/no-floating-promises",
      "const send = async (): Promise<void> => undefined;\nexport function run(): void {\n  send();\n}\n",
    ],
    [
      "a promise where a condition is meant",
      "@typescript-eslint/no-misused-promises",
      "const ask = async (): Promise<boolean> => true;\nexport const both = (): number => (ask() ? 1 : 2);\n",
    ],
    [
      "a switch that forgot a case",
      "@typescript-eslint/switch-exhaustiveness-check",
      'export function run(mode: "observe" | "auto"): void {\n  switch (mode) {\n    case "auto":\n      return;\n  }\n}\n',
    ],
    ["any", "@typescript-eslint/no-explicit-any", "export const anything = (value: any): string => String(value);\n"],
    [
      "a claim that something is there",
      "@typescript-eslint/no-non-null-assertion",
      "export const first = (list: readonly string[]): string => list[0]!;\n",
    ],
    ["a default export", "no-restricted-exports", "export default function run(): void {}\n"],
  ])("goes red on %s", async (_, rule, text) => {
    expect(await rulesBrokenBy(text)).toContain(rule);
  });

  test("stays green on the same code done right", async () => {
    const text =
      "const send = async (): Promise<void> => undefined;\nexport const run = async (): Promise<void> => send();\n";
    expect(await rulesBrokenBy(text)).toEqual([]);
  });
});

describe("the import rules", patient, () => {
  const folder = mkdtempSync(join(tmpdir(), "medic-planted-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const plant = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  const cruise = () =>
    new Promise<{ code: number; out: string }>((done) => {
      const args = [join(root, "node_modules/.bin/depcruise"), "--config", join(root, ".dependency-cruiser.cjs")];
      const options = { cwd: folder, env: { ...process.env, NO_COLOR: "1" } };
      execFile(process.execPath, [...args, "src", "commands"], options, (error, stdout, stderr) =>
        done({ code: typeof error?.code === "number" ? error.code : 0, out: stdout + stderr }),
      );
    });

  beforeAll(() => {
    plant("package.json", '{ "type": "module" }');
    plant(
      "tsconfig.json",
      JSON.stringify({ compilerOptions: { module: "NodeNext", allowImportingTsExtensions: true, noEmit: true } }),
    );
    for (const place of ["domain", "ports", "recovery", "engine", "aws", "slack", "store", "signals"])
      plant(`src/${place}/good.ts`, `export const ${place} = 1;\n`);
    plant("commands/good.ts", 'export { domain } from "../src/domain/good.ts";\n');
    plant("src/ports/inward.ts", 'export { domain } from "../domain/good.ts";\n');
  });

  test("stay green while imports point inward, and name the rule of each that does not", async () => {
    const clean = await cruise();
    expect(clean.out).toContain("no dependency violations found");
    expect(clean.code).toBe(0);

    const wrong: readonly (readonly [string, string, string])[] = [
      ["src/domain/reads.ts", "node:fs", "domain-imports-nothing"],
      ["src/domain/outward.ts", "../ports/good.ts", "domain-imports-nothing"],
      ["src/ports/outward.ts", "../engine/good.ts", "ports-import-domain-only"],
      ["src/recovery/outward.ts", "../aws/good.ts", "recovery-imports-ports-and-domain"],
      ["src/signals/outward.ts", "../store/good.ts", "signals-import-inward"],
      ["src/engine/outward.ts", "../slack/good.ts", "engine-never-sees-an-adapter"],
      ["src/aws/sideways.ts", "../slack/good.ts", "adapter-aws-stands-alone"],
      ["src/slack/sideways.ts", "../engine/good.ts", "adapter-slack-stands-alone"],
      ["commands/outward.ts", "../src/slack/good.ts", "commands-import-inward"],
    ];
    for (const [path, specifier] of wrong) plant(path, `export * from ${JSON.stringify(specifier)};\n`);
    plant("src/engine/round.ts", 'export { about } from "./about.ts";\nexport const round = 1;\n');
    plant("src/engine/about.ts", 'export { round } from "./round.ts";\nexport const about = 1;\n');
    const dirty = await cruise();
    expect(dirty.code).toBeGreaterThan(0);
    for (const [path, , rule] of wrong) expect(dirty.out).toMatch(new RegExp(`${rule}: ${path}`));
    expect(dirty.out).toContain("no-circular: src/engine/");
  });
});
