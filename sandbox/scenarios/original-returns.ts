import { ids } from "../patterns.ts";
import { minutes, type Scenario } from "./scenario.ts";
import { addressesWereSafe, cardAppears, holderOf, resolves, terminatedNothing } from "./story.ts";

export const originalReturns: Scenario = {
  name: "original-returns",
  about:
    "checkout failed over; somebody starts the old machine: people are told, it is marked and stays out of service",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("host-fails", "checkout");
        await cardAppears(stage, "checkout");
        await resolves(stage, "checkout");
        await stage.wait(minutes(5));
        const mails = stage.mailbox.mails.length;
        await stage.account.calls.start("somebody", [ids.checkoutPrimary]);
        await stage.until(
          "the bot has seen to it",
          () => stage.caseOf("checkout")?.former.some((each) => each.quarantined !== undefined) === true,
          minutes(15),
        );
        await stage.wait(minutes(2));
        const { tags } = stage.account.peek.machine(ids.checkoutPrimary);
        stage.expect("it is marked", tags["ec2-medic:quarantined"] !== undefined);
        stage.expect("the address stayed where it was", holderOf(stage, ids.checkoutAddress) === ids.checkoutStandby);
        stage.expect("people were told by mail", stage.mailbox.mails.length > mails);
        stage.expect("and on the card", /original/i.test(stage.card("checkout")?.body ?? ""));
        stage.expect(
          "it runs on: nobody stopped it",
          stage.account.peek.machine(ids.checkoutPrimary).state === "running",
        );
        stage.expect("the address was never on two", addressesWereSafe(stage));
        stage.expect("nothing was terminated", terminatedNothing(stage));
        stage.expect("the service still lives on the standby", stage.livesOn("checkout") === ids.checkoutStandby);
      },
    },
  ],
};
