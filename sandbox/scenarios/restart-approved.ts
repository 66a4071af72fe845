import { minutes, seconds, type Scenario } from "./scenario.ts";

export const restartApproved: Scenario = {
  name: "restart-approved",
  about: "shop-web's kernel hangs; Mira approves; one reboot brings it back",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("kernel-hangs", "shop-web");
        await stage.until("shop-web has a card", () => stage.card("shop-web") !== undefined, minutes(6));
        await stage.wait(seconds(40));
        await stage.press("mira", "shop-web", "Approve now");
        await stage.until("shop-web is resolved", () => stage.phaseOf("shop-web") === "resolved", minutes(20));
        await stage.wait(minutes(1));
        const { reboots, stops, starts } = stage.counts("shop-web");
        stage.expect("exactly one reboot, no stop, no start", reboots === 1 && stops === 0 && starts === 0);
        stage.expect("shop-web answers", stage.answers("shop-web"));
        stage.expect("the card names who approved", stage.card("shop-web")?.body.includes("Mira") === true);
        stage.expect(
          "the card says that it is back",
          /recovered|is back|well/i.test(stage.card("shop-web")?.text ?? ""),
        );
      },
    },
  ],
};
