import { ids } from "../patterns.ts";
import { minutes, type Scenario } from "./scenario.ts";
import {
  addressesWereSafe,
  cardAppears,
  decidedBy,
  holderOf,
  proposes,
  resolves,
  terminatedNothing,
  wrote,
} from "./story.ts";

export const asgAddress: Scenario = {
  name: "asg-address",
  about:
    "jobs's disk is full: a restart inside its group does not help; it is replaced, its user data fails, and the bot gives the new one its address",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.account.breakAccount("user-data-fails");
        stage.break("disk-full", "jobs");
        await cardAppears(stage, "jobs");
        await stage.press("mira", "jobs", "Approve now");
        await proposes(stage, "jobs", "replace");
        stage.expect(
          "what the restart had suspended runs again",
          stage.account.peek.group("jobs").suspended.length === 0,
        );
        stage.expect("the group kept its machine meanwhile", stage.livesOn("jobs") === ids.jobs);
        await stage.press("noor", "jobs", "Approve now");
        await resolves(stage, "jobs", minutes(90));
        const now = stage.livesOn("jobs");
        stage.expect("another machine serves", now !== ids.jobs);
        stage.expect("it holds the address", holderOf(stage, ids.jobsAddress) === now);
        stage.expect("the bot gave it, once", wrote(stage, "AssociateAddress") === 1);
        stage.expect("the group ended the old one, not the bot", terminatedNothing(stage));
        const group = stage.account.peek.group("jobs");
        stage.expect(
          "one is wanted, one is allowed, all processes run",
          `${group.desired} ${group.max} ${group.suspended.length}` === "1 1 0",
        );
        stage.expect("the card names who approved", decidedBy(stage, "jobs", "Noor"));
        stage.expect("nothing is owed back", stage.caseOf("jobs")?.debts.length === 0);
        stage.expect("the address was never on two", addressesWereSafe(stage));
      },
    },
  ],
};
