/** A YAML text with the place of each of its settings, so that every problem can name line and column. */
import { LineCounter, isAlias, isMap, isNode, isPair, isScalar, isSeq, parseDocument } from "yaml";
import type { Document, Node, Pair } from "yaml";
import { MedicError } from "../domain/errors.ts";
import type { Problem } from "./problem.ts";

export type Path = readonly (string | number)[];

export interface YamlSource {
  /** Plain data; undefined when the text is no YAML at all. */
  readonly value: unknown;
  /** What the YAML grammar itself objects to, duplicate keys among them. */
  readonly problems: readonly Problem[];
  /** Where a setting stands; for one that is missing, the nearest thing around it. `key` asks for the key, not the value. */
  locate(path: Path, at?: "key" | "value"): { readonly line?: number; readonly column?: number };
}

export function readYaml(file: string, text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: "silent" });
  const place = (offset: number | undefined) => {
    if (offset === undefined) return {};
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems = document.errors.map((error): Problem => ({
    severity: "error",
    file,
    ...place(error.pos[0]),
    field: "(YAML)",
    message: `this is not valid YAML: ${error.message}`,
    fix:
      yamlFixes[error.code] ??
      "Check indentation (spaces, never tabs), colons and quotes on this line and the one above.",
  }));
  return {
    value: problems.length > 0 ? undefined : plainValue(document),
    problems,
    locate: (path, at = "value") => place(offsetOf(document, path, at)),
  };
}

const yamlFixes: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "Remove one of the two, or rename it.",
  TAB_AS_INDENT: "Indent with spaces.",
  BAD_ALIAS: "Define the anchor (&name) before it is used (*name).",
};

function plainValue(document: Document): unknown {
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    throw new MedicError("config-unreadable", "this YAML cannot be turned into data (too many aliases, or a loop)", {
      retry: "never",
      next: "Write the repeated parts out.",
      cause,
    });
  }
}

/** Walks as far as the path exists and answers the offset of the last thing found. */
function offsetOf(document: Document, path: Path, at: "key" | "value"): number | undefined {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [index, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const last = index === path.length - 1;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => isPair(item) && keyText(item.key) === String(segment));
      if (pair === undefined) return offset;
      node = pair.value;
      const useValue = last && at === "value" && isScalar(node) && node.value !== null;
      offset = useValue ? startOf(node) : startOf(pair.key);
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(segment)];
      if (item === undefined) return offset;
      node = item;
      offset = startOf(item);
    } else return offset;
  }
  return offset;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
