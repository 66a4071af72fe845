/** The original comes back: looked for, told, marked, taken out, and stopped only where its owner said so. */
import { describe, expect, test } from "vitest";
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { InstanceId } from "../../src/domain/words.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ana, bench, machine, scope, web, type Bench } from "./bench.ts";

const second = "i-0aaa0000000000002" as InstanceId;
const allocationId = "eipalloc-0aaa0000000000001";
const address = { allocationId, publicIp: "198.51.100.7" };

async function movedAway(service: Partial<ServiceDefinition> = {}): Promise<{ b: Bench; engine: Engine }> {
  const b = bench({
    recovery: "failover",
    mode: "approve",
    service: {
      pattern: "standby",
      standby: { kind: "instance", instanceId: second },
      elasticIp: allocationId as never,
      ...service,
    },
    account: {
      machines: [
        { id: machine, name: "web" },
        { id: second, name: "web-b", availabilityZone: "eu-west-1b" },
      ],
      addresses: [{ ...address, instanceId: machine }],
      sites: [
        { host: "web.example", via: { kind: "elastic-ip", allocationId } },
        { host: "control.example", via: { kind: "outside" } },
      ],
    },
  });
  const { engine } = b.hire();
  await engine.start();
  await engine.handle(web, { kind: "order", by: ana, recovery: "failover", why: "" });
  await b.advance(15);
  expect(b.stored()?.placement.instanceId).toBe(second);
  await b.advance(75);
  return { b, engine };
}

describe("the old primary", () => {
  test("that somebody starts is told at once and marked; its address stays where it is", async () => {
    const { b, engine } = await movedAway();
    const mails = b.mail.sent.length;
    await b.account.calls.start("somebody", [machine]);
    await b.advance(5);
    expect(b.stored()?.former[0]).toMatchObject({ instanceId: machine, byRun: `${web}/1` });
    expect(b.stored()?.former[0]?.quarantined).toBeDefined();
    expect(b.account.peek.machine(machine).tags["ec2-medic:quarantined"]).toBeDefined();
    expect(b.account.peek.addresses()[0]?.instanceId).toBe(second);
    expect(b.mail.sent.length).toBe(mails + 1);
    expect(b.account.peek.machine(machine).state).toBe("running");
    await engine.stop({ deadlineMs: 1_000 });
  });

  test("is stopped again only where medic.yaml says so", async () => {
    const { b, engine } = await movedAway({ quarantine: "stop" });
    await b.account.calls.start("somebody", [machine]);
    await b.advance(5);
    expect(["stopping", "stopped"]).toContain(b.account.peek.machine(machine).state);
    await engine.stop({ deadlineMs: 1_000 });
  });

  test("that holds the address of the service again is left as it is: a person decides", async () => {
    const { b, engine } = await movedAway({ quarantine: "stop" });
    await b.account.calls.start("somebody", [machine]);
    const association = b.account.peek.addresses()[0]?.associationId ?? "";
    await b.account.calls.disassociate("somebody", association);
    await b.advance(0.6);
    await b.account.calls.associate("somebody", { allocationId, instanceId: machine, allowReassociation: false });
    await b.advance(4);
    expect(b.account.peek.machine(machine).state).toBe("running");
    expect(b.account.peek.addresses()[0]?.instanceId).toBe(machine);
    await engine.stop({ deadlineMs: 1_000 });
  });

  test("that does not exist any more is not watched any more", async () => {
    const { b, engine } = await movedAway();
    b.account.break("terminated-by-somebody", machine);
    await b.advance(5);
    expect(b.stored()?.former[0]?.gone).toBeDefined();
    expect(b.stored()?.former[0]).not.toHaveProperty("byRun");
    await engine.stop({ deadlineMs: 1_000 });
  });

  test("is never worked on without a lease: a run that goes on there is waited for", async () => {
    const { b, engine } = await movedAway();
    const held = await b
      .hire()
      .store.leases.acquire(`run/${web}`, "somebody else", { now: b.clock.now(), leaseMs: 10 * 60_000, takeoverMs: 0 });
    expect(held).toBeDefined();
    await b.account.calls.start("somebody", [machine]);
    await b.advance(5);
    expect(b.account.peek.machine(machine).tags["ec2-medic:quarantined"]).toBeUndefined();
    await b.advance(10);
    expect(b.account.peek.machine(machine).tags["ec2-medic:quarantined"]).toBeDefined();
    expect(scope).toBe(b.stored()?.former[0]?.scope);
    await engine.stop({ deadlineMs: 1_000 });
  });
});
