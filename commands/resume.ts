import type { Verb } from "./context.ts";
import { handIn } from "./outcome.ts";
import { serviceNamed } from "./serviceArgument.ts";

export const resume: Verb = {
  name: "resume",
  usage: "resume SERVICE",
  summary: "End a hold; a fresh veto window opens.",
  who: "an approver of the service",
  orders: "nothing at once",
  async run(ctx, [word]) {
    const service = await serviceNamed(ctx, resume, word);
    return handIn(ctx, service, { kind: "resume", by: await ctx.asker(service) });
  },
};
