/** The rules of CONTRIBUTING that a machine can check. Each names the place, what is wrong and what to do instead. */
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { envVariables } from "../../src/config/envVariables.ts";
import { reasonCodes } from "../../src/domain/reasons.ts";
import { bans, codeLines } from "./rules.ts";
import { filesUnder, judgeFiles, judgeText, sentences, textOf } from "./sources.ts";

const shipped = [...filesUnder("src", [".ts"]), ...filesUnder("commands", [".ts"])];
const typescript = ["src", "commands", "sandbox", "infra", "bench", "test", "scripts"].flatMap((folder) =>
  filesUnder(folder, [".ts", ".tsx", ".js"]),
);
/** Without pictures, the lock file, and what somebody tries out beside the work (`*.tmp.*` is never committed). */
const foreign = /\.(png|ico|woff2?)$|(^|\/)package-lock\.json$|\.tmp\./;
const everything = filesUnder(".", []).filter((path) => !foreign.test(path));

describe("the shipped code", () => {
  test.each(bans)("keeps off $name ($instead)", ({ judge, allowed }) => {
    const paths = shipped.filter((path) => !allowed.some((pattern) => pattern.test(path)));
    expect(sentences(judgeFiles(paths, judge))).toEqual([]);
  });

  test("has no file of more than 300 lines of code", () => {
    expect(shipped.filter((path) => codeLines(textOf(path)) > 300)).toEqual([]);
  });

  test("names its files after what they export", () => {
    const astray = shipped.filter((path) => !/^[a-z][A-Za-z0-9]*(\.d)?\.ts$/.test(basename(path)));
    expect(astray).toEqual([]);
    const vague = shipped.filter((path) => /^(utils?|helpers?|common-utils|manager|misc)\.ts$/i.test(basename(path)));
    expect(vague).toEqual([]);
  });

  test("uses every reason that it can give", () => {
    const text = shipped
      .filter((path) => path !== "src/domain/reasons.ts")
      .map(textOf)
      .join("\n");
    expect(reasonCodes.filter((code) => !text.includes(`"${code}"`))).toEqual([]);
  });
});

describe("each rule", () => {
  const broken: Readonly<Record<string, string>> = {
    "the wall clock": "export const at = Date.now();\nexport const day = new Date();",
    "real waiting": "setTimeout(() => undefined, 10);\nglobalThis.setInterval(() => undefined, 10);",
    chance: 'export const dice = Math.random();\nimport { randomUUID } from "node:crypto";',
    "the environment": "export const home = process.env.HOME;",
    "clients of AWS and Slack": "export const client = new EC2Client({});",
    "default exports": "export default function run() {}",
    "enums and parameter properties": "enum A { B }\nclass C { constructor(private readonly d: string) {} }",
    "long lists of parameters": "export function run(a: 1, b: 2, c: 3, d: 4, e: 5) {}",
    "imports without their extension": 'import { a } from "./a";\nimport { b } from "../b.js";',
  };

  test.each(bans)("finds $name where it is planted, and not in comments and texts", ({ name, judge }) => {
    const planted = broken[name] ?? "";
    expect(planted).not.toBe("");
    expect(judgeText("planted.ts", planted, judge).map(({ line }) => line)).toEqual(
      planted.split("\n").map((_, index) => index + 1),
    );
    const harmless = planted
      .split("\n")
      .map((line, index) => `// ${line}\nexport const text${index} = ${JSON.stringify(line)};`)
      .join("\n");
    expect(judgeText("planted.ts", harmless, judge)).toEqual([]);
  });
});

describe("commands/", () => {
  test("has one verb a file, and each is listed in the index", () => {
    const index = textOf("commands/index.ts");
    const verbs = filesUnder("commands", [".ts"]).map((path) => ({
      path,
      // A table of verbs counts as one; what only makes verbs out of a table (`orderVerb`) is none.
      count: [
        ...textOf(path).matchAll(
          /^export (const \w+: (Verb|readonly Verb\[\]) =|function (?!\w*Verb\()\w+\([^)]*\): Verb \{)/gm,
        ),
      ].filter(() => path !== "commands/index.ts").length,
    }));
    expect(verbs.filter(({ count }) => count > 1)).toEqual([]);
    const files = verbs.filter(({ count }) => count === 1).map(({ path }) => path);
    expect(files.filter((path) => !index.includes(`"./${basename(path)}"`))).toEqual([]);
    expect(files.length).toBeGreaterThan(0);
  });
});

describe("the repository", () => {
  /** Assembled, so that this file does not find itself. */
  const word = (...parts: string[]) => parts.join("");
  const placesOf = (paths: readonly string[], pattern: RegExp) =>
    paths.flatMap((path) =>
      textOf(path)
        .split("\n")
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim().slice(0, 100)}`] : [])),
    );

  test("has no unfinished or switched-off work", () => {
    const marks = new RegExp(`\\b(${word("TO", "DO")}|${word("FIX", "ME")}|${word("X", "XX")})\\b`);
    expect(placesOf(typescript, marks)).toEqual([]);
    const switchedOff = new RegExp(
      `\\b(test|it|describe|suite)(\\.\\w+)*\\.${word("(on", "ly|sk", "ip|to", "do)")}\\(`,
    );
    // The one place that skips where a peer is missing, loudly, and fails instead on CI.
    const paths = typescript.filter((path) => path !== "test/peers/peer.ts");
    expect(placesOf(paths, switchedOff)).toEqual([]);
  });

  test("names no path of one machine and no registry", () => {
    const paths = everything.filter((path) => !path.startsWith("test/"));
    const machine = new RegExp(`(^|[\\s"'\`(=:])/(${word("wo", "rk")}|${word("tm", "p")}|root|home/\\w+)/`);
    expect(placesOf(paths, machine)).toEqual([]);
    expect(placesOf(everything, new RegExp(word("registry\\.", "(npmjs|yarnpkg)")))).toEqual([]);
  });

  test("reads or names no variable of its own that .env.example does not explain", () => {
    // MEDIC_YAML is an argument of the image's build and never reaches the program.
    const known = new Set([...Object.keys(envVariables), "MEDIC_YAML"]);
    const unknown = everything
      .filter((path) => /^(src|commands|infra|sandbox|bench|docs|examples|README|\.ci|bin|scripts)/.test(path))
      .flatMap((path) => [...textOf(path).matchAll(/\bMEDIC_[A-Z][A-Z_]*[A-Z]\b/g)].map(([name]) => `${path} ${name}`))
      .filter((found) => !known.has(found.split(" ")[1] ?? ""));
    expect([...new Set(unknown)]).toEqual([]);
  });
});
