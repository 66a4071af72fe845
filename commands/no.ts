import type { Verb } from "./context.ts";
import { handIn } from "./outcome.ts";
import { serviceNamed } from "./serviceArgument.ts";

export const no: Verb = {
  name: "no",
  usage: "no SERVICE [reason]",
  summary: "Drop what is proposed; a person takes over.",
  who: "an approver of the service",
  orders: "nothing; the proposal is not made again in this window",
  async run(ctx, [word, ...why]) {
    const service = await serviceNamed(ctx, no, word);
    const current = await ctx.cases.load(service);
    const by = await ctx.asker(service);
    const reason = why.join(" ");
    return handIn(ctx, service, {
      kind: "no",
      by,
      proposal: current?.proposalCount ?? 0,
      ...(reason === "" ? {} : { why: reason }),
    });
  },
};
