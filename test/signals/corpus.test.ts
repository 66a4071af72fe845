/** Every real message of the corpus is understood as the corpus says. */
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { explainText } from "../../src/signals/explain.ts";

const folder = new URL("../corpus/", import.meta.url);
const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as Record<
  string,
  { kind: string; expect: Record<string, unknown> }
>;
const files = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "expected.json");

/** null, "" and absent are equal; times compare as instants. */
function comparable(key: string, value: unknown): unknown {
  if (value === null || value === "") return undefined;
  if ((key === "time" || key === "startTime") && typeof value === "string") return new Date(value).getTime();
  if (typeof value !== "object" || Array.isArray(value)) return value;
  const entries = Object.entries(value as Record<string, unknown>).map(
    ([name, inner]) => [name, comparable(name, inner)] as const,
  );
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}

test("all 59 files of the corpus have an expectation", () => {
  expect(files).toHaveLength(59);
  expect(Object.keys(expected).sort()).toEqual([...files].sort());
});

test.each(files)("%s is understood as the corpus says", (file) => {
  const explained = explainText(readFileSync(new URL(file, folder), "utf8"));
  expect(explained).toHaveLength(1);
  const wanted = expected[file]?.expect ?? {};
  for (const [key, value] of Object.entries(wanted)) {
    expect(comparable(key, explained[0]?.[key]), `${file}: ${key}`).toEqual(comparable(key, value));
  }
  expect(explained[0]?.["resources"]).toBeTypeOf("object");
});
