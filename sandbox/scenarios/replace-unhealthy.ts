import { ids } from "../patterns.ts";
import { type Scenario } from "./scenario.ts";
import { cardAppears, resolves, terminatedNothing } from "./story.ts";

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
        stage.expect("only the group terminated it", terminatedNothing(stage));
      },
    },
  ],
};
