import { ids, zoneId } from "../patterns.ts";
import type { Stage } from "../stage.ts";
import { minutes, seconds, type Scenario } from "./scenario.ts";
import {
  addressesWereSafe,
  cardAppears,
  decidedBy,
  holderOf,
  proposes,
  resolves,
  terminatedNothing,
  toldBeforeActing,
  wrote,
} from "./story.ts";

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
  stage.expect("people were told before", toldBeforeActing(stage));

  await stage.wait(minutes(5));
  const secondAt = stage.now();
  stage.break("process-dies", "wiki");
  await proposes(stage, "wiki", "reprovision");
  stage.expect("people can still say no: nothing was launched", wrote(stage, "RunInstances") === 0);
  await resolves(stage, "wiki", minutes(120));
  const second = stage.livesOn("wiki");
  stage.expect(
    "second: another machine here, with the address",
    second !== ids.wiki && holderOf(stage, ids.wikiAddress) === second,
  );
  stage.expect("people were told before the second rung", toldBeforeActing(stage, secondAt));
  stage.expect(
    "the first one is stopped, kept and says who took its place",
    stage.account.peek.machine(ids.wiki).state === "stopped" &&
      stage.account.peek.machine(ids.wiki).tags["ec2-medic:replaced-by"] === second,
  );
  stage.expect("it was rebooted once, not twice", stage.counts("wiki").reboots === 1);

  await stage.wait(minutes(5));
  const thirdAt = stage.now();
  stage.break("process-dies", "wiki");
  await proposes(stage, "wiki", "reprovision-dr");
  stage.expect("people can still say no: one was launched so far", wrote(stage, "RunInstances") === 1);
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
  const record = stage.account.peek.records(zoneId).find((each) => each.name === "wiki.example.com.");
  const thirdIp = stage.dr.peek.machines().find((each) => each.id === third)?.publicIp;
  stage.expect("and the record names it", thirdIp !== undefined && record?.values[0] === thirdIp && record.ttl === 60);
  stage.expect("the second one does not serve any more", stage.account.peek.machine(second).state === "stopped");
  stage.expect("people were told before the third rung", toldBeforeActing(stage, thirdAt));
  if (dr === "two approve") {
    stage.expect(
      "the card names both who approved",
      decidedBy(stage, "wiki", "Mira") && decidedBy(stage, "wiki", "Noor"),
    );
  }
  stage.expect("two were launched in all", wrote(stage, "RunInstances") === 2);

  await stage.wait(minutes(5));
  stage.break("process-dies", "wiki");
  await stage.until("a person is needed", () => stage.phaseOf("wiki") === "needs-person", minutes(20));
  await stage.wait(minutes(60));
  stage.expect("fourth: only told", wrote(stage, "RunInstances") === 2 && stage.phaseOf("wiki") === "needs-person");
  stage.expect("the address was never on two", addressesWereSafe(stage));
  stage.expect("nothing was terminated", terminatedNothing(stage));
}
