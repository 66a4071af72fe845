import { minutes, type Scenario } from "./scenario.ts";

export const clearsByItself: Scenario = {
  name: "clears-by-itself",
  about: "shop-web stumbles and recovers within the veto window; nothing is run",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("process-dies", "shop-web");
        await stage.until("shop-web has a card", () => stage.card("shop-web") !== undefined, minutes(6));
        await stage.wait(minutes(1));
        stage.mend("process-dies", "shop-web");
        await stage.until("shop-web is resolved", () => stage.phaseOf("shop-web") === "resolved", minutes(10));
        await stage.wait(minutes(10));
        stage.expect("nothing was run", stage.account.writes.length === 0);
        const phase = stage.caseOf("shop-web")?.phase;
        stage.expect("it cleared by itself", phase?.kind === "resolved" && phase.how === "cleared");
        stage.expect("the card offers no approval any more", !hasApprove(stage.card("shop-web")?.buttons ?? []));
      },
    },
  ],
};

function hasApprove(buttons: readonly { readonly label: string }[]): boolean {
  return buttons.some((each) => each.label.startsWith("Approve"));
}
