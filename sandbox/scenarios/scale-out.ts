import { searchTargets } from "../patterns.ts";
import { minutes, type Scenario } from "./scenario.ts";
import { cardAppears, decidedBy, resolves, terminatedNothing, toldBeforeActing, wrote } from "./story.ts";

export const scaleOut: Scenario = {
  name: "scale-out",
  about: "search has more work than two machines can do; nobody objects; a third one joins, and no more than that",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.account.setLoad("search", 170);
        await cardAppears(stage, "search");
        await resolves(stage, "search");
        const group = stage.account.peek.group("search");
        stage.expect("three are wanted, three are allowed", group.desired === 3 && group.max === 3);
        const inService = group.members.filter((each) => each.lifecycle === "InService").length;
        const healthy = stage.account.peek.targets(searchTargets).filter((each) => each.state === "healthy").length;
        stage.expect("the third is in service and the load balancer sends it work", inService === 3 && healthy === 3);
        stage.expect("people were told before", toldBeforeActing(stage));
        stage.expect("the card says that nobody objected", decidedBy(stage, "search", "nobody objected"));
        stage.expect("the bot asked once", wrote(stage, "SetDesiredCapacity") === 1);
        stage.expect("the maximum was left alone", wrote(stage, "UpdateAutoScalingGroup") === 0);
        stage.account.setLoad("search", 60);
        await stage.wait(minutes(10));
        stage.expect("nothing scales in by itself", stage.account.peek.group("search").desired === 3);
        await stage.command("mira", "/medic scale-in search go the sale is over");
        await stage.until("two are wanted again", () => stage.account.peek.group("search").desired === 2, minutes(20));
        stage.expect("the group chose who goes, not the bot", terminatedNothing(stage));
      },
    },
  ],
};
