import { minutes, type Scenario } from "./scenario.ts";

export const held: Scenario = {
  name: "held",
  about:
    "Mira holds shop-web for half an hour; nothing runs; the hold ends, a fresh veto window opens, then it restarts",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("process-dies", "shop-web");
        await stage.until("shop-web has a card", () => stage.card("shop-web") !== undefined, minutes(6));
        await stage.wait(minutes(1));
        await stage.press("mira", "shop-web", "Hold");
        await stage.wait(minutes(2));
        stage.expect("the case is held", stage.caseOf("shop-web")?.hold !== undefined);
        stage.expect("the card says so", /held/i.test(stage.card("shop-web")?.body ?? ""));
        await stage.wait(minutes(27));
        stage.expect("nothing ran during the hold", stage.account.writes.length === 0);
        await stage.wait(minutes(5));
        stage.expect("nothing runs at once when the hold ends", stage.account.writes.length === 0);
        await stage.until("shop-web is resolved", () => stage.phaseOf("shop-web") === "resolved", minutes(30));
        await stage.wait(minutes(1));
        stage.expect("exactly one reboot", stage.counts("shop-web").reboots === 1);
        stage.expect("shop-web answers", stage.answers("shop-web"));
      },
    },
  ],
};
