import type { Verb } from "./context.ts";
import { handIn } from "./outcome.ts";
import { serviceNamed } from "./serviceArgument.ts";

export const restart: Verb = {
  name: "restart",
  usage: "restart SERVICE [reason]",
  summary: "Restart it: reboot, then stop and start if that did not help.",
  who: "an approver of the service; with `requireOther` a second one must approve",
  orders: "recovery restart, beside the ladder when nothing is wrong",
  async run(ctx, [word, ...why]) {
    const service = await serviceNamed(ctx, restart, word);
    const by = await ctx.asker(service);
    return handIn(ctx, service, { kind: "order", by, recovery: "restart", why: why.join(" ") });
  },
};
