import { describe, expect, it } from "vitest";
import { cardOf } from "../../src/domain/card.ts";
import { plain } from "../../src/domain/text.ts";
import { newCase } from "../../src/domain/newCase.ts";
import { asText } from "./asText.ts";
import { now, service, shopWeb, states } from "./cases.ts";

const cards = Object.entries(states).map(([name, state]) => {
  return { name, card: cardOf({ ...state, service, now }), state };
});

describe("a card", () => {
  it.each(cards)("reads well: $name", ({ card }) => {
    expect(asText(card)).toMatchSnapshot();
  });

  it.each(cards)(
    "names its subject first and never offers more than three buttons and five menu entries: $name",
    ({ card }) => {
      expect(card.title.startsWith("shop-web")).toBe(true);
      expect(card.buttons.length).toBeLessThanOrEqual(3);
      expect(card.menu.length).toBeLessThanOrEqual(5);
      expect(card.facts.length).toBeLessThanOrEqual(10);
      expect(plain(card.summary)).not.toContain("undefined");
      expect(asText(card)).not.toMatch(/undefined|NaN|\[object/);
    },
  );

  it("has 'I have it' as the first menu entry while nobody has it, and not after", () => {
    const of = (name: string) => cards.find((each) => each.name === name)?.card.menu[0];
    expect(of("auto, clock running")).toEqual({ action: "ack", label: "I have it" });
    expect(of("auto, with dossier and evidence")).not.toMatchObject({ action: "ack" });
  });

  it("says what a stop costs before anybody approves it, on the card and in the question", () => {
    const card = cards.find((each) => each.name === "auto, with dossier and evidence")?.card;
    const facts = card?.facts.map(({ label, value }) => `${label}: ${plain(value)}`) ?? [];
    expect(facts).toContain("Expected downtime: 2 to 4 min");
    expect(facts.join("\n")).toMatch(/Public address: changes: 203\.0\.113\.7/);
    expect(facts.join("\n")).toMatch(/instance store is lost/);
    const approve = card?.buttons.find((button) => button.action === "approve");
    expect(approve?.confirm?.text).toMatch(/Expected downtime.*Public address.*Data/s);
  });

  it("binds its buttons to the proposal that is shown", () => {
    expect(cards.find((each) => each.name === "auto, clock running")?.card.proposal).toBe(3);
  });

  it("says who can lift a block", () => {
    const card = cards.find((each) => each.name === "blocked by the kill switch")?.card;
    expect(card?.notes.map(plain).join("\n")).toMatch(
      /autopilot is switched off.*approver lifts it.*Approve runs this one now/,
    );
    expect(card?.notes.map(plain).join("\n")).not.toMatch(/Runs by itself at/);
  });

  it("stays a card when the service is gone from medic.yaml", () => {
    const card = cardOf({
      current: states["auto, clock running"]?.current ?? newCase(shopWeb, { scope: service.scope, region: "" }),
      service: undefined,
      now,
    });
    expect(card.notes.map(plain).join("\n")).toMatch(/Gone from medic.yaml/);
  });
});
