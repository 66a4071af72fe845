import { describe, expect, it } from "vitest";
import { cardOf } from "../../src/domain/card.ts";
import { plain } from "../../src/domain/text.ts";
import { recoveries, symptoms } from "../../src/domain/words.ts";
import { recoveryWords, whyProposed } from "../../src/domain/cardWords.ts";
import { validateBlocks } from "../../sandbox/slack/validate-blocks.ts";
import { cardBlocks } from "../../src/slack/blocks/card.ts";
import { asText } from "./asText.ts";
import { now, recoveryStates, service } from "./cases.ts";

const cards = Object.entries(recoveryStates).map(([name, state]) => ({
  name,
  card: cardOf({ ...state, service, now }),
}));

const cardNamed = (name: string) => {
  const found = cards.find((each) => each.name.includes(name))?.card;
  if (found === undefined) throw new Error(`no state ${name}`);
  return found;
};
const buttons = (name: string) => cardNamed(name).buttons.map(({ action, label }) => `${action}: ${label}`);

describe("a card of another recovery than a restart", () => {
  it.each(cards)("reads well: $name", ({ card }) => {
    expect(asText(card)).toMatchSnapshot();
  });

  it.each(cards)("is taken by Slack and keeps its limits: $name", ({ card }) => {
    expect(validateBlocks(cardBlocks(card), "message")).toEqual({ problems: [], tooLong: false });
    expect(card.facts.length).toBeLessThanOrEqual(10);
    expect(card.buttons.length).toBeLessThanOrEqual(3);
    expect(asText(card)).not.toMatch(/undefined|NaN|\[object/);
  });

  it("asks back with the same sentence that stands on the card", () => {
    const approve = cardNamed("with what it would do").buttons.find(({ action }) => action === "approve");
    expect(approve?.confirm?.text).toMatch(/198\.51\.100\.10 moves from .* to i-0bbb.*Expected downtime: 1 to 3 min/s);
  });

  it("tells whoever approves second what the first one consented to", () => {
    const card = cardNamed("with force");
    const approve = card.buttons.find(({ action }) => action === "approve");
    expect(plain(card.summary)).toMatch(/failover \(force\) ordered by Mira Okafor/);
    expect(approve?.confirm?.text).toMatch(/two may serve/);
  });

  it("does not offer an approval that would be refused", () => {
    expect(buttons("cannot run now")).toEqual(["hold: Hold", "choose: Other…"]);
    const facts = cardNamed("cannot run now").facts.map(({ label, value }) => `${label}: ${plain(value)}`);
    expect(facts).toContain(
      "Cannot run now: the standby i-0bbb is in the same zone as the primary. Name a standby in another zone in medic.yaml.",
    );
  });

  it("says that an approval leads to the next rung where the world refuses", () => {
    expect(buttons("without a snapshot")[0]).toBe("approve: Try, else next rung");
  });

  it("withholds nothing because it could not be read", () => {
    expect(buttons("could not be read")[0]).toBe("approve: Approve now");
  });

  it("takes no preview for it that was read for an earlier proposal", () => {
    const state = recoveryStates["failover that cannot run now"];
    const { phase } = state?.current ?? {};
    if (state === undefined || phase?.kind !== "proposing") throw new Error("unexpected");
    const current = { ...state.current, phase: { ...phase, proposal: { ...phase.proposal, madeAt: now + 1 } } };
    const labels = cardOf({ ...state, current, service, now }).buttons.map(({ label }) => label);
    expect(labels[0]).toBe("Approve now");
  });
});

describe("words", () => {
  it.each(recoveries)("there are for %s, for every symptom", (recovery) => {
    for (const symptom of symptoms) {
      const { name, label, downtime, steps } = recoveryWords(recovery, symptom);
      for (const text of [name, label, downtime, ...steps]) expect(text).not.toBe("");
      expect(whyProposed(recovery, symptom)).toMatch(/^[A-Z].*\.$/);
    }
  });
});
