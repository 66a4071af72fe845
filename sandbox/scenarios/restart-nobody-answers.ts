import { minutes, type Scenario } from "./scenario.ts";

export const restartNobodyAnswers: Scenario = {
  name: "restart-nobody-answers",
  about: "shop-web's process dies at night; nobody objects within five minutes; it restarts by itself",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("process-dies", "shop-web");
        await stage.until("shop-web has a card", () => stage.card("shop-web") !== undefined, minutes(6));
        await stage.wait(minutes(4));
        stage.expect("nothing runs within the veto window", stage.account.writes.length === 0);
        await stage.until("shop-web is resolved", () => stage.phaseOf("shop-web") === "resolved", minutes(30));
        await stage.wait(minutes(1));
        const { reboots, stops, starts } = stage.counts("shop-web");
        stage.expect("exactly one reboot, no stop, no start", reboots === 1 && stops === 0 && starts === 0);
        stage.expect("shop-web answers", stage.answers("shop-web"));
        stage.expect("people were told by mail before it ran", stage.mailbox.mails.length > 0);
      },
    },
  ],
};
