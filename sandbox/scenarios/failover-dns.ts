import { ids, zoneId } from "../patterns.ts";
import { seconds, type Scenario } from "./scenario.ts";
import { cardAppears, decidedBy, resolves, toldBeforeActing, wrote, wroteAt } from "./story.ts";

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
        const changedAt = wroteAt(stage, "ChangeResourceRecordSets");
        const changed = stage.account.peek.records(zoneId).filter((each) => each.name === "portal.example.com.");
        stage.expect(
          "the records still name the same two machines",
          addressesOf(changed) === "198.51.100.21 198.51.100.22",
        );
        stage.expect("the record was changed once", wrote(stage, "ChangeResourceRecordSets") === 1);
        stage.expect(
          "it was not called done before resolvers had forgotten the old answer",
          (stage.caseOf("portal")?.lastRun?.endedAt ?? 0) >= changedAt + seconds(60),
        );
        stage.expect(
          "the hung one was fenced before the record moved",
          stage.account.peek.machine(ids.portalPrimary).state === "stopped" &&
            wroteAt(stage, "StopInstances") < changedAt,
        );
        stage.expect("people were told before", toldBeforeActing(stage));
        stage.expect("the card names who approved", decidedBy(stage, "portal", "Mira"));
        stage.expect("nothing is owed back", stage.caseOf("portal")?.debts.length === 0);
        stage.expect("the other machine serves", stage.livesOn("portal") === ids.portalStandby);
      },
    },
  ],
};

function addressesOf(records: readonly { readonly values: readonly string[] }[]): string {
  return records
    .flatMap((each) => each.values)
    .toSorted()
    .join(" ");
}
