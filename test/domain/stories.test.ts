/** More golden transcripts (see transcripts.test.ts): the nights on which something goes differently than the card first said. */
import { expect, test } from "vitest";
import { alarm, minute, mira, noor, rung, stage, type Stage } from "./stage.ts";
import type { Rung } from "../../src/domain/service.ts";

async function matches(s: Stage, name: string): Promise<void> {
  await expect(s.lines.join("\n") + "\n").toMatchFileSnapshot(`transcripts/${name}.txt`);
}

const badNow = { ec2: "bad", probe: "bad" } as const;
const goodNow = { ec2: "good", probe: "good" } as const;

function opened(rungs: readonly Rung[], options: Parameters<typeof stage>[1] = {}): Stage {
  const s = stage({ os: rungs, host: rungs, down: rungs }, options);
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  return s;
}

function proveWell(s: Stage): void {
  for (let poll = 0; poll < 12 && s.phase() === "verifying"; poll += 1) {
    s.evidence(
      goodNow,
      s.current.bad.map((b) => ({ subject: b.subject, state: "OK" as const })),
    );
    s.pass(15_000);
  }
}

test("two failures within the window climb the ladder, the third calls a person", async () => {
  const s = opened([rung("auto"), rung("auto", { recovery: "stop-start" })]);
  for (let failure = 1; failure <= 2; failure += 1) {
    s.pass(5 * minute);
    s.evidence(badNow);
    s.permit(true);
    s.pass(2 * minute);
    s.runEnds({ kind: "done", summary: "" });
    proveWell(s);
    expect(s.phase()).toBe("resolved");
    s.pass(10 * minute);
    s.send({ kind: "signal", signal: alarm("bad", s.now) });
    s.show();
  }
  expect(s.phase()).toBe("needs-person");
  s.pass(11 * minute);
  await matches(s, "third-failure");
});

test("Slack is away: mail tells, the veto window starts from there, the run goes on", async () => {
  const s = stage({ os: [rung("auto")] }, { facts: { mailConfigured: true } });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.pass(2 * minute);
  const incident = s.current.incident?.id;
  if (incident) s.send({ kind: "told", incident, via: "mail" });
  s.pass(5 * minute);
  s.evidence(badNow);
  s.permit(true);
  s.pass(minute);
  s.runEnds({ kind: "done", summary: "" });
  proveWell(s);
  expect(s.phase()).toBe("resolved");
  await matches(s, "slack-away");
});

test("a machine that a person stopped is asked about, and runs by itself only after a fresh window", async () => {
  const s = opened([rung("auto")]);
  const seen = (stoppedByPerson: boolean) =>
    s.send({ kind: "evidence", reading: 0, evidence: { readings: [], alarms: [], stoppedByPerson } });
  seen(true);
  s.pass(12 * minute);
  expect(s.current.runFence).toBe(0);
  seen(false); // Somebody started it again, and it is still bad.
  s.pass(minute);
  s.pass(5 * minute);
  expect(s.phase()).toBe("confirming");
  await matches(s, "stopped-by-person");
});

test("out of time, but it had worked: health is looked at before anything else is tried", async () => {
  const s = opened([rung("approve"), rung("approve", { recovery: "stop-start" })]);
  s.send({ kind: "approve", by: mira, proposal: 1 });
  s.evidence(badNow);
  s.pass(20 * minute);
  s.runEnds({ kind: "failed", code: "run-overdue", detail: "checks were not seen to pass", climb: false });
  proveWell(s);
  expect(s.phase()).toBe("resolved");
  await matches(s, "late-but-well");
});

test("stop in mid-run: what is left is said, and nothing further runs by itself", async () => {
  const s = opened([rung("approve"), rung("auto", { recovery: "stop-start" })]);
  s.send({ kind: "approve", by: mira, proposal: 1 });
  s.evidence(badNow);
  s.pass(minute);
  s.send({ kind: "stop", by: noor });
  s.send({ kind: "stop", by: mira });
  s.pass(minute);
  s.runEnds({ kind: "stopped", left: 'Noor asked to stop. Not done: "both status checks pass" and what follows' });
  s.pass(30 * minute);
  expect(s.phase()).toBe("needs-person");
  await matches(s, "stopped-in-mid-run");
});

test("two must approve: an order by one waits for the other, a hold takes it back, both say it again", async () => {
  const s = opened([rung("approve", { approvals: 2 })]);
  const number = () => s.current.proposalCount;
  s.send({ kind: "order", by: mira, recovery: "restart", why: "the shop is down" });
  s.send({ kind: "approve", by: noor, proposal: number() });
  expect(s.phase()).toBe("confirming");
  s.send({ kind: "hold", by: noor, why: "database first" });
  s.pass(3 * minute);
  s.send({ kind: "approve", by: noor, proposal: number() });
  s.send({ kind: "approve", by: mira, proposal: number() });
  s.evidence(badNow);
  expect(s.phase()).toBe("recovering");
  await matches(s, "two-approvals");
});

test("the host turns out to be bad: restart means something else now, and is approved anew", async () => {
  const s = opened([rung("auto")]);
  s.pass(3 * minute);
  s.send({
    kind: "signal",
    signal: alarm("bad", s.now, { subject: "shop-web system", symptom: "host", reason: "system check failed" }),
  });
  s.show();
  s.pass(5 * minute - 1000);
  expect(s.phase()).toBe("proposing");
  s.pass(1000);
  expect(s.phase()).toBe("confirming");
  await matches(s, "host-is-bad");
});

test("Slack tells nobody and there is mail: after ten minutes mail calls", async () => {
  const s = stage(
    { os: [rung("approve")] },
    { facts: { mailConfigured: true }, service: { secondChannel: "#ops-leads" } },
  );
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.pass(15 * minute);
  s.show();
  s.pass(20 * minute);
  await matches(s, "nobody-told");
});
