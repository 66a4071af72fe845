import { ids } from "../patterns.ts";
import { minutes, type Scenario } from "./scenario.ts";
import { cardAppears, resolves, wrote } from "./story.ts";

export const asgEbsHooks: Scenario = {
  name: "asg-ebs-hooks",
  about: "ledger is replaced in its group; the bot answers both lifecycle hooks and the new machine has the books",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("disk-full", "ledger");
        await cardAppears(stage, "ledger");
        await stage.press("mira", "ledger", "Approve now");
        await resolves(stage, "ledger", minutes(120));
        const [member] = stage.account.peek.group("ledger").members.filter((each) => each.lifecycle === "InService");
        const now = member?.id ?? "";
        stage.expect("another machine serves", now !== "" && now !== ids.ledger);
        stage.expect("it has the books", stage.account.peek.data(now)["/dev/sdf"] === "the books");
        stage.expect("both hooks were answered", wrote(stage, "CompleteLifecycleAction") === 2);
        stage.expect("a snapshot was taken on the way", wrote(stage, "CreateSnapshot") >= 1);
      },
    },
  ],
};
