/** Whatever comes in, an answer comes out: no exception, no unknown class, always a resources object. */
import { readFileSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changeKey } from "../../src/signals/changeKey.ts";
import { explainForPeople, explainText } from "../../src/signals/explain.ts";
import { parseText } from "../../src/signals/parseMessage.ts";
import { guessOf } from "../../src/signals/symptom.ts";
import { times } from "../setup/times.ts";

const folder = new URL("../corpus/", import.meta.url);
const samples = readdirSync(folder)
  .filter((name) => name.endsWith(".json") && name !== "expected.json")
  .map((name) => readFileSync(new URL(name, folder), "utf8"));

function survives(text: string): void {
  const parsed = parseText(text);
  expect(parsed.length).toBeGreaterThan(0);
  for (const one of parsed) {
    expect(changeKey(one)).toMatch(/^[0-9a-f]{32}$/);
    guessOf(one);
  }
  for (const explained of explainText(text)) {
    expect(explained["resources"]).toBeTypeOf("object");
    expect([true, false, "resolve", "keep", "suppressed", "muted"]).toContain(explained["incident"]);
    expect(() => JSON.stringify(explained)).not.toThrow();
  }
  expect(explainForPeople(text)).not.toBe("");
}

/** Puts `value` in the place of the n-th value inside, also inside JSON that stands in strings. */
function withChanged(root: unknown, n: number, value: unknown): unknown {
  let left = n;
  const walk = (node: unknown): unknown => {
    if (left === 0) {
      left -= 1;
      return value;
    }
    left -= 1;
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node === "object" && node !== null)
      return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, walk(inner)]));
    if (typeof node === "string" && node.startsWith("{")) {
      try {
        return JSON.stringify(walk(JSON.parse(node)));
      } catch {
        return node;
      }
    }
    return node;
  };
  return walk(root);
}

const oddValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    "",
    0,
    -1,
    1e308,
    true,
    [],
    {},
    [[]],
    [null],
    "x".repeat(300),
    "\u0000",
    "constructor",
    "__proto__",
    "1970-01-01T00:00:00Z",
    "arn:aws:::",
    "i-",
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

describe("hostile input", () => {
  test("any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), survives), { numRuns: times(300) });
  });

  test("any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => survives(JSON.stringify(value))),
      { numRuns: times(300) },
    );
  });

  test("real messages with any one value replaced by anything", () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.nat(120), oddValue, (sample, n, value) => {
        survives(JSON.stringify(withChanged(JSON.parse(sample), n, value)));
      }),
      { numRuns: times(1_500) },
    );
  });

  test("real messages cut anywhere", () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.nat(3_000), (sample, length) => survives(sample.slice(0, length))),
      { numRuns: times(300) },
    );
  });

  test.each([
    ["deep lists", "[".repeat(200_000) + "]".repeat(200_000)],
    ["deep objects", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)],
    [
      "a deep detail",
      `{"detail-type":"AWS Health Event","source":"aws.health","detail":${'{"detail":'.repeat(50_000)}1${"}".repeat(50_000)}}`,
    ],
    ["a megabyte of text", "x".repeat(1_000_000)],
    [
      "a megabyte of brackets in an alarm's rule",
      JSON.stringify({ AlarmName: "x", NewStateValue: "OK", AlarmRule: "ALARM(".repeat(170_000) }),
    ],
    [
      "a megabyte of spaces in SQL",
      JSON.stringify({
        AlarmName: "x",
        NewStateValue: "OK",
        Trigger: { Metrics: [{ Expression: `SELECT${" ".repeat(1_000_000)}` }] },
      }),
    ],
    ["keys of the prototype", '{"__proto__":{"AlarmName":"x","NewStateValue":"ALARM"},"constructor":1,"toString":{}}'],
    [
      "a prototype as dimensions",
      '{"AlarmName":"x","NewStateValue":"ALARM","Trigger":{"MetricName":"m","Dimensions":{"__proto__":"y","InstanceId":"i-00000001"}}}',
    ],
    ["a lone surrogate", '{"AlarmName":"\\ud800","NewStateValue":"ALARM"}'],
    [
      "numbers for all",
      '{"AlarmName":1,"NewStateValue":2,"Trigger":3,"Records":4,"Messages":5,"Message":6,"TopicArn":7,"detail-type":8}',
    ],
  ])("%s", (_name, text) => {
    const before = performance.now();
    survives(text);
    // Generous: a slow machine passes, a quadratic scan of a megabyte does not.
    expect(performance.now() - before).toBeLessThan(3_000);
  });

  test("messages inside messages are opened only so far", () => {
    let nested = JSON.stringify({ AlarmName: "x", NewStateValue: "ALARM" });
    for (let depth = 0; depth < 12; depth += 1)
      nested = JSON.stringify({
        Type: "Notification",
        TopicArn: "arn:aws:sns:eu-west-1:123456789012:t",
        Message: nested,
      });
    expect(explainText(nested).map(({ cls }) => cls)).toEqual(["unrecognised_json"]);
  });

  test("nothing reaches the prototype of other objects", () => {
    survives('{"AlarmName":"x","NewStateValue":"ALARM","AlarmTags":{"__proto__":{"polluted":"yes"}}}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
