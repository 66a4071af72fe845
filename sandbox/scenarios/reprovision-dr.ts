import { ids, zoneId } from "../patterns.ts";
import { minutes, seconds, type Scenario } from "./scenario.ts";
import { cardAppears, decidedBy, proposes, resolves, terminatedNothing, wrote, wroteAt } from "./story.ts";

export const reprovisionDr: Scenario = {
  name: "reprovision-dr",
  about:
    "no machine is to be had at home; two people agree; the wiki is built in the other region and its record moves",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.account.breakAccount("no-capacity");
        stage.break("disk-full", "wiki");
        await cardAppears(stage, "wiki");
        await proposes(stage, "wiki", "reprovision-dr", minutes(120));
        await stage.press("mira", "wiki", "Approve (1 of 2)");
        await stage.wait(seconds(30));
        stage.expect("one is not enough", stage.phaseOf("wiki") === "proposing");
        await stage.press("noor", "wiki", "Approve (2 of 2)");
        await resolves(stage, "wiki", minutes(120));
        const now = stage.livesOn("wiki");
        const machine = stage.dr.peek.machines().find((each) => each.id === now);
        const record = stage.account.peek.records(zoneId).find((each) => each.name === "wiki.example.com.");
        stage.expect("it lives in the other region", machine?.state === "running");
        stage.expect("the record names it", record?.values[0] === machine?.publicIp && record?.ttl === 60);
        stage.expect("it has the data of the copy", Object.values(stage.dr.peek.data(now)).includes("the wiki"));
        stage.expect("the old one does not serve", stage.account.peek.machine(ids.wiki).state === "stopped");
        stage.expect(
          "nothing was launched at home",
          stage.account.writes.every((each) => each.operation !== "RunInstances" || each.outcome !== "accepted"),
        );
        stage.expect("one machine was launched there", wrote(stage, "RunInstances") === 1);
        const changedAt = wroteAt(stage, "ChangeResourceRecordSets");
        stage.expect(
          "resolvers had time to forget",
          (stage.caseOf("wiki")?.lastRun?.endedAt ?? 0) >= changedAt + seconds(60),
        );
        stage.expect(
          "the card names both who approved",
          decidedBy(stage, "wiki", "Mira") && decidedBy(stage, "wiki", "Noor"),
        );
        stage.expect("nothing is owed back", stage.caseOf("wiki")?.debts.length === 0);
        stage.expect("nothing was terminated", terminatedNothing(stage));
      },
    },
  ],
};
