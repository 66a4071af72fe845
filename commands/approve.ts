import type { Verb } from "./context.ts";
import { handIn } from "./outcome.ts";
import { serviceNamed } from "./serviceArgument.ts";

/** Like Approve on the card, on the proposal that stands now (or `#3` for exactly that one). */
export const approve: Verb = {
  name: "approve",
  usage: "approve SERVICE [#PROPOSAL]",
  summary: "Run what is proposed, now.",
  who: "an approver of the service",
  orders: "the proposed recovery",
  async run(ctx, [word, number]) {
    const service = await serviceNamed(ctx, approve, word);
    const current = await ctx.cases.load(service);
    const wanted = /^#?(\d+)$/.exec(number ?? "")?.[1];
    const proposal = wanted === undefined ? (current?.proposalCount ?? 0) : Number(wanted);
    return handIn(ctx, service, { kind: "approve", by: await ctx.asker(service), proposal });
  },
};
