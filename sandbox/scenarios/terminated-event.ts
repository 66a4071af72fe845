import { ids } from "../patterns.ts";
import { minutes, type Scenario } from "./scenario.ts";
import { addressesWereSafe, cardAppears, decidedBy, holderOf, resolves, terminatedNothing, wrote } from "./story.ts";

export const terminatedEvent: Scenario = {
  name: "terminated-event",
  about:
    "somebody terminates checkout's primary: EC2's own notice opens the incident; a person did it, so a person is asked",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("terminated-by-somebody", "checkout");
        await stage.until("checkout has a card", () => stage.card("checkout") !== undefined, minutes(2));
        stage.expect(
          "no alarm had to fire first",
          stage.account.peek.alarms().every((each) => each.state !== "ALARM"),
        );
        await cardAppears(stage, "checkout");
        await stage.wait(minutes(8));
        stage.expect(
          "nothing ran by itself",
          stage.account.writes.every((each) => each.who !== "medic"),
        );
        await stage.press("mira", "checkout", "Approve now");
        await resolves(stage, "checkout");
        stage.expect("the standby holds the address", holderOf(stage, ids.checkoutAddress) === ids.checkoutStandby);
        stage.expect("the bot knows where checkout lives", stage.livesOn("checkout") === ids.checkoutStandby);
        stage.expect("what is gone was not stopped", wrote(stage, "StopInstances") === 0);
        stage.expect("the address was never on two", addressesWereSafe(stage));
        stage.expect("the bot terminated nothing", terminatedNothing(stage));
        stage.expect("the card names who approved", decidedBy(stage, "checkout", "Mira"));
      },
    },
  ],
};
