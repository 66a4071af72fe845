/** The project's own files and, for TypeScript, their syntax trees: what the tidy rules look at. */
import { readFileSync, readdirSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../..", import.meta.url));

const skipped = new Set(["node_modules", "dist", "data", "cdk.out", ".git", "coverage", "test-results", "corpus"]);

/** Paths relative to the repository, with forward slashes, sorted. */
export function filesUnder(folder: string, extensions: readonly string[]): string[] {
  const found: string[] = [];
  const walk = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (skipped.has(entry.name)) continue;
      const full = join(path, entry.name);
      if (entry.isDirectory()) walk(full);
      else if (extensions.length === 0 || extensions.includes(extname(entry.name)))
        found.push(relative(root, full).split(sep).join("/"));
    }
  };
  walk(join(root, folder));
  return found.sort();
}

export function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** What the person reads who broke a rule. */
export function sentences(findings: readonly Finding[]): string[] {
  return findings.map(({ path, line, what }) => `${path}:${line} ${what}`);
}

export type Judge = (node: ts.Node) => string | undefined;

/** Every node of a text that the judge objects to. */
export function judgeText(path: string, text: string, judge: Judge): Finding[] {
  return judgeTree(path, ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true), judge);
}

function judgeTree(path: string, source: ts.SourceFile, judge: Judge): Finding[] {
  const findings: Finding[] = [];
  const visit = (node: ts.Node): void => {
    const what = judge(node);
    if (what !== undefined) {
      findings.push({ path, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, what });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

/** Each file is read once, however many rules judge it. */
const trees = new Map<string, ts.SourceFile>();

function treeOf(path: string): ts.SourceFile {
  const known = trees.get(path) ?? ts.createSourceFile(path, textOf(path), ts.ScriptTarget.ES2023, true);
  trees.set(path, known);
  return known;
}

export function judgeFiles(paths: readonly string[], judge: Judge): Finding[] {
  return paths.flatMap((path) => judgeTree(path, treeOf(path), judge));
}
