import { ids, searchTargets } from "../patterns.ts";
import { type Scenario } from "./scenario.ts";
import { cardAppears, decidedBy, resolves, terminatedNothing, toldBeforeActing, wrote } from "./story.ts";

export const replaceUnhealthy: Scenario = {
  name: "replace-unhealthy",
  about: "one of search's machines answers no more behind the load balancer; Noor approves; its group replaces it",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.account.break("disk-full", ids.searchA);
        await cardAppears(stage, "search");
        await stage.press("noor", "search", "Approve now");
        await resolves(stage, "search");
        const group = stage.account.peek.group("search");
        const members = group.members.filter((each) => each.lifecycle === "InService").map((each) => each.id);
        stage.expect("two are in service", members.length === 2 && group.desired === 2);
        stage.expect(
          "the sick one is gone, the well one stayed",
          !members.includes(ids.searchA) && members.includes(ids.searchB),
        );
        const healthy = stage.account.peek.targets(searchTargets).filter((each) => each.state === "healthy");
        stage.expect(
          "the load balancer sends work to both",
          members.every((id) => healthy.some((each) => each.instanceId === id)),
        );
        stage.expect("no process was left suspended", group.suspended.length === 0);
        stage.expect(
          "one was handed to the group",
          wrote(stage, "SetInstanceHealth") + wrote(stage, "TerminateInstanceInAutoScalingGroup") === 1,
        );
        stage.expect("people were told before", toldBeforeActing(stage));
        stage.expect("the card names who approved", decidedBy(stage, "search", "Noor"));
        stage.expect("only the group terminated it", terminatedNothing(stage));
      },
    },
  ],
};
