/** Re-provisioning in the DR region: two linked regions, one zone, one record. */
import { describe, expect, test } from "vitest";
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { Approval } from "../../src/domain/serviceCase.ts";
import type { AllocationId, InstanceId, Scope } from "../../src/domain/words.ts";
import { createAccount } from "../../src/memory/account.ts";
import { placesOf } from "../../src/memory/places.ts";
import { createSharedWorld } from "../../src/memory/sharedWorld.ts";
import { reprovisionDr } from "../../src/recovery/reprovisionDrDefinition.ts";
import { lawsOf } from "./planLaws.ts";
import { accountId, serviceOf, type Ended, type Story } from "./planStory.ts";
import { permissionsOff } from "./planPermissions.ts";
import { carryPlan, previewOf } from "./planWorld.ts";
import { startedAgainAnywhere } from "./startedAgain.ts";

const old = "i-0aaa0000000000001" as InstanceId;
const region = "eu-central-1";
const there = `${accountId}/${region}` as Scope;
const places = placesOf(region);
const waiting = "eipalloc-0dddddddd" as AllocationId;
const name = "web.example.";

function service(over: Partial<ServiceDefinition> = {}): ServiceDefinition {
  return serviceOf({
    pattern: "instance",
    target: { kind: "tag", key: "service", value: "web" },
    dns: { zoneId: "Z1", name, type: "A" },
    dr: {
      region,
      scope: there,
      snapshotTag: { key: "backup", value: "web" },
      subnets: [places.subnets.a, places.subnets.b],
      securityGroups: [places.securityGroupId],
      types: ["t3.small", "t3.medium"],
      architecture: "x86_64",
    },
    ...over,
  });
}

interface Over {
  readonly ageMs?: number;
  readonly elasticIp?: boolean;
}

function accounts({ ageMs = 3 * 3_600_000, elasticIp = false }: Over = {}): Story["accounts"] {
  return ({ clock, random }) => {
    const zones = [
      { id: "Z1", records: [{ name, type: "A" as const, ttl: 60, values: ["198.51.100.10"], healthCheckId: "hc-1" }] },
    ];
    const shared = createSharedWorld({
      clock,
      zones,
      healthChecks: [{ id: "hc-1", watches: { kind: "address", ip: "198.51.100.10" } }],
    });
    const sites = [{ host: "web.example", via: { kind: "record" as const, zoneId: "Z1", name } }];
    return [
      createAccount({
        clock,
        random,
        shared,
        accountId,
        machines: [{ id: old, name: "web", tags: { Name: "web", service: "web" }, data: "web today" }],
        addresses: [{ allocationId: "eipalloc-0c0ffee0", publicIp: "198.51.100.10", instanceId: old }],
      }),
      createAccount({
        clock,
        random,
        shared,
        accountId,
        region,
        machines: [],
        snapshots: [
          { id: "snap-0ddd1", volumeId: "vol-ffffffff", ageMs, data: "web, copied", tags: { backup: "web" } },
        ],
        ...(elasticIp ? { addresses: [{ allocationId: waiting, publicIp: "203.0.113.77" }] } : {}),
        sites,
      }),
    ];
  };
}

function drStory(over: Partial<Story> & Pick<Story, "title">): Story {
  return {
    definition: reprovisionDr,
    recovery: "reprovision-dr",
    service: service(),
    accounts: accounts(),
    placement: { instanceId: old, allocationId: "eipalloc-0c0ffee0" as AllocationId },
    break: ({ account }) => account.break("host-fails", old),
    launches: 1,
    fenced: [old],
    promotes: ["compute.launch", "dns.upsert"],
    ends: { kind: "done", world: (ended) => livesThere(ended) },
    ...over,
  };
}

function livesThere(ended: Ended): string[] {
  const id = ended.moved?.instanceId ?? "none";
  const account = ended.accounts[1];
  const machine = account?.peek.machines().find((each) => each.id === id);
  const [record] = ended.account.peek.records("Z1");
  const found: string[] = [];
  if (machine?.state !== "running") found.push(`${id} is ${machine?.state}`);
  if (ended.moved?.scope !== there || ended.moved.region !== region) found.push(`it lives in ${ended.moved?.scope}`);
  if (record?.values[0] !== machine?.publicIp)
    found.push(`the record says ${record?.values.join(", ")}, not ${machine?.publicIp}`);
  if (record?.ttl !== 60 || record.healthCheckId !== "hc-1") found.push("the record lost what it had beside its value");
  if (!Object.values(account?.peek.data(id) ?? {}).includes("web, copied")) found.push("it has other data");
  return found;
}

const homeAnswers = drStory({ title: "the host fails and home can be fenced" });
lawsOf(homeAnswers);

