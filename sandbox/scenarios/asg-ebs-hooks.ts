import { ids } from "../patterns.ts";
import { minutes, type Scenario } from "./scenario.ts";
import {
  addressesWereSafe,
  cardAppears,
  decidedBy,
  holderOf,
  resolves,
  terminatedNothing,
  wrote,
  wroteAt,
} from "./story.ts";

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
        const taken = stage.account.peek.snapshots().filter((each) => each.tags["ec2-medic:volume"] === "ledger");
        stage.expect(
          "one snapshot was taken on the way, and tagged",
          wrote(stage, "CreateSnapshot") === 1 && taken.length === 1,
        );
        stage.expect(
          "before the last hook was answered",
          wroteAt(stage, "CreateSnapshot") < wroteAt(stage, "CompleteLifecycleAction"),
        );
        stage.expect(
          "no hook was left to time out",
          stage.account.peek
            .hookActions("ledger")
            .every((each) => each.state === "completed" && each.result === "CONTINUE"),
        );
        stage.expect("it holds the address", holderOf(stage, ids.ledgerAddress) === now);
        stage.expect("the address was never on two", addressesWereSafe(stage));
        stage.expect("the group ended the old one, not the bot", terminatedNothing(stage));
        stage.expect("the card names who approved", decidedBy(stage, "ledger", "Mira"));
        stage.expect("nothing is owed back", stage.caseOf("ledger")?.debts.length === 0);
      },
    },
  ],
};
