import { minutes, seconds, type Scenario } from "./scenario.ts";

export const strangerClicks: Scenario = {
  name: "stranger-clicks",
  about: "Sam, who may not, presses Approve on shop-api: a private answer and nothing else; then Mira approves",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("kernel-hangs", "shop-api");
        await stage.until("shop-api has a card", () => stage.card("shop-api") !== undefined, minutes(6));
        await stage.wait(seconds(20));
        await stage.press("sam", "shop-api", "Approve now");
        await stage.wait(minutes(2));
        stage.expect(
          "Sam was told privately why not",
          stage.told("sam").some((text) => /not allowed/i.test(text)),
        );
        stage.expect("nothing was run", stage.account.writes.length === 0);
        stage.expect("the proposal still stands", stage.phaseOf("shop-api") === "proposing");
        await stage.press("mira", "shop-api", "Approve now");
        await stage.until("shop-api is resolved", () => stage.phaseOf("shop-api") === "resolved", minutes(20));
        await stage.wait(minutes(1));
        stage.expect("exactly one reboot", stage.counts("shop-api").reboots === 1);
        stage.expect("shop-api answers", stage.answers("shop-api"));
      },
    },
  ],
};
