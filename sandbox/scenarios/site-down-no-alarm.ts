import { minutes, seconds, type Scenario } from "./scenario.ts";

export const siteDownNoAlarm: Scenario = {
  name: "site-down-no-alarm",
  about: "shop-api's process dies and no alarm notices; the bot's own probe does; Noor approves",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("process-dies", "shop-api");
        await stage.until("shop-api has a card", () => stage.card("shop-api") !== undefined, minutes(6));
        const inAlarm = stage.account.peek.alarms().filter((alarm) => alarm.state === "ALARM");
        stage.expect("no alarm has noticed", inAlarm.length === 0);
        await stage.wait(seconds(30));
        await stage.press("noor", "shop-api", "Approve now");
        await stage.until("shop-api is resolved", () => stage.phaseOf("shop-api") === "resolved", minutes(20));
        await stage.wait(minutes(1));
        stage.expect("exactly one reboot", stage.counts("shop-api").reboots === 1);
        stage.expect("shop-api answers", stage.answers("shop-api"));
      },
    },
  ],
};
