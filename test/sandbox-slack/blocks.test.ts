import fc from "fast-check";
import { createElement, type ComponentType } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeAll, describe, expect, it } from "vitest";
import { exampleCards } from "./fixture.ts";

/** The page's own compiler settings know JSX, the project's do not: these parts are loaded at run time only. */
interface PageParts {
  readonly Blocks: ComponentType<{ blocks: readonly unknown[] }>;
  readonly MessagePlace: ComponentType<{ target: object; children?: unknown }>;
  readonly SlackProvider: ComponentType<{ value: object; children?: unknown }>;
}

let parts: PageParts;
beforeAll(async () => {
  const load = (path: string): Promise<object> =>
    import(new URL(`../../sandbox/page/src/${path}`, import.meta.url).href) as Promise<object>;
  const loaded = await Promise.all(["blocks/block.tsx", "slack/place.tsx", "slack/slack-context.ts"].map(load));
  parts = Object.assign({}, ...loaded) as PageParts;
});

const surroundings = {
  slack: {
    person: "U0MIRA",
    users: [{ id: "U0MIRA", realName: "Mira Okafor", isBot: false }],
    userGroups: [{ id: "S0PLATFORM", handle: "platform", users: ["U0MIRA"] }],
    channels: [{ id: "C0OPSALERTS", name: "ops-alerts", imWith: null }],
  },
  now: () => Date.UTC(2026, 10, 21, 14, 30),
};

function drawn(blocks: readonly unknown[]): string {
  const { Blocks, MessagePlace, SlackProvider } = parts;
  const place = createElement(MessagePlace, { target: { channel: "C", ts: "1.1" } }, createElement(Blocks, { blocks }));
  return renderToStaticMarkup(createElement(SlackProvider, { value: surroundings }, place));
}

const { prompt, progress } = exampleCards;
const { variants } = exampleCards as unknown as { variants: Record<string, Record<string, unknown>> };
const everything: readonly unknown[] = [
  ...prompt.blocks,
  ...progress.blocks,
  variants["chart_block_optional"],
  variants["status_table"],
  variants["progress_fallback_when_plan_is_rejected"],
  ...(variants["choose_modal"]?.["blocks"] as unknown[]),
  { type: "container", title: { type: "plain_text", text: "Evidence" }, child_blocks: prompt.blocks },
  { type: "markdown", text: "**bold**" },
];

/** Swaps one node, somewhere in the tree, for something else. */
function spoiled(value: unknown, path: readonly number[], other: unknown): unknown {
  const [at, ...rest] = path;
  if (at === undefined || typeof value !== "object" || value === null) return other;
  const keys = Object.keys(value);
  const key = keys[at % Math.max(1, keys.length)];
  if (key === undefined) return other;
  const child = spoiled((value as Record<string, unknown>)[key], rest, other);
  return Array.isArray(value)
    ? value.map((each: unknown, index) => (String(index) === key ? child : each))
    : { ...value, [key]: child };
}

describe("blocks on the page", () => {
  it("draws everything that the cards use, with names on every control", () => {
    const html = drawn(everything);
    expect(html).not.toContain("unsupported-block");
    for (const text of [
      "Approve now",
      "Start on new hardware",
      "INC-1042",
      "Reason (goes to the audit log)",
      "@platform",
    ]) {
      expect(html).toContain(text);
    }
    expect(html).toContain('data-status="in_progress"');
    expect(html).toContain('aria-label="StatusCheckFailed_System, last 12 min, 14:10 to 14:22');
    expect(html).toContain('aria-label="More actions"');
  });

  it("shows a visible box for a block or element that it does not know", () => {
    const html = drawn([{ type: "hologram" }, { type: "actions", elements: [{ type: "lever", action_id: "a" }] }]);
    expect(html).toContain("cannot draw a “hologram” block");
    expect(html).toContain("cannot draw a “lever” block");
  });

  it("makes no link of an address that is neither web nor mail", () => {
    const html = drawn([
      { type: "section", text: { type: "mrkdwn", text: "<javascript:alert(1)|press> <https://a.b|fine>" } },
    ]);
    expect(html).not.toContain("javascript:");
    expect(html).toContain('href="https://a.b"');
  });

  it("never throws, whatever stands where a block's parts should be", () => {
    const other = fc.oneof(
      fc.constant(null),
      fc.constant(""),
      fc.constant([]),
      fc.constant({}),
      fc.integer(),
      fc.string(),
      fc.constant([null, 1, "x", {}]),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 8 }), other, (path, value) => {
        const blocks = spoiled(everything, path, value);
        expect(typeof drawn(Array.isArray(blocks) ? blocks : [])).toBe("string");
      }),
      { numRuns: 400, seed: 7 },
    );
  });
});
