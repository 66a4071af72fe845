/** A YAML text with the place of each of its settings, so that every problem can name line and column. */
import { LineCounter, isAlias, isMap, isNode, isPair, isScalar, isSeq, parseDocument, visit } from "yaml";
import type { Document, Node, Pair } from "yaml";
import { sentenceOf } from "../domain/errors.ts";
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
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    logLevel: "silent",
    // The parser compares every key with every other, seconds with ten thousand services; `doubleKeys` asks a set.
    uniqueKeys: false,
  });
  const place = (offset: number | undefined) => {
    if (offset === undefined) return {};
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problem = (offset: number | undefined, message: string, fix: string): Problem => {
    return { severity: "error", file, ...place(offset), field: "(YAML)", message: `not valid YAML: ${message}`, fix };
  };
  const grammar = document.errors.map(({ pos, message, code }) =>
    problem(pos[0], message, yamlFixes[code] ?? usualFix),
  );
  const doubled = doubleKeys(document).map(({ offset, key }) =>
    problem(offset, `"${key}" stands twice in one mapping`, "Remove one of the two, or rename it."),
  );
  const made = plainValue(document);
  const aliases = "objection" in made ? [problem(0, made.objection, "Define the anchor (&name) before *name.")] : [];
  const problems = [...grammar, ...doubled, ...(grammar.length > 0 ? [] : aliases)];
  return {
    value: problems.length > 0 || "objection" in made ? undefined : made.value,
    problems,
    locate: (path, at = "value") => place(offsetOf(document, path, at)),
  };
}

const usualFix = "Check indentation (spaces, never tabs), colons and quotes on this line and the one above.";

const yamlFixes: Readonly<Record<string, string>> = { TAB_AS_INDENT: "Indent with spaces." };

/** An alias without its anchor, or one that unfolds without end, shows only here. */
function plainValue(document: Document): { readonly value: unknown } | { readonly objection: string } {
  try {
    return { value: document.toJS() as unknown };
  } catch (error) {
    return { objection: sentenceOf(error) };
  }
}

function doubleKeys(document: Document): { readonly offset: number | undefined; readonly key: string }[] {
  const found: { offset: number | undefined; key: string }[] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const text = keyText(key);
        // Merging several mappings by several << is common use.
        if (seen.has(text) && text !== "<<") found.push({ offset: startOf(key), key: text });
        seen.add(text);
      }
    },
  });
  return found;
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
