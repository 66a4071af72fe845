import { ids } from "../patterns.ts";
import { minutes, type Scenario } from "./scenario.ts";
import {
  addressesWereSafe,
  cardAppears,
  decidedBy,
  holderOf,
  resolves,
  terminatedNothing,
  toldBeforeActing,
  wrote,
  wroteAt,
} from "./story.ts";

export const failoverStandby: Scenario = {
  name: "failover-standby",
  about: "the host under checkout fails; nobody objects; the standby starts, the primary is stopped, the address moves",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("host-fails", "checkout");
        await cardAppears(stage, "checkout");
        await stage.wait(minutes(3));
        stage.expect("nothing runs within the veto window", stage.account.writes.length === 0);
        await resolves(stage, "checkout");
        stage.expect("the standby holds the address", holderOf(stage, ids.checkoutAddress) === ids.checkoutStandby);
        stage.expect("the primary is stopped", stage.account.peek.machine(ids.checkoutPrimary).state === "stopped");
        stage.expect("the bot knows where checkout lives", stage.livesOn("checkout") === ids.checkoutStandby);
        stage.expect("the address was never on two", addressesWereSafe(stage));
        stage.expect("people were told before", toldBeforeActing(stage));
        stage.expect("the card says that nobody objected", decidedBy(stage, "checkout", "nobody objected"));
        stage.expect(
          "the primary was stopped before the address moved",
          wroteAt(stage, "StopInstances") < wroteAt(stage, "AssociateAddress"),
        );
        stage.expect(
          "one start, one stop, one move",
          wrote(stage, "StartInstances") === 1 &&
            wrote(stage, "StopInstances") === 1 &&
            wrote(stage, "AssociateAddress") === 1,
        );
        stage.expect("nothing was terminated", terminatedNothing(stage));
        stage.expect("nothing is owed back", stage.caseOf("checkout")?.debts.length === 0);
      },
    },
  ],
};
