import { utc, type Piece, type Text } from "../src/domain/text.ts";
import { NotUnderstood, type CommandContext, type Verb } from "./context.ts";
import { nearest } from "../src/domain/nearest.ts";

/** The kill switch of everything automatic, and a person's word that a storm may end. Approvals work in any position. */
export const autopilot: Verb = {
  name: "autopilot",
  usage: "autopilot on|off|status",
  summary: "Switch everything automatic off or on; `on` also lets a storm end once it is quiet.",
  who: "an approver of any service (status: everybody)",
  orders: "off stops runs under way at their next safe point",
  async run(ctx, [word = "status"]) {
    const wanted = word.toLowerCase();
    if (wanted === "status") return status(ctx);
    if (wanted !== "on" && wanted !== "off") {
      const near = nearest(word, ["on", "off", "status"]);
      throw new NotUnderstood([
        { code: word },
        " is neither on, off nor status.",
        ...(near ? [" Did you mean ", { code: `/medic autopilot ${near}` }, "?"] : []),
      ]);
    }
    const by = await ctx.asker();
    if (!by.allowed) return [`Not allowed: ${by.refusal ?? "you are no approver"}.`];
    const now = await ctx.autopilot.set(wanted, by.name);
    // The switch is kept already: a store that fails from here on must not make it sound as if nothing was.
    const still = wanted === "on" ? await ctx.storms.giveWord(by.name).catch(() => undefined) : [];
    const aboutStorms = still === undefined ? [wordNotKept] : stormText(still);
    return [...stateText(now, wanted, ctx), ...aboutStorms];
  },
};

const wordNotKept =
  " Your word that a storm may end was not kept everywhere, because the store did not take it: type it again.";

function stateText(
  now: { readonly state: string; readonly by?: string },
  wanted: string,
  ctx: CommandContext,
): Piece[] {
  if (now.state === wanted) {
    const off = "; approvals and orders by people go on. Runs under way end at their next safe point.";
    return [{ bold: `Autopilot is ${wanted}` }, ` since ${utc(ctx.now)}${wanted === "off" ? off : "."}`];
  }
  return [
    { bold: `Autopilot is still ${now.state}` },
    ": your word is stored, but another switch says so (the parameter, the file, or the environment of a worker).",
  ];
}

function stormText(still: readonly string[]): Piece[] {
  if (still.length === 0) return [];
  return [
    ` The storm in ${still.join(", ")} ends when it has been quiet long enough; your word stands until something new opens.`,
  ];
}

async function status(ctx: CommandContext): Promise<Text> {
  const { state, by, readAt } = await ctx.autopilot.read();
  const words = state === "unknown" ? "cannot be read, which counts as off" : `is ${state}`;
  const storms = ctx.storms
    .active()
    .flatMap(({ scope, why }): Piece[] => ["\n", { bold: `Storm in ${scope}` }, `: ${why}; automatic runs stopped`]);
  return [
    { bold: `Autopilot ${words}` },
    by ? ` (${by})` : "",
    ", read ",
    { time: readAt, style: "time" },
    ".",
    ...storms,
  ];
}
