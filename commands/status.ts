import { symptomWords } from "../src/domain/cardWords.ts";
import type { CardModel } from "../src/domain/cardModel.ts";
import { orderName } from "../src/domain/orderWords.ts";
import { sentence } from "../src/domain/reasons.ts";
import type { ServiceCase } from "../src/domain/serviceCase.ts";
import { length, utc, type Piece } from "../src/domain/text.ts";
import type { CommandContext, Verb } from "./context.ts";
import { isOpen, serviceNamed } from "./serviceArgument.ts";

/** Rows that fit a phone; the rest is counted. */
const rowsMax = 25;
const unmatchedMax = 5;

export const status: Verb = {
  name: "status",
  usage: "status [SERVICE]",
  summary: "What is open, who has it, and what comes next. `/medic` alone is the same.",
  who: "everybody",
  orders: "nothing",
  async run(ctx, [word]) {
    if (word !== undefined) {
      const service = await serviceNamed(ctx, status, word);
      const current = await ctx.cases.load(service);
      if (current?.incident === undefined) return [{ bold: service }, ": nothing is wrong as far as the bot knows."];
      return quietCard(await ctx.card(current));
    }
    return overview(ctx);
  },
};

/** The card without buttons: they belong to the one in the channel. */
function quietCard(card: CardModel): CardModel {
  return { ...card, key: `status/${card.key}`, buttons: [], menu: [] };
}

async function overview(ctx: CommandContext): Promise<CardModel> {
  const cases: ServiceCase[] = [];
  for await (const current of ctx.cases.all()) cases.push(current);
  const open = cases.filter(isOpen).sort((a, b) => (a.incident?.openedAt ?? 0) - (b.incident?.openedAt ?? 0));
  const watching = cases.filter((current) => current.phase.kind === "resolved");
  const unmatched = await ctx.unmatched(unmatchedMax);
  const autopilot = await ctx.autopilot.read();
  const storms = ctx.storms.active();
  const rows = open
    .slice(0, rowsMax)
    .map((current) => [current.service, stateWords(current, ctx.now), nextWords(current), holder(current)]);
  const count = ctx.settings.services.size;
  return {
    key: "status",
    version: 1,
    tone: open.length > 0 ? "bad" : "good",
    title:
      open.length === 0 ? "Nothing is open" : `${open.length} ${open.length === 1 ? "incident" : "incidents"} open`,
    summary: [
      `${count} ${count === 1 ? "service is" : "services are"} watched. Autopilot ${autopilot.state === "unknown" ? "cannot be read: off" : autopilot.state}.`,
    ],
    facts: [
      ...(storms.length > 0
        ? [
            {
              label: "Storm",
              value: storms.flatMap(({ scope, why }, index): Piece[] => [
                ...(index > 0 ? ["\n"] : []),
                `${scope}: ${why}`,
              ]),
            },
          ]
        : []),
      ...(watching.length > 0
        ? [
            {
              label: "Just back, watched",
              value: [
                watching
                  .map((current) => current.service)
                  .slice(0, rowsMax)
                  .join(", "),
              ],
            },
          ]
        : []),
      ...(unmatched.length > 0
        ? [
            {
              label: "Belongs to no service",
              value: [unmatched.map((item) => `${item.what} (${item.count} ×, ${item.why})`).join("\n")],
            },
          ]
        : []),
    ],
    notes: [
      ["As of ", { time: ctx.now, style: "time" }, open.length > rowsMax ? ` · and ${open.length - rowsMax} more` : ""],
    ],
    buttons: [],
    menu: [],
    ...(rows.length > 0 ? { table: { head: ["Service", "What", "Next", "Who"], rows } } : {}),
  };
}

function stateWords({ incident, phase }: ServiceCase, now: number): string {
  const broken = symptomWords[incident?.symptom ?? "down"];
  const since = incident ? `, ${length(now - incident.openedAt)}` : "";
  return phase.kind === "needs-person" ? `needs a person${since}` : `${broken}${since}`;
}

function nextWords(current: ServiceCase): string {
  const { phase, hold, blocked } = current;
  switch (phase.kind) {
    case "proposing":
      if (hold) return `held until ${utc(hold.until)}`;
      if (blocked) return sentence(blocked);
      if (phase.proposal.mode === "observe") return "only observed";
      if (phase.proposal.mode === "approve") return `${orderName(phase.proposal)} when approved`;
      return phase.proposal.vetoUntil === undefined
        ? `${orderName(phase.proposal)} once people are told`
        : `${orderName(phase.proposal)} at ${utc(phase.proposal.vetoUntil)}`;
    case "confirming":
      return `${orderName(phase.order)} after fresh evidence`;
    case "recovering":
      return `${orderName(phase.order)} under way`;
    case "verifying":
      return "proving that it answers";
    case "needs-person":
      return sentence(phase.reason);
    case "resolved":
    case "idle":
      return "-";
  }
}

function holder({ incident }: ServiceCase): string {
  return incident?.ack ? incident.ack.by.name : "nobody";
}
