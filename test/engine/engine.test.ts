/** One or two workers of the production engine on memory adapters, from the alarm to the proof. */
import { describe, expect, test } from "vitest";
import type { RunRecord } from "../../src/engine/runRecord.ts";
import { unmatchedList } from "../../src/engine/unmatched.ts";
import { ChatDown } from "../../src/ports/chat.ts";
import { parseText } from "../../src/signals/parseMessage.ts";
import { ana, bench, machine, scope, stranger, web } from "./bench.ts";

const medicWrites = (at: ReturnType<typeof bench>) =>
  at.account.writes.filter((w) => w.who === "medic" && w.outcome === "accepted").map((w) => w.operation);

describe("an incident from alarm to proof", () => {
  test("nobody objects: the restart runs after the veto window and the service is proved well", async () => {
    const at = bench();
    const { engine } = at.hire();
    at.deliverTo(engine);
    await engine.start();
    await at.advance(3);
    at.account.break("kernel-hangs", machine);
    await at.advance(4);
    expect(at.stored()?.phase.kind).toBe("proposing");
    expect(medicWrites(at)).toEqual([]);
    await at.advance(14);
    expect(at.stored()?.phase).toMatchObject({ kind: "resolved", how: "recovered" });
    expect(medicWrites(at)).toEqual(["RebootInstances"]);
    const [card] = at.chat.messages();
    expect(card?.card.version).toBe(at.stored()?.cardVersion);
  });

  test("an approval runs at once; a stranger's does not", async () => {
    const at = bench({ mode: "approve" });
    const { engine } = at.hire();
    at.deliverTo(engine);
    await engine.start();
    await at.advance(3);
    at.account.break("kernel-hangs", machine);
    await at.advance(4);
    const refused = await engine.handle(web, { kind: "approve", by: stranger, proposal: 1 });
    expect(refused).toMatchObject({ kind: "ignored", reason: { code: "not-allowed" } });
    await engine.handle(web, { kind: "approve", by: ana, proposal: 1 });
    await at.advance(1);
    expect(medicWrites(at)).toEqual(["RebootInstances"]);
    const audit = [...(at.table.records.get("audit/2026-11") ?? [])];
    expect(audit).toHaveLength(1);
    expect(audit[0]?.[1].body).toContain("Ana");
  });

  test("a switch that goes off in mid-run stops an automatic run before its next act", async () => {
    const at = bench();
    const { engine } = at.hire();
    at.deliverTo(engine);
    await engine.start();
    await at.advance(3);
    at.account.break("kernel-hangs-for-good", machine);
    await at.advance(10);
    expect(medicWrites(at)).toEqual(["RebootInstances"]);
    at.autopilot.set("off");
    await at.advance(12);
    expect(medicWrites(at)).toEqual(["RebootInstances"]);
    expect(at.stored()?.phase).toMatchObject({ kind: "needs-person", reason: { code: "run-stopped" } });
  });

  test("an unreadable switch counts as off", async () => {
    const at = bench();
    at.autopilot.set("unknown");
    const { engine } = at.hire();
    at.deliverTo(engine);
    await engine.start();
    await at.advance(3);
    at.account.break("kernel-hangs", machine);
    await at.advance(15);
    expect(medicWrites(at)).toEqual([]);
    expect(at.stored()?.blocked?.code).toBe("blocked-switch-unknown");
  });

  test("the probe alone opens and closes an incident, while the control URL answers", async () => {
    const at = bench({ mode: "approve", service: { watchProbe: true, alarms: [] } });
    const { engine } = at.hire();
    await engine.start();
    await at.advance(3);
    at.account.break("process-dies", machine);
    await at.advance(3);
    expect(at.stored()?.bad.map((b) => b.subject)).toEqual(["probe"]);
    at.account.mend("process-dies", machine);
    await at.advance(3);
    expect(at.stored()?.phase).toMatchObject({ kind: "resolved", how: "cleared" });
  });

  test("a bot that is offline opens nothing", async () => {
    const at = bench({ mode: "approve", service: { watchProbe: true, alarms: [] } });
    const { engine } = at.hire();
    await engine.start();
    await at.advance(3);
    at.account.breakAccount("offline");
    await at.advance(10);
    expect(at.stored()?.bad ?? []).toEqual([]);
  });

  test("a lost ALARM is found by reconciling, and a lost OK closes the incident", async () => {
    const at = bench({ mode: "approve" });
    const { engine } = at.hire();
    await engine.start();
    await at.advance(3);
    at.account.break("kernel-hangs", machine);
    await at.advance(6);
    expect(at.stored()?.phase.kind).toBe("proposing");
    at.account.mend("kernel-hangs", machine);
    await at.advance(6);
    expect(at.stored()?.phase).toMatchObject({ kind: "resolved", how: "cleared" });
  });

  test("a message that nothing matches waits, is listed, and is told once as a quiet card", async () => {
    const at = bench({
      service: { alarms: [], target: { kind: "instance", instanceId: "i-0bbb0000000000009" as never } },
    });
    const { engine, store } = at.hire();
    at.deliverTo(engine);
    await engine.start();
    await at.advance(3);
    at.account.setAlarm("web instance check", "ALARM", "test");
    await at.advance(3);
    const listed = await unmatchedList(store.records, 10);
    expect(listed.map((item) => item.what)).toContain("web instance check");
    const cards = at.chat.messages().filter((m) => m.key.startsWith("unmatched/"));
    expect(cards).toHaveLength(1);
    await at.advance(20);
    expect(at.table.records.get("inbox")?.size ?? 0).toBe(0);
  });

  test("the digest goes out once at its time, although two workers are there", async () => {
    const at = bench();
    const workers = [at.hire(), at.hire()];
    for (const { engine } of workers) await engine.start();
    // 09:00 in Berlin is 08:00 UTC in November; the clock starts at 03:00.
    await at.advance(5 * 60 + 5);
    expect(at.chat.messages().filter((m) => m.key.startsWith("digest/"))).toHaveLength(1);
  });
});

