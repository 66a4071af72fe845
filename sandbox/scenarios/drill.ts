import { ids } from "../patterns.ts";
import { minutes, type Scenario } from "./scenario.ts";
import { holderOf, wrote } from "./story.ts";

export const drill: Scenario = {
  name: "drill",
  about:
    "Mira rehearses the wiki's re-provisioning beside the running one, Noor agrees; it is proved, timed and cleared away",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        await stage.wait(minutes(3));
        await stage.command("mira", "/medic drill wiki go the monthly rehearsal");
        await stage.wait(minutes(1));
        stage.expect("one of two is not enough", wrote(stage, "RunInstances") === 0);
        await stage.press("noor", "wiki", "Approve (2 of 2)");
        await stage.until("the drill is over", () => stage.phaseOf("wiki") === "resolved", minutes(60));
        await stage.wait(minutes(3));
        const launched = stage.account.peek.machines().filter((each) => each.tags["ec2-medic:drill"] === "true");
        stage.expect("one machine was launched beside it", launched.length === 1 && wrote(stage, "RunInstances") === 1);
        stage.expect(
          "and it is gone",
          launched.every((each) => each.state === "terminated"),
        );
        stage.expect("the wiki itself was not touched", stage.answers("wiki") && stage.livesOn("wiki") === ids.wiki);
        stage.expect("its address stayed", holderOf(stage, ids.wikiAddress) === ids.wiki);
        stage.expect("nothing is owed back", stage.caseOf("wiki")?.debts.length === 0);
        await stage.command("mira", "/medic ready wiki");
      },
    },
  ],
};
