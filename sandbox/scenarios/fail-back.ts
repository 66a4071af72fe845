import { ids } from "../patterns.ts";
import { minutes, type Scenario } from "./scenario.ts";
import { addressesWereSafe, cardAppears, decidedBy, holderOf, resolves, wrote } from "./story.ts";

export const failBack: Scenario = {
  name: "fail-back",
  about: "checkout failed over; the next morning Mira looks at the plan and orders it back to its first machine",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("host-fails", "checkout");
        await cardAppears(stage, "checkout");
        await resolves(stage, "checkout");
        await stage.command("mira", "/medic ack checkout");
        await stage.wait(minutes(90));
        await stage.command("mira", "/medic fail-back checkout");
        stage.expect("looking writes nothing", wrote(stage, "AssociateAddress") === 1);
        stage.expect("looking moves nothing", holderOf(stage, ids.checkoutAddress) === ids.checkoutStandby);
        await stage.command("mira", "/medic fail-back checkout go the host was replaced");
        await stage.until(
          "the first machine holds the address",
          () => holderOf(stage, ids.checkoutAddress) === ids.checkoutPrimary,
          minutes(30),
        );
        await resolves(stage, "checkout");
        stage.expect("the bot knows where checkout lives", stage.livesOn("checkout") === ids.checkoutPrimary);
        stage.expect("the standby waits, stopped", stage.account.peek.machine(ids.checkoutStandby).state === "stopped");
        stage.expect("the card names who ordered it", decidedBy(stage, "checkout", "Mira"));
        stage.expect("nothing is owed back", stage.caseOf("checkout")?.debts.length === 0);
        stage.expect("the address was never on two", addressesWereSafe(stage));
      },
    },
  ],
};