describe("two workers on one store", () => {
  test("every message given to both of them is acted on once", async () => {
    const at = bench();
    const workers = [at.hire(), at.hire()];
    for (const { engine } of workers) {
      at.deliverTo(engine);
      await engine.start();
    }
    await at.advance(3);
    at.account.break("kernel-hangs-for-good", machine);
    await at.advance(25);
    expect(medicWrites(at)).toEqual(["RebootInstances", "StopInstances", "StartInstances"]);
    expect(at.chat.messages()).toHaveLength(1);
    expect(at.stored()?.runFence).toBe(1);
  });

  test("a run whose worker is paused is taken over, and the paused one may neither act nor write when it wakes", async () => {
    const at = bench({ mode: "approve" });
    let paused = false;
    const first = at.hire({
      // While paused nothing of its store comes back; then everything goes on as if no time had passed.
      beforeCall: async () => {
        while (paused) await at.clock.sleep(1_000);
      },
    });
    at.deliverTo(first.engine);
    await first.engine.start();
    await at.advance(3);
    at.account.break("kernel-hangs-for-good", machine);
    await at.advance(4);
    await first.engine.handle(web, { kind: "approve", by: ana, proposal: 1 });
    await at.clock.advance(20_000);
    expect(medicWrites(at)).toEqual(["RebootInstances"]);
    paused = true;
    const second = at.hire();
    await second.engine.start();
    await at.advance(3);
    const record = at.table.records.get("run/web")?.get("web/1");
    expect((JSON.parse(record?.body ?? "{}") as RunRecord).worker).toBe("worker-2");
    paused = false;
    await at.advance(15);
    expect(medicWrites(at)).toEqual(["RebootInstances", "StopInstances", "StartInstances"]);
    expect(at.stored()?.phase.kind).toBe("resolved");
  });

  test("a worker that stops gives its run back, and another goes on within seconds", async () => {
    const at = bench({ mode: "approve" });
    const first = at.hire();
    at.deliverTo(first.engine);
    await first.engine.start();
    await at.advance(3);
    at.account.break("kernel-hangs", machine);
    await at.advance(4);
    await first.engine.handle(web, { kind: "approve", by: ana, proposal: 1 });
    await at.clock.advance(20_000);
    const stopping = first.engine.stop({ deadlineMs: 20_000 });
    await at.clock.advance(1_000);
    await stopping;
    expect(at.table.leases.get("run/web")?.owner).toBeUndefined();
    const second = at.hire();
    await second.engine.start();
    await at.advance(10);
    expect(medicWrites(at)).toEqual(["RebootInstances"]);
    expect(at.stored()?.phase.kind).toBe("resolved");
  });
});

