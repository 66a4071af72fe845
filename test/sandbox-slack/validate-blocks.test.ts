import { describe, expect, it } from "vitest";
import { validateBlocks, type Surface } from "../../sandbox/slack/validate-blocks.ts";
import { button, exampleCards } from "./fixture.ts";

const plain = (text: string): Record<string, unknown> => ({ type: "plain_text", text });
const mrkdwn = (text: string): Record<string, unknown> => ({ type: "mrkdwn", text });
const long = (length: number): string => "x".repeat(length);
const section = (text: string): Record<string, unknown> => ({ type: "section", text: mrkdwn(text) });
const actions = (...elements: unknown[]): Record<string, unknown> => ({ type: "actions", elements });
const rows = (count: number, cells: number): unknown[] =>
  Array.from({ length: count }, () => Array.from({ length: cells }, () => ({ type: "raw_text", text: "x" })));
const chart = (categories: readonly string[], values: number): Record<string, unknown> => ({
  type: "data_visualization",
  title: "t",
  chart: {
    type: "line",
    series: [{ name: "s", data: categories.slice(0, values).map((label) => ({ label, value: 1 })) }],
    axis_config: { categories },
  },
});

const refused: readonly [string, unknown[], string, Surface?][] = [
  ["51 blocks in a message", Array.from({ length: 51 }, () => ({ type: "divider" })), "no more than 50 items"],
  ["a header of 151 characters", [{ type: "header", text: plain(long(151)) }], "less than 151 characters"],
  ["a header in mrkdwn", [{ type: "header", text: mrkdwn("x") }], "must be plain_text"],
  ["a section of 3001 characters", [section(long(3001))], "less than 3001 characters"],
  ["a section with nothing in it", [{ type: "section" }], "text or fields"],
  ["an empty text", [section("")], "more than 0 characters"],
  ["11 fields", [{ type: "section", fields: Array.from({ length: 11 }, () => mrkdwn("x")) }], "no more than 10"],
  ["a field of 2001 characters", [{ type: "section", fields: [mrkdwn(long(2001))] }], "less than 2001"],
  [
    "11 context elements",
    [{ type: "context", elements: Array.from({ length: 11 }, () => mrkdwn("x")) }],
    "no more than 10",
  ],
  ["26 buttons in one row", [actions(...Array.from({ length: 26 }, (_, n) => button(`a${n}`)))], "no more than 25"],
  ["a button text of 76 characters", [actions(button("a", { text: plain(long(76)) }))], "less than 76"],
  ["a button value of 2001 characters", [actions(button("a", { value: long(2001) }))], "less than 2001"],
  ["a green button", [actions(button("a", { style: "green" }))], "must be one of: primary, danger"],
  ["two buttons with one action_id", [actions(button("a"), button("a"))], "already exists"],
  [
    "two blocks with one block_id",
    [
      { type: "divider", block_id: "b" },
      { type: "divider", block_id: "b" },
    ],
    "already exists",
  ],
  [
    "an overflow with six options",
    [
      actions({
        type: "overflow",
        action_id: "o",
        options: Array.from({ length: 6 }, (_, n) => ({ text: plain("x"), value: `${n}` })),
      }),
    ],
    "no more than 5",
  ],
  [
    "a confirm dialog with a title of 101 characters",
    [
      actions(
        button("a", { confirm: { title: plain(long(101)), text: plain("x"), confirm: plain("y"), deny: plain("n") } }),
      ),
    ],
    "less than 101",
  ],
  ["an unknown block", [{ type: "hologram" }], "unsupported type: hologram"],
  ["an alert in a message", [{ type: "alert", text: plain("x") }], "alert is not allowed in a message"],
  ["a plan in a modal", [{ type: "plan", title: "x" }], "plan is not allowed in a modal", "modal"],
  [
    "a task card on the Home tab",
    [{ type: "task_card", task_id: "t", title: "x", status: "pending" }],
    "not allowed in a home",
    "home",
  ],
  [
    "a task in an unknown state",
    [{ type: "task_card", task_id: "t", title: "x", status: "running" }],
    "must be one of",
  ],
  [
    "two tables in one message",
    [
      { type: "table", rows: rows(1, 1) },
      { type: "table", rows: rows(1, 1) },
    ],
    "only one table",
  ],
  ["a table of 101 rows", [{ type: "table", rows: rows(101, 1) }], "no more than 100"],
  ["a table of 21 columns", [{ type: "table", rows: rows(1, 21) }], "no more than 20"],
  ["three charts", [chart(["a"], 1), chart(["a"], 1), chart(["a"], 1)], "no more than 2 data_visualization"],
  ["a chart with a value missing", [chart(["a", "b"], 1)], "one value for each of the 2 categories"],
  [
    "a plan inside a container",
    [{ type: "container", child_blocks: [{ type: "plan", title: "x" }] }],
    "not allowed in a container",
  ],
  ["an input button", [{ type: "input", label: plain("x"), element: button("a") }], "unsupported type: button"],
  [
    "an image without alt text",
    [{ type: "image", image_url: "https://example.com/x.png" }],
    "missing required field: alt_text",
  ],
];

describe("Block Kit as the pretend Slack checks it", () => {
  it.each(refused)("refuses %s", (_what, blocks, complaint, surface = "message") => {
    const { problems } = validateBlocks(blocks, surface);
    expect(problems.join("\n")).toContain(complaint);
    expect(problems.every((each) => /\[json-pointer:\/blocks/.test(each))).toBe(true);
  });

  it("refuses a message that says more than about 13,200 characters in all, though every block is fine", () => {
    const verdict = validateBlocks(
      Array.from({ length: 5 }, () => section(long(2_700))),
      "message",
    );
    expect(verdict).toEqual({ problems: [], tooLong: true });
  });

  it("takes the example cards, a full table, a chart and the same action_id in different blocks", () => {
    const fine = [
      exampleCards.prompt.blocks,
      exampleCards.progress.blocks,
      [{ type: "table", rows: rows(100, 20) }],
      [chart(["a", "b"], 2)],
      [actions(button("a")), actions(button("a"))],
      [{ type: "container", title: plain("Evidence"), child_blocks: [section("x")], is_collapsible: true }],
    ];
    for (const blocks of fine) expect(validateBlocks(blocks, "message")).toEqual({ problems: [], tooLong: false });
  });

  it("takes the example modal", () => {
    const { blocks } = (exampleCards as unknown as { variants: { choose_modal: { blocks: unknown } } }).variants
      .choose_modal;
    expect(validateBlocks(blocks, "modal").problems).toEqual([]);
  });
});
