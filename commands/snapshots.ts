import { snapshotsCard } from "../src/domain/snapshotsCard.ts";
import type { Verb } from "./context.ts";
import { serviceNamed } from "./serviceArgument.ts";

export const snapshots: Verb = {
  name: "snapshots",
  usage: "snapshots SERVICE",
  summary: "What it could be built anew from, here and in the DR region, and how old that is.",
  who: "everybody",
  orders: "nothing",
  async run(ctx, [word]) {
    const service = await serviceNamed(ctx, snapshots, word);
    const report = await ctx.snapshots(service);
    return report
      ? snapshotsCard(report)
      : [`${service} is gone from medic.yaml: nothing says where its snapshots are.`];
  },
};