describe("what else a worker owes", () => {
  test("a Health event about an issue of AWS's own stops automatic runs in its region", async () => {
    const at = bench();
    const { engine } = at.hire();
    await engine.start();
    await at.advance(1);
    const event = {
      "detail-type": "AWS Health Event",
      source: "aws.health",
      account: "111122223333",
      region: "eu-west-1",
      time: "2026-11-21T03:00:30Z",
      detail: {
        eventTypeCode: "AWS_EC2_OPERATIONAL_ISSUE",
        eventTypeCategory: "issue",
        service: "EC2",
        statusCode: "open",
        eventScopeCode: "PUBLIC",
        eventRegion: "eu-west-1",
      },
    };
    for (const parsed of parseText(JSON.stringify(event))) await engine.intake.takeMessage(parsed, "sqs");
    expect(engine.book.storm(scope)).toMatchObject({ active: true });
    await at.advance(1);
    expect(at.chat.messages().filter((m) => m.key.startsWith("storm/"))).toHaveLength(1);
  });

  test("a worker that stops gives every lease back", async () => {
    const at = bench({ service: { watchProbe: true } });
    const { engine } = at.hire();
    await engine.start();
    await at.advance(2);
    expect([...at.table.leases.values()].filter((lease) => lease.owner !== undefined).length).toBeGreaterThan(2);
    const stopping = engine.stop({ deadlineMs: 20_000 });
    await at.clock.advance(6_000);
    await stopping;
    expect([...at.table.leases].filter(([, lease]) => lease.owner !== undefined)).toEqual([]);
  });

  test("a run of a version that this program does not know is left to a person, and nothing is touched", async () => {
    const at = bench({ mode: "approve" });
    const { engine, store } = at.hire();
    at.deliverTo(engine);
    await engine.start();
    await at.advance(3);
    at.account.break("kernel-hangs", machine);
    await at.advance(4);
    const order = { by: { kind: "person", person: ana }, recovery: "restart", why: "test" };
    const record = { runId: "web/1", service: web, recovery: "restart@99", order, inputs: {}, journal: [] };
    const key = { collection: "run/web", id: "web/1" };
    await store.records.putIfAbsent(key, { ...record, startedAt: 0, fence: 0, worker: "newer" });
    await engine.handle(web, { kind: "approve", by: ana, proposal: 1 });
    await at.advance(1);
    expect(at.stored()?.phase.kind).toBe("needs-person");
    expect(medicWrites(at)).toEqual([]);
  });

  test("Slack down for an hour: an approved run goes on by mail's word, an automatic one that nobody heard of waits", async () => {
    const at = bench();
    at.mail.setDown(true);
    const down = { ...at.chat, post: async () => Promise.reject(new ChatDown("the card")) };
    const { engine } = at.hireWith({ chat: down });
    at.deliverTo(engine);
    await engine.start();
    await at.advance(3);
    at.account.break("kernel-hangs", machine);
    await at.advance(30);
    expect(medicWrites(at)).toEqual([]);
    at.mail.setDown(false);
    await at.advance(10);
    expect(medicWrites(at)).toEqual(["RebootInstances"]);
  });
});
