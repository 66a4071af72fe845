/**
 * What must hold whenever the bot changes the world: a live lease, a committed order, chore or debt in whose name it is done, only
 * what its plan declares, nothing twice that may be once, and the fence before the move.
 */
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Scope } from "../../src/domain/words.ts";
import type { ServiceDefinition } from "../../src/domain/service.ts";
import { bodyOf } from "../../src/memory/memoryTable.ts";
import type { PortCall } from "../../src/memory/callHooks.ts";
import { drillTag } from "../../src/ports/compute.ts";
import type { OnBehalf } from "../../src/ports/cloud.ts";
import type { RecordView } from "../../src/ports/dns.ts";
import type { HookAnswer } from "../../src/ports/scaling.ts";
import { choreCollection, choreLease, type ChoreRecord } from "../../src/engine/choreRecord.ts";
import type { Court } from "./laws.ts";
import { accountIn, machineAnywhere, newestPage, servesBehind } from "./truth.ts";

export interface Act {
  readonly worker: string;
  readonly call: PortCall;
  readonly scope: Scope;
  readonly onBehalf: OnBehalf | undefined;
}

/** In whose name: what stands in the store about it. */
interface Mandate {
  readonly service: ServiceDefinition;
  readonly current: ServiceCase;
  readonly lease: string;
  readonly owner: string;
  readonly chore?: ChoreRecord;
}

export function actLaws(court: Court): { onAct(act: Act): void; onLanded(act: Act): void } {
  const { need, settings, caseOf, table, now } = court;
  const reboots = new Map<string, number>();
  const mandateOf = (act: Act): Mandate | undefined => {
    const { worker, onBehalf } = act;
    const said = `${worker} calls ${saidOf(act)}`;
    need(onBehalf !== undefined, `${said} in nobody's name`);
    if (onBehalf === undefined) return undefined;
    const chore = choreOf(court, onBehalf);
    const service = settings.services.get(
      (chore?.service ?? onBehalf.runId.split("/")[0]) as ServiceDefinition["name"],
    );
    const current = service && caseOf(service.name);
    need(current !== undefined || chore !== undefined, `${said} for ${onBehalf.runId}, which belongs to no service`);
    if (service === undefined) return undefined;
    const held = { service, current: current as ServiceCase };
    if (chore) return { ...held, lease: choreLease(chore.id), owner: worker, chore };
    const special = onBehalf.who === "sweep" || onBehalf.who === "quarantine" ? ` ${onBehalf.who}` : "";
    return { ...held, lease: `run/${service.name}`, owner: `${worker}${special}` };
  };

  const needLease = (act: Act, { lease, owner }: Mandate, when: string): void => {
    const stored = table.leases.get(lease);
    const isLive = stored?.owner === owner && stored.until > now();
    const found = `owner ${stored?.owner}, ${stored ? Math.round((stored.until - now()) / 1000) : "?"} s left`;
    need(isLive, `${act.worker} ${when} ${saidOf(act)} without a live lease ${lease} (${found})`);
  };

  return {
    onAct: (act) => {
      const mandate = mandateOf(act);
      if (mandate === undefined) return;
      needLease(act, mandate, "calls");
      needDeclared(court, act);
      needMandate(court, act, mandate);
      needFence(court, act, mandate);
      needHarmless(court, act, mandate);
      if (act.call.name !== "reboot" || act.onBehalf === undefined) return;
      const count = (reboots.get(act.onBehalf.runId) ?? 0) + 1;
      reboots.set(act.onBehalf.runId, count);
      need(count === 1, `${act.onBehalf.runId}: reboot number ${count}`);
    },
    onLanded: (act) => {
      const mandate = mandateOf(act);
      // The call may have taken seconds: nobody else may have been allowed to act meanwhile.
      if (mandate) needLease(act, mandate, "had landed");
    },
  };
}

const saidOf = ({ call }: Act): string => `${call.port}.${call.name} ${call.args.filter(isWord).join(" ")}`.trim();
const isWord = (arg: unknown) => typeof arg === "string" || typeof arg === "number";

function choreOf({ table }: Court, { runId, who }: OnBehalf): ChoreRecord | undefined {
  if (who !== "lifecycle-hook") return undefined;
  const stored = table.records.get(choreCollection)?.get(runId);
  return stored && bodyOf<ChoreRecord>(stored);
}

