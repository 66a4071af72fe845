import { ids, zoneId } from "../patterns.ts";
import { type Scenario } from "./scenario.ts";
import { cardAppears, resolves } from "./story.ts";

export const failoverDns: Scenario = {
  name: "failover-dns",
  about: "portal's first machine hangs; Mira approves; the weighted record sends people to the other one",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("kernel-hangs-for-good", "portal");
        await cardAppears(stage, "portal");
        await stage.press("mira", "portal", "Approve now");
        await resolves(stage, "portal");
        const weights = stage.account.peek.records(zoneId).filter((each) => each.name === "portal.example.com.");
        const weightOf = (set: string) => weights.find((each) => each.set === set)?.weight;
        stage.expect("the standby's record has the weight", weightOf("standby") === 100 && weightOf("primary") === 0);
        stage.expect(
          "its time to live was kept",
          weights.every((each) => each.ttl === 60),
        );
        stage.expect("the other machine serves", stage.livesOn("portal") === ids.portalStandby);
      },
    },
  ],
};
