/** Lifecycle hooks of a group with one volume, answered from the message to the completed action, with everything that may go wrong. */
import { describe, expect, test } from "vitest";
import type { VolumeId } from "../../src/domain/words.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { ChoreRecord } from "../../src/engine/choreRecord.ts";
import { handoverOf } from "../../src/engine/chorePorts.ts";
import type { AccountOptions } from "../../src/memory/account.ts";
import { memoryClouds } from "../../src/memory/memoryClouds.ts";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import type { GroupDefinition } from "../../src/memory/groupModel.ts";
import { StoreUnavailable } from "../../src/ports/store.ts";
import { parseBody } from "../../src/signals/parseMessage.ts";
import { leftoversOf } from "../../src/recovery/hookSource.ts";
import { ana, bench, machine, scope, topic, web, type Bench } from "./bench.ts";

const group = "web-group";
const volume = "vol-0aaa0000000000001" as VolumeId;
const device = "/dev/sdf";
const tag = { key: "data-of", value: "web" };
const minute = 60_000;

function stage(over: Partial<GroupDefinition> = {}, account: Partial<AccountOptions> = {}, stopWriter?: string): Bench {
  return bench({
    service: {
      pattern: "asg-ebs",
      target: { kind: "asg", asgName: group },
      volume: { tag, device, terminatingHook: "save", launchingHook: "bring", ...(stopWriter ? { stopWriter } : {}) },
    },
    account: {
      machines: [
        {
          ...{ id: machine, name: "web", availabilityZone: "eu-west-1a", needs: [device] },
          volumes: [{ device, id: volume, data: "orders of today", tags: { [tag.key]: tag.value } }],
        },
      ],
      groups: [
        {
          ...{ name: group, min: 1, max: 1, desired: 1, instanceIds: [machine] },
          availabilityZones: ["eu-west-1a", "eu-west-1b"],
          template: { needs: [device] },
          hooks: [
            { name: "save", transition: "terminating", heartbeatMs: 10 * minute, notifies: topic },
            { name: "bring", transition: "launching", heartbeatMs: 10 * minute, notifies: topic },
          ],
          ...over,
        },
      ],
      ...account,
    },
  });
}

async function begun(it: Bench): Promise<Engine> {
  const { engine } = it.hire();
  await engine.start();
  it.deliverTo(engine);
  await it.advance(1);
  return engine;
}

const replaceIt = ({ account }: Bench) => account.calls.scaling.terminate("somebody", machine, { decrement: false });
const serving = ({ account }: Bench): string[] =>
  account.peek.group(group).members.flatMap(({ id, lifecycle }) => (lifecycle === "InService" ? [id] : []));
const records = ({ table }: Bench) => memoryStore({ table }).records;
const chores = async (it: Bench): Promise<ChoreRecord[]> =>
  (await records(it).list<ChoreRecord>("chore", { limit: 100 })).map(({ body }) => body);
const handover = (it: Bench) => handoverOf(records(it), web);
const operations = ({ account }: Bench, name: string) =>
  account.writes.filter(({ operation, outcome }) => operation === name && outcome === "accepted");

