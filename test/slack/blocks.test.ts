import { describe, expect, it } from "vitest";
import { validateBlocks } from "../../sandbox/slack/validate-blocks.ts";
import { cardOf } from "../../src/domain/card.ts";
import type { CardModel } from "../../src/domain/cardModel.ts";
import { cardBlocks, cardMessage, richBlocks } from "../../src/slack/blocks/card.ts";
import { contentChars } from "../../src/slack/blocks/budget.ts";
import { mrkdwn } from "../../src/slack/blocks/mrkdwn.ts";
import { pressValue, readPress } from "../../src/slack/blocks/press.ts";
import { closeModal, holdModal, assignModal } from "../../src/slack/modals.ts";
import { otherModal } from "../../src/slack/otherModal.ts";
import { recoveries } from "../../src/domain/words.ts";
import { dossier, now, service, states } from "../card/cases.ts";

const cards = Object.entries(states).map(([name, state]) => ({ name, card: cardOf({ ...state, service, now }) }));
const shown = cards.filter(({ name }) =>
  [
    "auto, with dossier and evidence",
    "observe",
    "held",
    "recovering",
    "recovered",
    "needs a person after a failed run",
  ].includes(name),
);

describe("cards as Block Kit", () => {
  it.each(cards)("are taken by Slack, in new blocks and in old: $name", ({ card }) => {
    for (const refused of [new Set<never>(), new Set(richBlocks)]) {
      const blocks = cardBlocks(card, refused);
      expect(validateBlocks(blocks, "message")).toEqual({ problems: [], tooLong: false });
      expect(contentChars(blocks)).toBeLessThanOrEqual(10_000);
    }
  });

  it.each(shown)("keep their form: $name", ({ card }) => {
    expect(cardMessage(card)).toMatchSnapshot();
  });

  it("carry new block ids in every version, because Slack keeps the state of old ones", () => {
    const card = cards[0]?.card as CardModel;
    const ids = (version: number) => cardBlocks({ ...card, version }).map((block) => block.block_id);
    expect(ids(1).some((id) => ids(2).includes(id))).toBe(false);
  });

  it("say in the notification what is broken and when it runs by itself", () => {
    const card = cards.find(({ name }) => name === "auto, clock running")?.card as CardModel;
    expect(cardMessage(card).text).toMatch(
      /^BROKEN · shop-web fails its system status check\. Proposed: restart\. .* Runs by itself at 14:32 UTC/,
    );
  });

  it("stay within every limit whatever AWS and people write", () => {
    const long = "x".repeat(5_000);
    const wild: CardModel = {
      key: long,
      version: 1,
      service: "shop-web",
      proposal: 1,
      tone: "bad",
      title: `<!channel> ${long}`,
      summary: [long, { bold: long }, { code: long }],
      facts: Array.from({ length: 30 }, (_, n) => ({ label: `fact ${n}`, value: [long] })),
      chart: {
        title: long,
        points: Array.from({ length: 50 }, () => ({ label: "14:00 UTC", value: 1 })),
        threshold: 1,
      },
      steps: {
        title: long,
        lines: Array.from({ length: 60 }, () => ({ title: long, status: "error" as const, detail: long })),
      },
      notes: Array.from({ length: 30 }, () => [long]),
      buttons: [
        { action: "approve", label: long, spoken: long, confirm: { title: long, text: long, yes: long, no: long } },
      ],
      menu: Array.from({ length: 9 }, () => ({ action: "ack" as const, label: long })),
      table: { head: ["a", "b"], rows: Array.from({ length: 300 }, () => [long, ""]) },
    };
    for (const refused of [new Set<never>(), new Set(richBlocks)]) {
      const message = cardMessage(wild, refused);
      expect(validateBlocks(message.blocks, "message")).toEqual({ problems: [], tooLong: false });
      expect(message.text.length).toBeLessThanOrEqual(4_000);
    }
  });
});

describe("text from outside", () => {
  it("can neither mention, nor link, nor format", () => {
    const text = mrkdwn(["<!channel> & <@U1> *bold* _it_ ~s~ my_alarm_name ", { code: "a`b<c>" }, { bold: "<!here>" }]);
    expect(text).not.toMatch(/<[!@]/);
    expect(text).toContain("&lt;!channel&gt; &amp;");
    expect(text).toContain("my_alarm_name");
    expect(text).toContain("`a'b&lt;c&gt;`");
  });

  it("keeps the commands that our own sentences name in backticks", () => {
    expect(mrkdwn(["say `/medic autopilot on` now"])).toBe("say `/medic autopilot on` now");
  });

  it("shows times in the reader's own zone, with UTC for whoever cannot", () => {
    expect(mrkdwn([{ time: now, style: "time" }])).toBe(`<!date^${now / 1000}^{time}|14:25 UTC>`);
  });
});

describe("what a button says", () => {
  it("is read back as it was written", () => {
    expect(readPress(pressValue({ action: "approve", service: "shop-web", proposal: 12 }))).toEqual({
      action: "approve",
      service: "shop-web",
      proposal: 12,
    });
    expect(readPress(pressValue({ action: "assign", key: "unmatched/a|b" }))).toEqual({
      action: "assign",
      key: "unmatched/a|b",
    });
  });
  it.each(["", "approve", "format-c|1|shop-web", "approve|1|", "inc_1042|3|stop_start"])(
    "from elsewhere is not understood: %s",
    (value) => {
      expect(readPress(value)).toBeUndefined();
    },
  );
});

describe("windows", () => {
  const current = states["auto, clock running"]?.current;
  if (current === undefined) throw new Error("no case");
  const context = { service: "shop-web", proposal: 3, channel: "C0OPSALERTS" };
  it.each([undefined, "nothing", ...recoveries])("Other… is taken by Slack with %s picked", (picked) => {
    expect(
      validateBlocks(otherModal({ current, context, choices: recoveries, picked, dossier }).blocks, "modal").problems,
    ).toEqual([]);
  });
  it("asks for the service's name before what may lose an address or data, and not for a reboot", () => {
    const typed = (picked: string) =>
      otherModal({ current, context, choices: recoveries, picked }).blocks.some((block) => block.block_id === "typed");
    expect(typed("stop-start")).toBe(true);
    expect(typed("force-stop-start")).toBe(true);
    expect(typed("reboot")).toBe(false);
  });
  it("for hold, close and assign are taken by Slack", () => {
    for (const view of [
      holdModal("shop-web", context),
      closeModal(current, context),
      assignModal(["a", "b"], context, "my alarm"),
    ]) {
      expect(validateBlocks(view.blocks, "modal").problems).toEqual([]);
      expect(view.title.text.length).toBeLessThanOrEqual(24);
    }
  });
});
