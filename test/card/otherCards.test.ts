/** Cards of no single incident: what a team reads the next morning, and what speaks for many. */
import { describe, expect, it } from "vitest";
import { validateBlocks } from "../../sandbox/slack/validate-blocks.ts";
import type { CardModel } from "../../src/domain/cardModel.ts";
import { reason } from "../../src/domain/reasons.ts";
import { plain } from "../../src/domain/text.ts";
import { stormCard, unmatchedCard } from "../../src/engine/announce.ts";
import { digestCard } from "../../src/engine/digest.ts";
import { cardMessage } from "../../src/slack/blocks/card.ts";
import { minute, now, service, states } from "./cases.ts";

const asked = { channel: "C0OPSALERTS", since: now - 24 * 60 * minute, now };
const current = (name: string) => {
  const state = states[name];
  if (state === undefined) throw new Error(`no state ${name}`);
  return state.current;
};
const text = (card: CardModel): string =>
  [
    card.title,
    plain(card.summary),
    ...card.facts.map(({ label, value }) => `${label}: ${plain(value)}`),
    ...(card.table?.rows.map((row) => row.join(" | ")) ?? []),
    ...card.notes.map(plain),
  ].join("\n");

function isTaken(card: CardModel): void {
  expect(validateBlocks(cardMessage(card).blocks, "message")).toEqual({ problems: [], tooLong: false });
}

describe("the digest", () => {
  it("of a quiet day is two lines", () => {
    const card = digestCard({ ...asked, open: [], changed: [], unmatched: [] });
    expect(text(card)).toBe("Quiet since the last digest\nNothing happened since 2026-11-20 14:25 UTC.");
    isTaken(card);
  });

  it("says in words where open incidents stand, who has them, what blocks and what is owed", () => {
    const card = digestCard({
      ...asked,
      open: [current("blocked by the kill switch"), current("needs a person, with debts and a returned original")],
      changed: [
        {
          service: "shop-web",
          entry: { n: 1, at: now - minute, reason: reason("run-started", { recovery: "restart" }) },
        },
      ],
      unmatched: [],
    });
    expect(text(card)).toMatch(/^Digest: 2 open, 1 without an owner\n/);
    expect(text(card)).toMatch(/shop-web fails its system status check since .* waits for a decision, nobody has it/);
    expect(text(card)).toMatch(/needs a person, Mira Okafor has it/);
    expect(text(card)).toMatch(/Blocked: shop-web: autopilot is switched off/);
    expect(text(card)).toMatch(/Owed back: shop-web: i-0aaa is stopped and must be started/);
    expect(text(card)).toMatch(/^shop-web \| Restart started \| 2026-11-21 14:24 UTC$/m);
    expect(text(card)).not.toMatch(/proposing|needs-person/);
    isTaken(card);
  });
});

describe("an alarm of no service", () => {
  it("asks once, without the list of datapoints", () => {
    const card = unmatchedCard({
      key: "a",
      cls: "alarm",
      what: "billing-queue-age",
      isAlarming: true,
      reason: "Threshold Crossed: 1 datapoint [912.0 (21/11/26 03:01:00)] was greater than the threshold (600.0).",
      where: service.scope,
      why: "no service names this alarm",
      count: 2,
      firstAt: now,
      lastAt: now,
    });
    expect(text(card)).toMatch(
      /^billing-queue-age belongs to no service yet\n1 datapoint was greater than the threshold \(600\.0\)\./,
    );
    expect(card.buttons.map(({ label }) => label)).toEqual(["Which service is this?"]);
    isTaken(card);
  });
});

describe("the storm card", () => {
  it("says once why, and what ends it", () => {
    const why = "6 services went bad within 10 min";
    const about = { scope: service.scope, since: now, why };
    const card = stormCard({ ...about, storm: { active: true, since: now, why } as never });
    expect(text(card).split(why)).toHaveLength(2);
    expect(text(card)).toMatch(/a person says \/medic autopilot on$/);
    isTaken(card);
    expect(stormCard({ ...about, storm: undefined }).title).toMatch(/is over$/);
  });
});
