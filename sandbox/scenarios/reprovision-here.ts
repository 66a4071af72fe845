import { ids } from "../patterns.ts";
import { minutes, type Scenario } from "./scenario.ts";
import { addressesWereSafe, cardAppears, holderOf, proposes, resolves, terminatedNothing, wrote } from "./story.ts";

export const reprovisionHere: Scenario = {
  name: "reprovision-here",
  about:
    "wiki's disk is full; the restart does not help; a new machine is built from the snapshot and gets the address",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("disk-full", "wiki");
        await cardAppears(stage, "wiki");
        await proposes(stage, "wiki", "reprovision");
        stage.expect(
          "the card says how old the data is",
          /min old|\bold\b/.test(stage.card("wiki")?.text ?? "") || /old/.test(stage.card("wiki")?.body ?? ""),
        );
        await stage.press("mira", "wiki", "Hold");
        await stage.wait(minutes(20));
        stage.expect("a hold stops the ladder, beyond its veto window too", wrote(stage, "RunInstances") === 0);
        stage.expect("the case is held", stage.caseOf("wiki")?.hold !== undefined);
        await stage.press("noor", "wiki", "Resume");
        await resolves(stage, "wiki", minutes(120));
        const now = stage.livesOn("wiki");
        stage.expect("another machine serves", now !== ids.wiki);
        stage.expect("it holds the address", holderOf(stage, ids.wikiAddress) === now);
        stage.expect(
          "it has the data of the snapshot",
          Object.values(stage.account.peek.data(now)).includes("the wiki"),
        );
        stage.expect("the old one is stopped and kept", stage.account.peek.machine(ids.wiki).state === "stopped");
        stage.expect(
          "and says who took its place",
          stage.account.peek.machine(ids.wiki).tags["ec2-medic:replaced-by"] === now,
        );
        stage.expect(
          "the new one is managed too",
          stage.account.peek.machine(now).tags["ec2-medic:managed"] === "true",
        );
        stage.expect("nothing is owed back", stage.caseOf("wiki")?.debts.length === 0);
        stage.expect("one machine was launched", wrote(stage, "RunInstances") === 1);
        stage.expect("the address was never on two", addressesWereSafe(stage));
        stage.expect("nothing was terminated", terminatedNothing(stage));
      },
    },
  ],
};
