import { readinessCard } from "../src/domain/readinessCard.ts";
import type { Verb } from "./context.ts";
import { serviceNamed } from "./serviceArgument.ts";

export const ready: Verb = {
  name: "ready",
  usage: "ready [SERVICE]",
  summary: "Could each recovery run now? With SERVICE it is looked at anew.",
  who: "everybody",
  orders: "nothing",
  async run(ctx, [word]) {
    if (word === undefined) return readinessCard(await ctx.readiness.read(), ctx.now);
    const service = await serviceNamed(ctx, ready, word);
    const report = await ctx.readiness.refresh(service);
    return readinessCard(report ? [report] : [], ctx.now);
  },
};