const twoApprove: Approval[] = ["Ada", "Bo"].map((who) => ({ by: { id: who, name: who }, at: 0 }));
const { dr: prepared } = service();
startedAgainAnywhere(
  [
    drStory({ title: "to the DR region, approved by two", approvals: twoApprove }),
    drStory({
      title: "to the DR region and its Elastic IP, with force",
      options: ["force"],
      accounts: accounts({ elasticIp: true }),
      ...(prepared ? { service: service({ dr: { ...prepared, elasticIp: waiting } }) } : {}),
    }),
  ],
  old,
);

describe("re-provision in the DR region", () => {
  test("the home machine is stopped first; the record moves with everything it had; the address stays at home", async () => {
    const ended = await carryPlan(homeAnswers);
    expect(ended.acts.map(({ name: call }) => call)).toEqual([
      "storage.registerImage",
      "compute.stop",
      "compute.launch",
      "dns.upsert",
    ]);
    expect(ended.moved).toMatchObject({ scope: there, region, allocationId: null });
    expect(ended.debts).toEqual([]);
  });

  test("a silent home region: one person's order is refused, with force it goes on and the fence is owed", async () => {
    const silent = {
      title: "",
      break: ({ account }: { account: Ended["account"] }) => account.breakAccount("region-down"),
    };
    const refused = await carryPlan(drStory(silent));
    expect(refused.outcome).toMatchObject({ kind: "refused", code: "home-silent", climb: false });
    expect(refused.acts).toEqual([]);
    const forced = await carryPlan(drStory({ ...silent, options: ["force"], fenced: [] }));
    expect(forced.outcome).toMatchObject({ kind: "done" });
    expect(livesThere(forced)).toEqual([]);
    expect(forced.debts).toContain(`unfenced/${old}`);
    const approvals: Approval[] = ["Ada", "Bo"].map((who) => ({ by: { id: who, name: who }, at: 0 }));
    const byTwo = await carryPlan(drStory({ ...silent, approvals, fenced: [] }));
    expect(livesThere(byTwo)).toEqual([]);
    expect(byTwo.debts).toContain(`unfenced/${old}`);
  });

  test("an Elastic IP that waits there is taken, and the record names it", async () => {
    const dr = service().dr;
    if (dr === undefined) throw new Error("no dr");
    const ended = await carryPlan(
      drStory({
        title: "",
        accounts: accounts({ elasticIp: true }),
        service: service({ dr: { ...dr, elasticIp: waiting } }),
      }),
    );
    expect(ended.outcome).toMatchObject({ kind: "done" });
    expect(ended.moved?.allocationId).toBe(waiting);
    expect(ended.account.peek.records("Z1")[0]?.values).toEqual(["203.0.113.77"]);
  });

  test("a snapshot there that is too old refuses at once, before the home machine is touched", async () => {
    const tooOld = { accounts: accounts({ ageMs: 30 * 3_600_000 }), service: service({ rpoMaxMs: 24 * 3_600_000 }) };
    const ended = await carryPlan(drStory({ title: "", ...tooOld }));
    expect(ended.outcome).toMatchObject({ kind: "refused", code: "no-snapshot", climb: true });
    expect(ended.acts).toEqual([]);
  });

  test("the record API being away ends in words, with the placement where it was", async () => {
    const ended = await carryPlan(
      drStory({
        title: "",
        meanwhile: (call, { account }) => {
          if (call.name === "compute.launch") account.breakAccount("dns-api-down");
        },
      }),
    );
    expect(ended.outcome).toMatchObject({ kind: "failed", climb: false });
    expect(ended.moved).toBeUndefined();
    expect(ended.debts).toContain(`stopped-instance/${old}`);
  });

  test("every permission is declared, and none in vain", async () => {
    const dr = service().dr;
    if (dr === undefined) throw new Error("no dr");
    const withAddress = {
      accounts: accounts({ elasticIp: true }),
      service: service({ dr: { ...dr, elasticIp: waiting } }),
    };
    const runs = [await carryPlan(homeAnswers), await carryPlan(drStory({ title: "", ...withAddress }))];
    const { missing, idle } = permissionsOff(homeAnswers, runs);
    // An address is taken off somebody only where one was seen on somebody; there it waits free.
    expect({ missing, idle }).toEqual({ missing: [], idle: ["ec2:DisassociateAddress"] });
  });

  test("the preview says age and time, and what nobody could fence", async () => {
    const { preview } = await previewOf(
      drStory({ title: "", break: ({ account }) => account.breakAccount("region-down") }),
    );
    expect(preview.refused).toBeUndefined();
    expect(preview.data).toContain("3 h old");
    expect(preview.downtime).toContain("10 to 20 min");
    expect(preview.mind.join(" ")).toContain("cannot be reached");
  });
});
