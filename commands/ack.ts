import type { Verb } from "./context.ts";
import { handIn } from "./outcome.ts";
import { serviceNamed } from "./serviceArgument.ts";

export const ack: Verb = {
  name: "ack",
  usage: "ack SERVICE",
  summary: "Say that you have it: your name stands on the card, nobody else is called.",
  who: "an approver of the service",
  orders: "nothing; after an incident it ends the window, so that the next failure starts at rung 1",
  async run(ctx, [word]) {
    const service = await serviceNamed(ctx, ack, word);
    return handIn(ctx, service, { kind: "ack", by: await ctx.asker(service) });
  },
};
