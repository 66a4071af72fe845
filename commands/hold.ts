import { length } from "../src/domain/text.ts";
import { NotUnderstood, type Verb } from "./context.ts";
import { durationMs } from "./duration.ts";
import { handIn } from "./outcome.ts";
import { serviceNamed } from "./serviceArgument.ts";

export const hold: Verb = {
  name: "hold",
  usage: "hold SERVICE [30m|4h|08:00] [reason]",
  summary: "Nothing runs by itself for 30 min, or for as long as you say (clock times are UTC).",
  who: "an approver of the service",
  orders: "nothing; stops the clock",
  async run(ctx, [word, ...rest]) {
    const service = await serviceNamed(ctx, hold, word);
    const [first] = rest;
    const forMs = first === undefined ? undefined : durationMs(first, ctx.now);
    const { holdMaxMs } = ctx.settings.timing;
    if (forMs === undefined && first !== undefined && /^\d/.test(first)) {
      throw new NotUnderstood([
        { code: first },
        " is no length of time; say ",
        { code: "30m" },
        ", ",
        { code: "4h" },
        " or ",
        { code: "08:00" },
        ".",
      ]);
    }
    if (forMs !== undefined && forMs > holdMaxMs) {
      throw new NotUnderstood([`A hold ends after ${length(holdMaxMs)} at the latest; say less, and hold again then.`]);
    }
    const why = (forMs === undefined ? rest : rest.slice(1)).join(" ");
    return handIn(ctx, service, {
      kind: "hold",
      by: await ctx.asker(service),
      ...(forMs === undefined ? {} : { forMs }),
      ...(why === "" ? {} : { why }),
    });
  },
};
