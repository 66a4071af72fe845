import { ids } from "../patterns.ts";
import { minutes, type Scenario } from "./scenario.ts";
import { cardAppears, proposes, wrote } from "./story.ts";

export const noSnapshot: Scenario = {
  name: "no-snapshot",
  about:
    "somebody deleted the wiki's snapshot at home: building it here is refused at once, the ladder goes on to the other region",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        await stage.account.calls.deleteSnapshot("somebody", ids.wikiSnapshot);
        stage.break("disk-full", "wiki");
        await cardAppears(stage, "wiki");
        await proposes(stage, "wiki", "reprovision-dr", minutes(120));
        stage.expect("nothing was launched", wrote(stage, "RunInstances") === 0);
        stage.expect("the address was not touched", wrote(stage, "DisassociateAddress") === 0);
        stage.expect("the card says why", /snapshot/i.test(stage.card("wiki")?.body ?? ""));
      },
    },
  ],
};
