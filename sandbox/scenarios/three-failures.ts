import { ids } from "../patterns.ts";
import type { Stage } from "../stage.ts";
import { minutes, seconds, type Scenario } from "./scenario.ts";
import { addressesWereSafe, cardAppears, holderOf, proposes, resolves, terminatedNothing, wrote } from "./story.ts";

/** The whole ladder as it was asked for: restart, anew here, anew in the other region, and then only telling. */
export const threeFailures: Scenario = {
  name: "three-failures",
  about:
    "the wiki fails three times in a row and once more: restarted, built anew here, built anew there, then only told",
  acts: [
    { title: "every rung by itself", mail: true, wiki: "auto", play: (stage) => story(stage, "by itself") },
    {
      title: "as a careful team writes it",
      mail: true,
      wiki: "defaults",
      play: (stage) => story(stage, "two approve"),
    },
  ],
};

async function story(stage: Stage, dr: "by itself" | "two approve"): Promise<void> {
  stage.break("process-dies", "wiki");
  await cardAppears(stage, "wiki");
  await resolves(stage, "wiki");
  stage.expect(
    "first: restarted where it was",
    stage.livesOn("wiki") === ids.wiki && stage.counts("wiki").reboots === 1,
  );
  stage.expect("people were told before", stage.mailbox.mails.length > 0);

  await stage.wait(minutes(5));
  stage.break("process-dies", "wiki");
  await proposes(stage, "wiki", "reprovision");
  await resolves(stage, "wiki", minutes(120));
  const second = stage.livesOn("wiki");
  stage.expect(
    "second: another machine here, with the address",
    second !== ids.wiki && holderOf(stage, ids.wikiAddress) === second,
  );
  stage.expect("it was rebooted once, not twice", stage.counts("wiki").reboots === 1);

  await stage.wait(minutes(5));
  stage.break("process-dies", "wiki");
  await proposes(stage, "wiki", "reprovision-dr");
  if (dr === "two approve") {
    await stage.press("mira", "wiki", "Approve (1 of 2)");
    await stage.wait(seconds(30));
    await stage.press("noor", "wiki", "Approve (2 of 2)");
  }
  await resolves(stage, "wiki", minutes(120));
  const third = stage.livesOn("wiki");
  stage.expect(
    "third: a machine in the other region",
    stage.dr.peek.machines().some((each) => each.id === third),
  );
  stage.expect("two were launched in all", wrote(stage, "RunInstances") === 2);

  await stage.wait(minutes(5));
  stage.break("process-dies", "wiki");
  await stage.until("a person is needed", () => stage.phaseOf("wiki") === "needs-person", minutes(20));
  await stage.wait(minutes(60));
  stage.expect("fourth: only told", wrote(stage, "RunInstances") === 2 && stage.phaseOf("wiki") === "needs-person");
  stage.expect("the address was never on two", addressesWereSafe(stage));
  stage.expect("nothing was terminated", terminatedNothing(stage));
}
