/**
 * Golden transcripts: what operators would read, one file a story, reviewed by people. Each story also asserts where it ends,
 * so that a transcript that was updated without thinking still fails.
 */
import { expect, test } from "vitest";
import { alarm, minute, mira, noor, rung, sam, stage, type Stage } from "./stage.ts";

async function matches(s: Stage, name: string): Promise<void> {
  await expect(s.lines.join("\n") + "\n").toMatchFileSnapshot(`transcripts/${name}.txt`);
}

const badNow = { ec2: "bad", probe: "bad" } as const;
const goodNow = { ec2: "good", probe: "good" } as const;

function proveWell(s: Stage): void {
  for (let poll = 0; poll < 12 && s.phase() === "verifying"; poll += 1) {
    s.evidence(
      goodNow,
      s.current.bad.map((b) => ({ subject: b.subject, state: "OK" as const })),
    );
    s.pass(15_000);
  }
}

test("approved by one tap: evidence is read, the restart runs, two minutes of good answers close it", async () => {
  const s = stage({ os: [rung("approve")] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  s.evidence(badNow);
  s.pass(minute);
  s.send({ kind: "approve", by: mira, proposal: 1 });
  s.send({ kind: "approve", by: noor, proposal: 1 });
  s.evidence(badNow);
  s.send({
    kind: "run-step",
    runId: "shop-web/1" as never,
    step: "instance was rebooted",
    state: "begun",
    acted: true,
  });
  s.pass(90_000);
  s.runEnds({ kind: "done", summary: "rebooted" });
  proveWell(s);
  expect(s.phase()).toBe("resolved");
  await matches(s, "approved");
});

test("nobody answers an auto rung: told, veto window, fresh evidence, permit, run", async () => {
  const s = stage({ os: [rung("auto")] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.pass(10 * minute);
  expect(s.phase()).toBe("proposing"); // Nobody was told: nothing automatic, however long it takes.
  s.show();
  s.pass(4 * minute);
  expect(s.phase()).toBe("proposing");
  s.pass(minute);
  expect(s.phase()).toBe("confirming");
  s.evidence(badNow);
  expect(s.phase()).toBe("confirming");
  s.permit(true);
  expect(s.phase()).toBe("recovering");
  s.runEnds({ kind: "done", summary: "rebooted" });
  proveWell(s);
  expect(s.phase()).toBe("resolved");
  await matches(s, "nobody-answers");
});

test("a hold stops the clock, and its end opens a fresh veto window", async () => {
  const s = stage({ os: [rung("auto")] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  s.pass(4 * minute);
  s.send({ kind: "hold", by: mira });
  s.send({ kind: "hold", by: noor });
  s.pass(30 * minute - 1000);
  expect(s.phase()).toBe("proposing");
  s.pass(1000);
  s.pass(5 * minute - 2000);
  expect(s.phase()).toBe("proposing");
  s.pass(3000);
  expect(s.phase()).toBe("confirming");
  await matches(s, "held");
});

test("what clears by itself is resolved, and comes back at the same rung within the window", async () => {
  const s = stage({ os: [rung("approve")] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  s.pass(2 * minute);
  s.send({ kind: "signal", signal: alarm("good", s.now) });
  expect(s.phase()).toBe("resolved");
  s.pass(20 * minute);
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  expect(s.phase()).toBe("proposing");
  expect(s.current.phase).toMatchObject({ proposal: { rung: 0, number: 2 } });
  await matches(s, "clears-by-itself");
});

test("a restart that does not help climbs, and after the last rung a person is needed", async () => {
  const s = stage({ os: [rung("approve"), rung("approve", { recovery: "stop-start" })] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  s.send({ kind: "approve", by: mira, proposal: 1 });
  s.evidence(badNow);
  s.runEnds({ kind: "done", summary: "rebooted" });
  s.pass(minute);
  s.evidence(badNow);
  s.pass(5 * minute);
  expect(s.current.phase).toMatchObject({ kind: "proposing", proposal: { recovery: "stop-start", rung: 1 } });
  s.show();
  s.send({ kind: "approve", by: mira, proposal: 2 });
  s.evidence(badNow);
  s.runEnds({ kind: "failed", code: "no-capacity", detail: "AWS has no capacity for m6i.large", climb: true });
  expect(s.phase()).toBe("needs-person");
  await matches(s, "climbs-to-a-person");
});

test("a stranger is answered and changes nothing", async () => {
  const s = stage({ os: [rung("approve")] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  const { rev } = s.current;
  s.send({ kind: "approve", by: sam, proposal: 1 });
  s.send({ kind: "hold", by: sam });
  s.send({ kind: "stop", by: sam });
  s.send({ kind: "order", by: sam, recovery: "force-stop-start", why: "because" });
  expect(s.current.rev).toBe(rev);
  await matches(s, "stranger");
});

test("two approvals: the first waits, expires aloud, and is asked again", async () => {
  const s = stage({ os: [rung("approve", { approvals: 2 })] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  s.send({ kind: "approve", by: mira, proposal: 1 });
  s.send({ kind: "approve", by: mira, proposal: 1 });
  s.pass(15 * minute);
  expect(s.current.phase).toMatchObject({ kind: "proposing", proposal: { approvals: [] } });
  await matches(s, "approval-expires");
});

test("no: the proposal is dropped, is not made again in the window, and an order by a person still works", async () => {
  const s = stage({ os: [rung("auto")] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  s.send({ kind: "no", by: mira, proposal: 1, why: "we are deploying" });
  expect(s.phase()).toBe("needs-person");
  s.pass(30 * minute);
  expect(s.phase()).toBe("needs-person");
  s.send({ kind: "order", by: noor, recovery: "reboot", why: "deploy is over" });
  expect(s.phase()).toBe("confirming");
  await matches(s, "refused-then-ordered");
});

test("a storm stops what would run by itself, and says so once", async () => {
  const s = stage({ os: [rung("auto")] }, { facts: { storm: { active: true, readAt: 0 } } });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  s.pass(12 * minute);
  expect(s.phase()).toBe("proposing");
  s.facts = { ...s.facts, storm: { active: false, readAt: s.now } };
  s.pass(5 * minute);
  expect(s.phase()).toBe("proposing"); // Its end opens a fresh veto window.
  s.pass(minute);
  expect(s.phase()).toBe("confirming");
  await matches(s, "storm");
});

test("an unanswered approve rung: mention, escalation, reminders, and silence after an ack", async () => {
  const s = stage({ os: [rung("approve")] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  s.pass(70 * minute);
  s.send({ kind: "ack", by: mira });
  s.pass(50 * minute);
  await matches(s, "nobody-reacts");
});
