import type { Verb } from "./context.ts";
import { handIn } from "./outcome.ts";
import { serviceNamed } from "./serviceArgument.ts";

export const stop: Verb = {
  name: "stop",
  usage: "stop SERVICE",
  summary: "End a run at its next safe point; it says what is left to do by hand.",
  who: "an approver of the service",
  orders: "the end of the run under way",
  async run(ctx, [word]) {
    const service = await serviceNamed(ctx, stop, word);
    return handIn(ctx, service, { kind: "stop", by: await ctx.asker(service) });
  },
};
