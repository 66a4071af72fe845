/** Turns what zod objects to into sentences: found against needed, and what would be right. */
import type { z } from "zod";
import { stringify } from "yaml";
import { nearest } from "../domain/nearest.ts";
import type { Problem } from "./problem.ts";
import { neededFor } from "./schemaParts.ts";
import { ladderRecoveries, recoveries } from "../domain/words.ts";
import type { Path, YamlSource } from "./yamlSource.ts";

type Issue = z.core.$ZodIssue;

export interface ProblemPlace {
  readonly file: string;
  readonly source: YamlSource;
  /** Where the checked part hangs in the file. */
  readonly base: Path;
  readonly schema: z.ZodType;
  /** The part that was checked. */
  readonly value: unknown;
  /** The fix for a key that is known elsewhere in the file. */
  readonly elsewhere?: (key: string) => string | undefined;
}

export function zodProblems(issues: readonly Issue[], place: ProblemPlace): Problem[] {
  return issues.flatMap((issue) => problemsOf(issue, place));
}

function problemsOf(issue: Issue, place: ProblemPlace): Problem[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(key, path, place));
  if (issue.code === "invalid_key") return [badKey(issue, path, place)];
  if (issue.code === "invalid_union") return unionProblems(issue.errors, path, place);
  const found = at(place.value, path);
  const piece = schemaAt(place.schema, path);
  const where = { ...place.source.locate([...place.base, ...path]), field: fieldName([...place.base, ...path]) };
  const severity = "error";
  if (found === undefined) {
    const message = `is missing; needed: ${neededBy(issue, piece)}`;
    return [
      {
        severity,
        file: place.file,
        ...where,
        message,
        fix: `Add \`${String(path.at(-1) ?? "")}: ${exampleOf(piece)}\`.`,
      },
    ];
  }
  const message = `found ${show(found)}; needed: ${neededBy(issue, piece)}`;
  return [
    {
      severity,
      file: place.file,
      ...where,
      message,
      fix: fixOf({ issue, found, piece, key: String(path.at(-1) ?? "") }),
    },
  ];
}

/** What only a person orders: a ladder that named it would propose it by a rule. */
const ordersOnly: readonly string[] = recoveries.filter(
  (each) => !(ladderRecoveries as readonly string[]).includes(each),
);

function fixOf({
  issue,
  found,
  piece,
  key,
}: {
  issue: Issue;
  found: unknown;
  piece: z.ZodType | undefined;
  key: string;
}): string {
  if (key === "recovery" && typeof found === "string" && ordersOnly.includes(found))
    return `Remove this rung: a ladder never proposes ${found}, a person orders it (/medic ${found} SERVICE).`;
  if (issue.code === "invalid_value" && typeof found === "string") {
    const meant = nearest(found, issue.values.map(String));
    if (meant !== undefined) return `Did you mean \`${meant}\`?`;
  }
  const example = exampleOf(piece);
  if (found === null && example.startsWith("C0"))
    return `YAML reads # as a comment: write "#name" in quotes, or the id: \`${key}: ${example}\`.`;
  if (typeof found === "number" && /length of time/.test(neededBy(issue, piece)))
    return `Write the unit: \`${found}s\` or \`${found}m\`.`;
  if (typeof found === "number" && issue.code === "invalid_type") return `Put it in quotes: \`${key}: "${found}"\`.`;
  if (example === "…") return `Write ${neededBy(issue, piece)}.`;
  return /^\d+$/.test(key) ? `For example \`- ${example}\`.` : `For example \`${key}: ${example}\`.`;
}

function unknownKey(key: string, path: Path, place: ProblemPlace): Problem {
  const known = knownKeys(schemaAt(place.schema, path));
  const full = [...place.base, ...path, key];
  const meant = nearest(key, known);
  const home = meant === undefined ? place.elsewhere?.(key) : undefined;
  let fix = `Remove it. Known here: ${known.join(", ")}.`;
  if (meant !== undefined) fix = `Did you mean \`${meant}\`?`;
  else if (home !== undefined) fix = home;
  const where = place.source.locate(full, "key");
  return {
    severity: "error",
    file: place.file,
    ...where,
    field: fieldName(full),
    message: `"${key}" is not a setting here`,
    fix,
  };
}

