import { ids } from "../patterns.ts";
import { region } from "../places.ts";
import { minutes, type Scenario } from "./scenario.ts";
import { addressesWereSafe, cardAppears, holderOf, proposes, resolves, terminatedNothing, wrote } from "./story.ts";

export const noCapacity: Scenario = {
  name: "no-capacity",
  about: "the wiki's own zone has no machine left: the next zone is tried, with a token of its own",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("disk-full", "wiki");
        await cardAppears(stage, "wiki");
        await proposes(stage, "wiki", "reprovision");
        stage.account.breakAccount("no-capacity-in", { in: `${region}a` });
        await resolves(stage, "wiki", minutes(120));
        const now = stage.livesOn("wiki");
        const machine = stage.account.peek.machine(now);
        stage.expect("it runs in another zone", now !== ids.wiki && machine.availabilityZone !== `${region}a`);
        stage.expect("it holds the address", holderOf(stage, ids.wikiAddress) === now);
        stage.expect("one machine was launched", wrote(stage, "RunInstances") === 1);
        const refused = stage.account.writes.filter(
          (each) => each.operation === "RunInstances" && each.outcome !== "accepted",
        );
        stage.expect(
          "its own zone was asked first",
          refused.length > 0 && refused.every((each) => each.outcome === "InsufficientInstanceCapacity"),
        );
        stage.expect(
          "the old one is stopped, kept and says who took its place",
          stage.account.peek.machine(ids.wiki).tags["ec2-medic:replaced-by"] === now,
        );
        stage.expect(
          "it has the data of the snapshot",
          Object.values(stage.account.peek.data(now)).includes("the wiki"),
        );
        stage.expect("the address was never on two", addressesWereSafe(stage));
        stage.expect("nothing was terminated", terminatedNothing(stage));
      },
    },
  ],
};
