/** The account as the page shows it: services, machines, groups, records, snapshots, each in the page's own shape. */
import type { Account } from "../src/memory/account.ts";
import type { MachineFault } from "../src/memory/accountFaults.ts";
import type { MachineView } from "../src/memory/accountModel.ts";
import type { SiteAnswer } from "../src/memory/sites.ts";
import { drillTag, replacedByTag } from "../src/ports/compute.ts";
import type { FaultKind, GroupView, InstanceView, RecordRow, ServiceView, SnapshotRow } from "./page-protocol.ts";
import { zoneId } from "./patterns.ts";
import { sandboxServices, type SandboxAccounts, type SandboxService } from "./world.ts";

/** What happens to one machine: named by its id, or by the service that it carries. */
export const machineFaultKinds = [
  "kernel-hangs",
  "host-fails",
  "process-dies",
  "disk-full",
  "stuck-stopping",
  "stopped-by-a-person",
  "terminated-by-somebody",
] as const satisfies readonly (FaultKind & MachineFault)[];

export function serviceView(accounts: SandboxAccounts, each: SandboxService, since: number): ServiceView {
  const { home } = accounts;
  const answer = home.peek.site(each.host);
  return {
    name: each.name,
    description: each.description,
    pattern: each.pattern,
    answers: isWell(answer) ? "yes" : "no",
    answer: sentenceOf(answer),
    since,
    instanceId: carrierOf(accounts, each),
    address: addressView(home, each),
    group: each.group === undefined ? null : groupView(home, each.group),
    records: recordRows(accounts, each),
    snapshots: snapshotRows(accounts, each),
  };
}

export function isWell(answer: SiteAnswer): boolean {
  return answer.kind === "answers" && answer.status < 400;
}

/** Who answers now; while nobody does, who would. */
export function carrierOf(accounts: SandboxAccounts, each: SandboxService): string | null {
  const { home } = accounts;
  const answer = home.peek.site(each.host);
  if (answer.kind === "answers" && answer.by !== undefined) return answer.by;
  const named = recordRows(accounts, each).find((record) => record.weight !== 0);
  if (named !== undefined) return named.heldBy;
  const holder = addressView(home, each)?.heldBy;
  if (holder) return holder;
  if (each.group === undefined) return each.instanceIds[0] ?? null;
  const members = home.peek.group(each.group).members;
  return (members.find((member) => member.lifecycle === "InService") ?? members[0])?.id ?? null;
}

function addressView(home: Account, { elasticIp }: SandboxService): ServiceView["address"] {
  if (elasticIp === undefined) return null;
  const now = home.peek.addresses().find((each) => each.allocationId === elasticIp.allocationId);
  return { publicIp: elasticIp.publicIp, heldBy: now?.instanceId ?? null };
}

function groupView(home: Account, name: string): GroupView {
  const group = home.peek.group(name);
  const targets = group.targetGroupArns.flatMap((arn) => home.peek.targets(arn));
  return {
    name,
    desired: group.desired,
    max: group.max,
    load: home.peek.load(name) ?? null,
    suspended: group.suspended,
    members: group.members.map((member) => ({
      instanceId: member.id,
      lifecycle: member.lifecycle,
      target: targets.find((target) => target.instanceId === member.id)?.state ?? null,
    })),
  };
}

function recordRows(accounts: SandboxAccounts, each: SandboxService): RecordRow[] {
  const { home, dr } = accounts;
  const machines = [...home.peek.machines(), ...dr.peek.machines()];
  const records = home.peek.records(zoneId).filter((record) => record.name === `${each.host}.`);
  return records.map((record) => {
    const value = record.values[0] ?? record.alias?.dnsName ?? "";
    return {
      name: each.host,
      type: record.type,
      set: record.set ?? null,
      weight: record.weight ?? null,
      ttl: record.ttl ?? null,
      value,
      heldBy: machines.find((machine) => machine.publicIp === value)?.id ?? null,
    };
  });
}

function snapshotRows({ home, dr }: SandboxAccounts, each: SandboxService): SnapshotRow[] {
  const rows = [home, dr].flatMap((account) =>
    account.peek
      .snapshots()
      .filter((snapshot) => belongsTo(account, snapshot, each))
      .map(({ id, startedAt, state }) => ({ id, region: account.region, takenAt: startedAt, state })),
  );
  return rows.toSorted((a, b) => b.takenAt - a.takenAt);
}

/** By the tag that its owner wrote, or as a copy of the volume that its group hands on. */
function belongsTo(
  account: Account,
  snapshot: { readonly tags: Readonly<Record<string, string>>; readonly volumeId: string },
  { name }: SandboxService,
): boolean {
  if (snapshot.tags["ec2-medic:snapshot-of"] === name) return true;
  const volume = account.peek.volumes().find((each) => each.id === snapshot.volumeId);
  return volume?.tags["ec2-medic:volume"] === name;
}

function sentenceOf(answer: SiteAnswer): string {
  switch (answer.kind) {
    case "answers":
      return answer.status < 400 ? `${answer.status} OK` : `${answer.status} ${answer.body}`;
    case "refused":
      return "connection refused";
    case "silent":
      return "no answer";
    case "unknown-host":
      return "unknown host";
  }
}

export function instanceView(account: Account, machine: MachineView): InstanceView {
  const running = machine.state === "running";
  const check = (which: "system" | "instance"): InstanceView["systemCheck"] => {
    const value = running ? machine.checks?.[which] : undefined;
    return value === undefined || value === "unknown" ? "none" : value;
  };
  return {
    id: machine.id,
    name: machine.name,
    service: serviceOf(machine),
    type: machine.type,
    region: account.region,
    az: machine.availabilityZone,
    state: machine.state,
    systemCheck: check("system"),
    instanceCheck: check("instance"),
    address: machine.publicIp ?? null,
    marks: marksOf(machine),
    faults: faultsOn(account, machine.id),
  };
}

/** What is broken inside; that it is stopped or gone is its state, and no fault of a standby that waits. */
export function faultsOn(account: Account, instanceId: string): (typeof machineFaultKinds)[number][] {
  const holds = account.faultsOf(instanceId);
  const isState = (kind: string): boolean => kind === "stopped-by-a-person" || kind === "terminated-by-somebody";
  return machineFaultKinds.filter((kind) => holds.includes(kind) && !isState(kind));
}

function marksOf({ tags }: MachineView): string[] {
  const replacedBy = tags[replacedByTag];
  return [
    ...(tags[drillTag.key] === drillTag.value ? ["a drill"] : []),
    ...(replacedBy === undefined ? [] : [`replaced by ${replacedBy}`]),
    ...(tags["ec2-medic:quarantined"] === undefined ? [] : ["quarantined"]),
  ];
}

/** By the group that it is a member of, else by the service that it belonged to when the day began, else by its name. */
function serviceOf(machine: MachineView): string | null {
  const found =
    sandboxServices.find((each) => each.group !== undefined && each.group === machine.asgName) ??
    sandboxServices.find((each) => each.instanceIds.includes(machine.id)) ??
    sandboxServices.find((each) => each.name === machine.tags["Name"]);
  return found?.name ?? null;
}