describe("a group with one volume replaces its instance", () => {
  test("the volume is detached and saved, a new one in the other zone comes from that snapshot, and it serves", async () => {
    const it = stage({ availabilityZones: ["eu-west-1b"] });
    await begun(it);
    await replaceIt(it);
    await it.advance(20);
    const [successor] = serving(it);
    expect(successor).toBeDefined();
    expect(successor).not.toBe(machine);
    expect(it.account.peek.data(successor ?? "")[device]).toBe("orders of today");
    const left = await handover(it).read();
    expect(left).toMatchObject({ volumeId: volume, used: { instanceId: successor } });
    expect(operations(it, "CreateSnapshot")).toHaveLength(1);
    expect(operations(it, "CreateVolume")).toHaveLength(1);
    expect((await chores(it)).map(({ definition, ended }) => [definition, ended?.outcome.kind]).toSorted()).toEqual([
      ["hook-launching@1", "done"],
      ["hook-terminating@1", "done"],
    ]);
  });

  test("in the same zone the same volume follows, without a copy", async () => {
    const it = stage({ availabilityZones: ["eu-west-1a"] });
    await begun(it);
    await replaceIt(it);
    await it.advance(20);
    const [successor] = serving(it);
    expect(it.account.peek.volumes().find(({ id }) => id === volume)).toMatchObject({
      attachment: { instanceId: successor },
    });
    expect(operations(it, "CreateVolume")).toEqual([]);
  });

  test("a snapshot slower than the hook's heartbeat is waited for with heartbeats", async () => {
    const it = stage({
      availabilityZones: ["eu-west-1b"],
      hooks: [
        { name: "save", transition: "terminating", heartbeatMs: minute, notifies: topic },
        { name: "bring", transition: "launching", heartbeatMs: minute, notifies: topic },
      ],
    });
    it.account.breakAccount("slow-snapshots");
    await begun(it);
    await replaceIt(it);
    await it.advance(40);
    const [successor] = serving(it);
    expect(it.account.peek.data(successor ?? "")[device]).toBe("orders of today");
    expect(operations(it, "RecordLifecycleActionHeartbeat").length).toBeGreaterThan(2);
    expect(operations(it, "CreateSnapshot")).toHaveLength(1);
  });

  test("every notice that comes twice is answered once", async () => {
    const it = stage({ availabilityZones: ["eu-west-1b"] });
    it.account.breakAccount("hook-twice");
    await begun(it);
    await replaceIt(it);
    await it.advance(20);
    expect(await chores(it)).toHaveLength(2);
    expect(operations(it, "CompleteLifecycleAction")).toHaveLength(2);
    expect(operations(it, "CreateSnapshot")).toHaveLength(1);
  });

  test("a worker that dies in the middle leaves its chores to another one", async () => {
    for (const at of ["CreateSnapshot", "DetachVolume", "CreateVolume", "AttachVolume"]) {
      const it = stage({ availabilityZones: ["eu-west-1b"] });
      let dead = false;
      const die = (): void => {
        if (dead) throw new StoreUnavailable("anything: this worker is dead");
      };
      const { engine } = it.hire({ beforeCall: die, afterCall: die });
      await engine.start();
      // SNS keeps what a dead worker does not take.
      it.account.subscribe(topic, ({ message, messageId, topicArn, at: sentAt }) => {
        const [parsed] = parseBody(message, { messageId, topicArn, sentAt });
        if (parsed) engine.intake.takeMessage(parsed, "sns").catch(() => undefined);
      });
      await it.advance(1);
      await replaceIt(it);
      for (let step = 0; step < 600 && operations(it, at).length === 0; step += 1) await it.clock.advance(1_000);
      dead = true;
      const second = it.hire().engine;
      await second.start();
      it.deliverTo(second);
      await it.advance(25);
      const [successor] = serving(it);
      expect({ at, data: it.account.peek.data(successor ?? "")[device] }).toEqual({ at, data: "orders of today" });
      expect({ at, made: operations(it, "CreateSnapshot").length }).toEqual({ at, made: 1 });
      expect({ at, made: operations(it, "CreateVolume").length }).toEqual({ at, made: 1 });
    }
  });
});

describe("a machine that does not help", () => {
  test.each(["detach-sticks", "ssm-down"] as const)("%s: the volume is saved all the same, and once", async (fault) => {
    const it = stage({ availabilityZones: ["eu-west-1b"] }, {}, "systemctl stop orders");
    it.account.breakAccount(fault);
    await begun(it);
    await replaceIt(it);
    await it.advance(30);
    expect(it.account.peek.data(serving(it)[0] ?? "")[device]).toBe("orders of today");
    expect(operations(it, "CreateSnapshot")).toHaveLength(1);
    const forced = operations(it, "DetachVolume").filter(({ force }) => force);
    expect(forced.length > 0).toBe(fault === "detach-sticks");
  });

  test("the writer is stopped by the owner's own command before the volume is detached", async () => {
    const it = stage({ availabilityZones: ["eu-west-1b"] }, {}, "systemctl stop orders");
    await begun(it);
    await replaceIt(it);
    await it.advance(20);
    const [command] = operations(it, "SendCommand");
    const [detach] = operations(it, "DetachVolume");
    expect(command?.at).toBeLessThan(detach?.at ?? 0);
    expect(operations(it, "SendCommand")).toHaveLength(1);
  });

  test("a snapshot that fails leaves the launch unanswered and says so; the next launch saves the volume anew", async () => {
    const it = stage({ availabilityZones: ["eu-west-1b"] });
    it.account.breakAccount("snapshot-fails");
    await begun(it);
    await replaceIt(it);
    await it.advance(8);
    expect(operations(it, "CompleteLifecycleAction").map(({ resource }) => resource)).toEqual([`${group} save`]);
    const reasons = it.stored()?.bad.map(({ reason }) => reason);
    expect(reasons?.join()).toContain("failed");
    it.account.mendAccount("snapshot-fails");
    await it.advance(60);
    expect(it.account.peek.data(serving(it)[0] ?? "")[device]).toBe("orders of today");
    expect(it.stored()?.bad.filter(({ subject }) => subject.includes("hook"))).toEqual([]);
  });
});