function badKey(issue: Extract<Issue, { code: "invalid_key" }>, path: Path, place: ProblemPlace): Problem {
  const full = [...place.base, ...path];
  const needed = issue.issues[0]?.message ?? "another name";
  const key = String(path.at(-1) ?? "");
  const tame = key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const account = /12 digits/.test(needed);
  const named = tame === "" ? "Give it a name." : `Call it \`${tame}\`.`;
  const fix = account ? 'Write its 12 digits in quotes: `"222233334444":`.' : named;
  return {
    severity: "error",
    file: place.file,
    ...place.source.locate(full, "key"),
    field: fieldName(full),
    message: `found "${key}"; needed: ${needed}`,
    fix,
  };
}

/** Of the shapes that were possible, the one that the writer most likely meant: it fails deepest, or for a reason of its own. */
function unionProblems(branches: readonly (readonly Issue[])[], path: Path, place: ProblemPlace): Problem[] {
  const meant = branches.find(
    (issues) => !issues.some((issue) => issue.code === "invalid_type" && issue.path.length === 0),
  );
  const issues = meant ?? branches.at(0) ?? [];
  return issues.flatMap((issue) => problemsOf({ ...issue, path: [...path, ...issue.path] }, place));
}

function neededBy(issue: Issue, piece: z.ZodType | undefined): string {
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  // A piece's own words say more than "expected string"; other issues carry our own words.
  if (issue.code !== "invalid_type") return issue.message;
  return neededFor(piece) ?? kinds[issue.expected] ?? issue.expected;
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
  object: "a mapping (key: value lines, indented)",
  record: "a mapping (key: value lines, indented)",
  array: "a list (lines that begin with -)",
};

export function fieldName(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${part}`))
    .join("");
}

/** The found thing, short. */
export function show(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function exampleOf(piece: z.ZodType | undefined): string {
  const examples = piece?.meta()?.examples as readonly unknown[] | undefined;
  const example = examples?.[0];
  if (example === undefined) return "…";
  return stringify(example, { collectionStyle: "flow", lineWidth: 0 }).trim();
}

function at(value: unknown, path: Path): unknown {
  let found: unknown = value;
  for (const part of path) {
    if (found === null || typeof found !== "object") return undefined;
    found = (found as Record<string | number, unknown>)[part];
  }
  return found;
}

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly shape?: Readonly<Record<string, z.ZodType>>;
}

const definitionOf = (piece: z.ZodType): Definition => piece.def;

/** The piece of the schema that judges this path; through optionals, lists, records and the mapping of a union. */
export function schemaAt(root: z.ZodType, path: Path): z.ZodType | undefined {
  let piece: z.ZodType | undefined = unwrap(root);
  for (const part of path) {
    if (piece === undefined) return undefined;
    const { element, valueType, options, shape } = definitionOf(piece);
    const mapping =
      shape ?? options?.map((option) => definitionOf(unwrap(option)).shape).find((found) => found !== undefined);
    const next: z.ZodType | undefined = element ?? valueType ?? mapping?.[String(part)];
    piece = next === undefined ? undefined : unwrap(next);
  }
  return piece;
}

function unwrap(piece: z.ZodType): z.ZodType {
  const { innerType } = definitionOf(piece);
  return innerType === undefined ? piece : unwrap(innerType);
}

function knownKeys(piece: z.ZodType | undefined): string[] {
  if (piece === undefined) return [];
  const { shape, options } = definitionOf(piece);
  return shape ? Object.keys(shape) : (options ?? []).flatMap((option) => knownKeys(unwrap(option)));
}
