/** Reads a mapping key by key, so that one mistake hides no other: what is right is used, what is wrong is listed. */
import type { z } from "zod";
import type { Problem } from "./problem.ts";
import type { ProblemPlace } from "./zodProblems.ts";
import { zodProblems } from "./zodProblems.ts";

export interface Parts<T> {
  readonly values: Partial<T>;
  readonly problems: readonly Problem[];
  /** Keys that were there and wrong, or needed and missing: later checks keep quiet about them. */
  readonly broken: ReadonlySet<string>;
}

export function parseParts<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  place: Omit<ProblemPlace, "schema">,
): Parts<z.infer<z.ZodObject<S>>> {
  const whole = schema.safeParse(place.value);
  if (whole.success) return { values: whole.data, problems: [], broken: new Set() };
  const problems = zodProblems(whole.error.issues, { ...place, schema });
  // A key that nobody knows leaves the rest of its part readable.
  const broken = new Set(
    whole.error.issues
      .filter((issue) => issue.code !== "unrecognized_keys")
      .map((issue) => String(issue.path[0] ?? "")),
  );
  const values: Record<string, unknown> = {};
  if (place.value !== null && typeof place.value === "object") {
    const raw = place.value as Record<string, unknown>;
    for (const key of Object.keys(schema.shape)) {
      const part = withoutUnknown(schema.shape[key] as z.ZodType, raw[key]);
      if (part.success && part.data !== undefined) values[key] = part.data;
      // A refinement of the whole part is not run by zod while something inside it is wrong.
      else if (!part.success && !broken.has(key)) {
        broken.add(key);
        const issues = part.error.issues.map((issue) => ({ ...issue, path: [key, ...issue.path] }));
        problems.push(...zodProblems(issues, { ...place, schema }));
      }
    }
  }
  broken.delete("");
  return { values: values as Partial<z.infer<z.ZodObject<S>>>, problems, broken };
}

/** Parses, and once more without the keys that nobody knows when these are all that is wrong. */
function withoutUnknown(schema: z.ZodType, value: unknown) {
  const first = schema.safeParse(value);
  if (first.success || first.error.issues.some((issue) => issue.code !== "unrecognized_keys")) return first;
  const pruned: unknown = structuredClone(value);
  for (const issue of first.error.issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const holder = issue.path.reduce<unknown>((found, part) => (found as Record<PropertyKey, unknown>)[part], pruned);
    for (const key of issue.keys) delete (holder as Record<string, unknown>)[key];
  }
  return schema.safeParse(pruned);
}
