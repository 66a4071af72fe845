import { minutes, type Scenario } from "./scenario.ts";

export const slackDown: Scenario = {
  name: "slack-down",
  about: "Slack is down for an hour: with mail the restart runs, without it waits; the cards are right afterwards",
  acts: [
    {
      title: "With mail: people are told by mail, so it runs",
      mail: true,
      play: async (stage) => {
        stage.slackDown();
        stage.break("process-dies", "shop-web");
        await stage.until("a mail went out", () => stage.mailbox.mails.length > 0, minutes(10));
        await stage.until("shop-web is resolved", () => stage.phaseOf("shop-web") === "resolved", minutes(40));
        stage.expect("exactly one reboot", stage.counts("shop-web").reboots === 1);
        stage.expect("Slack shows nothing yet", stage.card("shop-web") === undefined);
        await stage.wait(minutes(20));
        stage.slackUp();
        await stage.until("the card stands in Slack", () => stage.card("shop-web") !== undefined, minutes(10));
        await stage.wait(minutes(2));
        stage.expect("the card is right", cardIsRight(stage.caseOf("shop-web")));
        stage.expect("there is one card, not two", stage.cardCount("shop-web") === 1);
      },
    },
    {
      title: "Without mail: nobody can be told, so it waits",
      mail: false,
      play: async (stage) => {
        stage.slackDown();
        stage.break("process-dies", "shop-web");
        await stage.until("the incident is open", () => stage.phaseOf("shop-web") === "proposing", minutes(6));
        await stage.wait(minutes(55));
        stage.expect("nothing ran while nobody could be told", stage.account.writes.length === 0);
        stage.expect("it is still proposed", stage.phaseOf("shop-web") === "proposing");
        stage.slackUp();
        await stage.until("the card stands in Slack", () => stage.card("shop-web") !== undefined, minutes(10));
        await stage.wait(minutes(3));
        stage.expect("a fresh veto window comes first", stage.account.writes.length === 0);
        await stage.until("shop-web is resolved", () => stage.phaseOf("shop-web") === "resolved", minutes(30));
        await stage.wait(minutes(2));
        stage.expect("exactly one reboot", stage.counts("shop-web").reboots === 1);
        stage.expect("the card is right", cardIsRight(stage.caseOf("shop-web")));
        stage.expect("there is one card, not two", stage.cardCount("shop-web") === 1);
      },
    },
  ],
};

/** What Slack shows is what the store wants shown. */
function cardIsRight(
  current: { readonly cardVersion: number; readonly shown?: { readonly version: number } } | undefined,
): boolean {
  return current?.shown !== undefined && current.shown.version >= current.cardVersion;
}