/** IAM action of each mutating call of the ports. */
const actionOf: Readonly<Record<string, string>> = {
  "compute.reboot": "ec2:RebootInstances",
  "compute.stop": "ec2:StopInstances",
  "compute.start": "ec2:StartInstances",
  "compute.associate": "ec2:AssociateAddress",
  "compute.disassociate": "ec2:DisassociateAddress",
  "compute.launch": "ec2:RunInstances",
  "compute.terminateDrill": "ec2:TerminateInstances",
  "compute.tag": "ec2:CreateTags",
  "storage.createVolume": "ec2:CreateVolume",
  "storage.attach": "ec2:AttachVolume",
  "storage.detach": "ec2:DetachVolume",
  "storage.createSnapshot": "ec2:CreateSnapshot",
  "storage.copySnapshot": "ec2:CopySnapshot",
  "storage.deleteSnapshot": "ec2:DeleteSnapshot",
  "storage.registerImage": "ec2:RegisterImage",
  "storage.replaceRootVolume": "ec2:CreateReplaceRootVolumeTask",
  "scaling.register": "elasticloadbalancing:RegisterTargets",
  "scaling.deregister": "elasticloadbalancing:DeregisterTargets",
  "scaling.setDesired": "autoscaling:SetDesiredCapacity",
  "scaling.setMax": "autoscaling:UpdateAutoScalingGroup",
  "scaling.setUnhealthy": "autoscaling:SetInstanceHealth",
  "scaling.terminateMember": "autoscaling:TerminateInstanceInAutoScalingGroup",
  "scaling.suspend": "autoscaling:SuspendProcesses",
  "scaling.resume": "autoscaling:ResumeProcesses",
  "scaling.startRefresh": "autoscaling:StartInstanceRefresh",
  "scaling.cancelRefresh": "autoscaling:CancelInstanceRefresh",
  "scaling.completeHook": "autoscaling:CompleteLifecycleAction",
  "scaling.heartbeatHook": "autoscaling:RecordLifecycleActionHeartbeat",
  "dns.upsert": "route53:ChangeResourceRecordSets",
  "dns.setInverted": "route53:UpdateHealthCheck",
  "routing.set": "route53-recovery-cluster:UpdateRoutingControlStates",
  "commands.run": "ssm:SendCommand",
};

/** Nothing is called that the plan does not declare: its session in another account would be refused. */
function needDeclared({ need }: Court, { call, onBehalf }: Act): void {
  const action = actionOf[`${call.port}.${call.name}`];
  const declared = action !== undefined && onBehalf?.actions.includes(action) === true;
  need(declared, `${onBehalf?.runId} calls ${call.port}.${call.name}, and its plan does not declare ${action}`);
}

function needMandate({ need }: Court, act: Act, { service, current, chore }: Mandate): void {
  const { onBehalf, call } = act;
  const said = saidOf(act);
  if (chore) return need(chore.ended === undefined, `${said} for the hook of ${service.name}, which has ended`);
  const { phase } = current;
  if (onBehalf?.who === "quarantine") {
    const isFormer = current.former.some(({ instanceId }) => JSON.stringify(call.args).includes(instanceId));
    need(isFormer, `${said}: what is no former home of ${service.name} is set aside`);
    need(call.name !== "stop" || service.quarantine === "stop", `${said}: ${service.name} says that it runs on`);
    return;
  }
  if (onBehalf?.who === "sweep") {
    need(phase.kind !== "recovering", `${said}: debts of ${service.name} are settled beside its run`);
    return;
  }
  const isRun = phase.kind === "recovering" && phase.runId === onBehalf?.runId;
  need(isRun, `${said} for ${onBehalf?.runId}, and ${service.name} is ${phase.kind}`);
  if (phase.kind === "recovering") need(phase.order.why !== "", `${service.name}: a run without a reason`);
}

/** Who serves is off before another one takes over, or a person forced it, or the owner declared that moving is the fence. */
function needFence(court: Court, act: Act, { service, current, chore }: Mandate): void {
  const { call } = act;
  const holders = servesUntilNow(court, act);
  if (holders.length === 0) return;
  const { phase } = current;
  const order = phase.kind === "recovering" ? phase.order : undefined;
  const isForced = chore === undefined && order?.options?.includes("force") === true;
  const isTwice = order?.recovery === "reprovision-dr" && new Set(order.approvals.map(({ by }) => by.id)).size >= 2;
  if (service.fence === "address") return;
  for (const id of holders) {
    const machine = machineAnywhere(court, id);
    const isOff = machine === undefined || ["stopped", "terminated", "shutting-down"].includes(machine.state);
    if (isOff || startedByHand(court, id)) continue;
    const owed = current.debts.some((debt) => debt.id === `unfenced/${id}`);
    const may = (isForced || isTwice) && owed;
    court.need(
      may,
      `${saidOf(act)} for ${service.name} while ${id} is ${machine.state} (${call.name} before the fence)`,
    );
  }
}

