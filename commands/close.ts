import { NotUnderstood, type Verb } from "./context.ts";
import { handIn } from "./outcome.ts";
import { serviceNamed } from "./serviceArgument.ts";

export const close: Verb = {
  name: "close",
  usage: "close SERVICE REASON",
  summary: "Close the incident: a person has dealt with it.",
  who: "an approver of the service",
  orders: "nothing; a new change opens a new incident",
  async run(ctx, [word, ...rest]) {
    const service = await serviceNamed(ctx, close, word);
    const why = rest.join(" ");
    if (why === "") throw new NotUnderstood(["Say why: ", { code: `/medic close ${service} REASON` }, "."]);
    return handIn(ctx, service, { kind: "close", by: await ctx.asker(service), why });
  },
};