describe("hooks that are not to be answered", () => {
  test("one that comes after the wait is over changes nothing and is told", async () => {
    const it = stage({ availabilityZones: ["eu-west-1b"] });
    const engine = await begun(it);
    await replaceIt(it);
    await it.advance(20);
    const before = it.account.writes.length;
    await engine.intake.takeMessage(messageOf("save", "late-token"), "sns");
    await it.advance(5);
    const late = (await chores(it)).find(({ answer }) => answer.token === "late-token");
    expect(late?.ended?.outcome).toMatchObject({ code: "hook-over" });
    expect(it.account.writes.slice(before).filter(({ who }) => who === "medic")).toEqual([]);
  });

  test("a hook of somebody else's group is no chore", async () => {
    const it = stage();
    const engine = await begun(it);
    const taken = await engine.intake.takeMessage(
      messageOf("save", "t-1", "other-group", "i-0eee0000000000005"),
      "sns",
    );
    expect(taken.kind).toBe("inbox");
    expect(await chores(it)).toEqual([]);
  });

  test("an unknown hook of this group is watched, never answered, and people hear of it before it times out", async () => {
    const it = stage({
      hooks: [{ name: "drain", transition: "terminating", heartbeatMs: 10 * minute, notifies: topic }],
    });
    await begun(it);
    await replaceIt(it);
    await it.advance(8);
    expect(
      it
        .stored()
        ?.bad.map(({ subject }) => subject)
        .join(),
    ).toContain("hook drain");
    expect(operations(it, "CompleteLifecycleAction")).toEqual([]);
    await it.advance(20);
    expect(
      it
        .stored()
        ?.bad.map(({ subject }) => subject)
        .join(),
    ).not.toContain("hook drain");
  });

  test("a second hook that somebody else answers late does not make the bot say that it could not answer its own", async () => {
    const it = stage({
      availabilityZones: ["eu-west-1b"],
      hooks: [
        { name: "save", transition: "terminating", heartbeatMs: 10 * minute, notifies: topic },
        { name: "drain", transition: "terminating", heartbeatMs: 30 * minute },
        { name: "bring", transition: "launching", heartbeatMs: 10 * minute, notifies: topic },
      ],
    });
    await begun(it);
    await replaceIt(it);
    await it.advance(8);
    expect(it.account.peek.group(group).members.find(({ id }) => id === machine)?.lifecycle).toBe("Terminating:Wait");
    const saving = (await chores(it)).find(({ answer }) => answer.hook === "save");
    expect(saving?.ended?.outcome.kind).toBe("done");
    expect(it.stored()?.bad.map(({ subject }) => subject)).toEqual([]);
  });

  test("with the kill switch off the hook is only kept waiting, and is answered when it is on again", async () => {
    const it = stage({ availabilityZones: ["eu-west-1b"] });
    await begun(it);
    it.autopilot.set("off");
    // It is read at most ten seconds before an act.
    await it.clock.advance(15_000);
    await replaceIt(it);
    await it.advance(15);
    expect(operations(it, "DetachVolume")).toEqual([]);
    expect(operations(it, "RecordLifecycleActionHeartbeat").length).toBeGreaterThan(0);
    it.autopilot.set("on");
    await it.advance(20);
    expect(it.account.peek.data(serving(it)[0] ?? "")[device]).toBe("orders of today");
  });
});

describe("when the newest data is gone", () => {
  test("an older snapshot is taken only with a person's consent, which is kept; until then the card says what is missing", async () => {
    const gone = "vol-0ddd0000000000009";
    const it = stage(
      { availabilityZones: ["eu-west-1b"] },
      {
        machines: [{ id: machine, name: "web", availabilityZone: "eu-west-1a" }],
        snapshots: [
          {
            id: "snap-0001",
            volumeId: gone,
            ageMs: 26 * 60 * minute,
            data: "orders of yesterday",
            tags: { [tag.key]: tag.value },
          },
        ],
      },
    );
    const engine = await begun(it);
    await replaceIt(it);
    await it.advance(10);
    expect(operations(it, "CreateVolume")).toEqual([]);
    expect(
      it
        .stored()
        ?.bad.map(({ reason }) => reason)
        .join(),
    ).toContain("older-snapshot");
    await engine.handle(web, {
      kind: "order",
      by: ana,
      recovery: "replace",
      why: "we know",
      options: ["older-snapshot"],
    });
    await it.advance(10);
    expect(it.account.peek.data(serving(it)[0] ?? "")[device]).toBe("orders of yesterday");
    expect((await handover(it).read())?.consent).toMatchObject({ who: "U1", snapshotId: "snap-0001" });
    expect(
      it
        .stored()
        ?.bad.map(({ subject }) => subject)
        .join(),
    ).not.toContain("hook bring");
  });

  test("free volumes count as left over only when it is known which one holds the newest data", async () => {
    const it = stage({ availabilityZones: ["eu-west-1b"] });
    await begun(it);
    const { storage } = memoryClouds([it.account])(scope);
    expect(await leftoversOf({ storage, handover: handover(it) }, tag)).toEqual({ volumes: [], snapshots: [] });
    await replaceIt(it);
    await it.advance(20);
    const found = await leftoversOf({ storage, handover: handover(it) }, tag);
    expect(found.volumes.map(({ id }) => id)).toEqual([volume]);
  });
});

function messageOf(hook: string, token: string, asgName = group, instanceId: string = machine) {
  return {
    cls: "lifecycle_hook",
    transition: "autoscaling:EC2_INSTANCE_TERMINATING",
    ...{ hook, token, metadata: null, origin: null, destination: null },
    ...{
      region: "eu-west-1",
      accountId: "111122223333",
      at: Date.UTC(2026, 10, 21, 3, 0, 0),
      reason: null,
      incident: true,
    },
    ...{ resources: { asgName, instanceId }, messageId: null, sqsMessageId: null, topicArn: topic, subject: null },
    ...{ sentAt: null, eventId: null },
  } as const;
}