/** Somebody may start it in the very moment between the last look and the call; nobody can close that gap. */
const handMs = 60_000;

function startedByHand({ accounts, now }: Court, id: string): boolean {
  return accounts.some(({ writes }) =>
    writes.some(
      (w) => w.instanceId === id && w.operation === "StartInstances" && w.who === "somebody" && now() - w.at < handMs,
    ),
  );
}

/** Machines that people reach now and would not any more, or not alone, after this call. */
function servesUntilNow(court: Court, { call, scope }: Act): string[] {
  const account = accountIn(court, scope);
  const name = `${call.port}.${call.name}`;
  if (name === "compute.disassociate") {
    const held = account.peek.addresses().find(({ associationId }) => associationId === call.args[0]);
    return held?.instanceId === undefined ? [] : [held.instanceId];
  }
  if (name === "compute.associate") {
    const [allocationId, to] = call.args as [string, string];
    const history = account.peek.addressHistory(allocationId).filter(({ instanceId }) => instanceId !== to);
    const before = history.at(-1)?.instanceId;
    return before === undefined || before === to ? [] : [before];
  }
  if (name !== "dns.upsert") return [];
  const [zoneId, records] = call.args as [string, readonly RecordView[]];
  const leads = new Set(records.filter(({ weight }) => weight !== 0).flatMap(({ values }) => values));
  const [first] = records;
  if (first === undefined) return [];
  return servesBehind(court, zoneId, first.name)
    .filter(({ ip }) => !leads.has(ip))
    .map(({ id }) => id);
}

function needHarmless(court: Court, act: Act, mandate: Mandate): void {
  const { need } = court;
  const { call } = act;
  const { service } = mandate;
  const account = accountIn(court, act.scope);
  const name = `${call.port}.${call.name}`;
  if (name === "compute.terminateDrill") {
    const tags = account.peek.machines().find(({ id }) => id === call.args[0])?.tags;
    need(tags?.[drillTag.key] === drillTag.value, `${saidOf(act)}: it is no drill instance`);
  }
  if (name === "scaling.terminateMember" || name === "scaling.setUnhealthy") {
    const group = service.target.kind === "asg" ? service.target.asgName : undefined;
    const isOurs =
      account.peek.machines().find(({ id }) => id === call.args[0])?.asgName === group && group !== undefined;
    need(isOurs, `${saidOf(act)}: it is no member of ${service.name}'s group`);
  }
  if (name === "storage.deleteSnapshot") {
    const { phase } = mandate.current;
    const isPruned =
      phase.kind === "recovering" && phase.order.recovery === "prune" && phase.order.by.kind === "person";
    need(isPruned, `${saidOf(act)}: only a person's pruning deletes snapshots`);
  }
  if (name === "scaling.completeHook") needHookDone(court, act, mandate);
}

/** An answered hook was ours; the instance has the newest data before it may serve, and what leaves has let go of it. */
function needHookDone(court: Court, act: Act, { service, current, chore }: Mandate): void {
  const { need } = court;
  const [answer, result] = act.call.args as [HookAnswer, string];
  const { volume, target } = service;
  const hook = chore?.transition === "launching" ? volume?.launchingHook : volume?.terminatingHook;
  const isOurs = target.kind === "asg" && target.asgName === answer.group && answer.hook === hook;
  need(isOurs, `${answer.hook} of ${answer.group} is answered, and it is not ${service.name}'s`);
  if (result !== "CONTINUE" || volume === undefined || chore === undefined) return;
  const account = accountIn(court, act.scope);
  const tagged = account.peek.volumes().filter(({ tags }) => tags[volume.tag.key] === volume.tag.value);
  const attached = tagged.filter(({ attachment }) => attachment?.instanceId === answer.instanceId);
  if (chore.transition === "terminating") {
    const saved = account.peek.snapshots().some(({ volumeId }) => attached.some(({ id }) => id === volumeId));
    const isFree = attached.every(({ attachment }) => attachment?.state !== "attached");
    need(isFree || saved, `${answer.instanceId} may go on leaving with ${attached[0]?.id}, which nobody saved`);
    return;
  }
  const own = attached.find(({ attachment }) => attachment?.state === "attached");
  need(own !== undefined, `${answer.instanceId} may serve and has no volume`);
  if (own === undefined) return;
  const { phase } = current;
  const order = phase.kind === "recovering" || phase.kind === "verifying" ? phase.order : undefined;
  if (order?.options?.includes("older-snapshot")) return;
  const newest = newestPage(account, tagged);
  need(own.content.marker === newest, `${answer.instanceId} may serve with ${own.content.marker}, newest is ${newest}`);
}
