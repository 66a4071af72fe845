/**
 * Debts that outlived their run. What giving back takes nobody's consent to (what the run itself would have done next) is done here;
 * everything else stands on the card until a person acts, and leaves it when the world shows that it is settled.
 *
 * | debt | what the sweep does |
 * |---|---|
 * | suspended-processes | resumes exactly those that the debt names |
 * | unfenced | stops the old instance once its region answers, if the debt says where and it is not where the service lives |
 * | drill-instance | terminates it; the port refuses everything that is not tagged as a drill |
 * | stopped-instance, raised-max, address, standby | reads only: starting, shrinking and moving need an order |
 *
 * Whatever changes the world is done under the run's own lease, with the case read again under it: while a run lives, its debts are
 * its own business. The order that borrowed it is the order that gives it back, so that the kill switch does not keep a group blind.
 */
import type { Debt, ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { AllocationId, InstanceId, Scope } from "../domain/words.ts";
import type { Cloud, Clouds } from "../ports/cloud.ts";
import { drillTag, runTag, type InstanceView } from "../ports/compute.ts";
import type { Leases } from "../ports/store.ts";
import type { EventHandler } from "./handleEvent.ts";
import { eachGuarded, guarded, type LoopDefinition, type LoopParts } from "./loop.ts";
import { takeLease, type HeldLease } from "./runLease.ts";
import { leaseName } from "./runRecord.ts";

export interface SweepParts extends LoopParts {
  readonly worker: string;
  readonly leases: Leases;
  readonly handler: EventHandler;
  readonly clouds: Clouds;
  readonly settings: Settings;
}

const sweepMs = 60_000;
const width = 4;

export function sweepLoop(parts: SweepParts): LoopDefinition {
  const owing = () =>
    [...parts.settings.services.keys()].flatMap((name) => parts.handler.known(name) ?? []).filter(owesWithoutRun);
  return {
    name: "sweep",
    periodMs: sweepMs,
    idle: () => owing().length === 0,
    round: async () => {
      await eachGuarded(parts, { name: "sweep", items: owing(), width }, (current) => sweep(parts, current));
    },
  };
}

/** While a run goes on, its debts are its own business. */
function owesWithoutRun(current: ServiceCase): boolean {
  return current.debts.length > 0 && current.phase.kind !== "recovering";
}

/** A debt that cannot be looked at must not keep the others from being paid. */
async function sweep(parts: SweepParts, current: ServiceCase): Promise<void> {
  for (const debt of current.debts) {
    await guarded(parts, "sweep", async () => {
      const settle = settling[debt.kind];
      if (await settle(parts, current, debt))
        await parts.handler.handle(current.service, { kind: "debt-repaid", debt: debt.id });
    });
  }
}

/** True: it is settled now. */
type Settle = (parts: SweepParts, current: ServiceCase, debt: Debt) => Promise<boolean>;

const settling: Readonly<Record<Debt["kind"], Settle>> = {
  "stopped-instance": stoppedInstance,
  "suspended-processes": suspendedProcesses,
  "raised-max": raisedMax,
  address: address,
  unfenced: unfenced,
  "drill-instance": drillInstance,
  standby: async () => false,
};

/** A read may lag behind our own stop: a machine that still seems to run is believed after this. */
const lagMs = 10 * 60_000;

async function stoppedInstance({ clouds, clock }: SweepParts, current: ServiceCase, debt: Debt): Promise<boolean> {
  const view = await clouds(scopeOf(current, debt)).compute.instance(subjectOf(debt) as InstanceId);
  const isOld = clock.now() - debt.since > lagMs;
  const runs = view?.state === "running" && (view.launchTime > debt.since || isOld);
  return runs || view?.state === "terminated" || (view === undefined && isOld);
}

async function suspendedProcesses(parts: SweepParts, current: ServiceCase, debt: Debt): Promise<boolean> {
  const group = debt.data?.["group"] ?? subjectOf(debt);
  const processes = debt.data?.["processes"]?.split(" ").filter(Boolean) ?? [];
  const remain = async ({ scaling }: Cloud) => {
    const view = await scaling.group(group);
    return processes.filter((process) => view?.suspended.includes(process));
  };
  if (processes.length === 0) return false;
  return acting(parts, { current, debt, actions: ["autoscaling:ResumeProcesses"] }, async (cloud, lease) => {
    // Before the suspending shows, nothing seems to be suspended: a young debt is paid by the call, not by a read.
    const isOld = parts.clock.now() - debt.since > lagMs;
    if (isOld && (await remain(cloud)).length === 0) return true;
    await lease.assertMargin();
    await cloud.scaling.resume(group, processes);
    parts.log.info("debt-settled", { service: current.service, debt: debt.id, did: `resumed ${processes.join(", ")}` });
    return (await remain(cloud)).length === 0;
  });
}

/** Somebody set it back by hand, or deleted the group. Else it waits for scale-in. */
async function raisedMax({ clouds }: SweepParts, current: ServiceCase, debt: Debt): Promise<boolean> {
  const max = Number(debt.data?.["max"]);
  const view = await clouds(scopeOf(current, debt)).scaling.group(debt.data?.["group"] ?? subjectOf(debt));
  // A read that lags may still show the old size right after it was raised.
  return view !== undefined && view.max <= max && !isYoung(debt, current);
}

/** It is where the service lives: nobody owes it any more. */
async function address({ clouds }: SweepParts, current: ServiceCase, debt: Debt): Promise<boolean> {
  const view = await clouds(scopeOf(current, debt)).compute.address(subjectOf(debt) as AllocationId);
  const home = current.placement.instanceId;
  return home !== undefined && view?.instanceId === home && !isYoung(debt, current);
}

async function unfenced(parts: SweepParts, current: ServiceCase, debt: Debt): Promise<boolean> {
  const id = (debt.data?.["instanceId"] ?? subjectOf(debt)) as InstanceId;
  // The service lives there (again): stopping it would be the outage. Once it is well there, it stands beside nobody.
  if (current.placement.instanceId === id) return isCalm(current);
  const mayStop = debt.data?.["instanceId"] !== undefined && debt.data["scope"] !== undefined;
  const view = await parts.clouds(scopeOf(current, debt)).compute.instance(id);
  if (isOff(view)) return true;
  if (!mayStop || view?.state !== "running") return false;
  return acting(parts, { current, debt, actions: ["ec2:StopInstances"] }, async ({ compute }, lease, now) => {
    if (now.placement.instanceId === id) return false;
    await lease.assertMargin();
    await compute.stop(id, { force: false });
    parts.log.info("debt-settled", { service: current.service, debt: debt.id, did: `asked ${id} to stop` });
    // Settled when it is off, which the next round sees.
    return false;
  });
}

async function drillInstance(parts: SweepParts, current: ServiceCase, debt: Debt): Promise<boolean> {
  const copies = await copiesOf(parts.clouds(scopeOf(current, debt)), debt);
  const isOld = parts.clock.now() - debt.since > lagMs;
  if (copies.every(({ state }) => state === "terminated")) return copies.length > 0 || isOld;
  const left = copies.filter(({ state }) => state !== "terminated" && state !== "shutting-down");
  if (left.length === 0) return false;
  return acting(parts, { current, debt, actions: ["ec2:TerminateInstances"] }, async ({ compute }, lease) => {
    for (const { id } of left) {
      await lease.assertMargin();
      await compute.terminateDrill(id);
      parts.log.info("debt-settled", { service: current.service, debt: debt.id, did: `asked ${id} to end` });
    }
    return false;
  });
}

/** The debt is older than the launch: unless it names an id, its instances are those that its run has tagged. */
async function copiesOf({ compute }: Pick<Cloud, "compute">, debt: Debt): Promise<InstanceView[]> {
  const id = debt.data?.["instanceId"] as InstanceId | undefined;
  const known = id && (await compute.instance(id));
  if (id !== undefined) return known ? [known] : [];
  const tagged = await compute.instancesByTag(runTag, debt.data?.["runId"] ?? debt.runId);
  return tagged.filter(({ tags }) => tags[drillTag.key] === drillTag.value);
}

interface Act {
  readonly current: ServiceCase;
  readonly debt: Debt;
  /** IAM actions for the session in another account. */
  readonly actions: readonly string[];
}

/** Under the service's run lease, with the case read again: a run that has begun meanwhile, or a debt that is paid, ends it here. */
async function acting(
  parts: SweepParts,
  { current, debt, actions }: Act,
  work: (cloud: Cloud, lease: HeldLease, now: ServiceCase) => Promise<boolean>,
): Promise<boolean> {
  const { handler, clouds, settings } = parts;
  // An owner of its own: a run that this worker carries has the lease under the worker's name, and would lose it to our release.
  const owner = { ...parts, worker: `${parts.worker} sweep`, timing: settings.timing };
  const lease = await takeLease(owner, leaseName(current.service));
  if (lease === undefined) return false;
  try {
    const now = await handler.load(current.service);
    if (now === undefined || !owesWithoutRun(now) || !now.debts.some(({ id }) => id === debt.id)) return false;
    const onBehalf = { runId: debt.runId, who: "sweep", actions: [...actions] };
    return await work(clouds(scopeOf(now, debt), onBehalf), lease, now);
  } finally {
    await lease.release();
  }
}

/** Taken in the round that the run ended in: reads may lag behind what it did. */
function isYoung(debt: Debt, { lastRun }: ServiceCase): boolean {
  return lastRun === undefined || lastRun.endedAt <= debt.since;
}

function isCalm({ phase }: ServiceCase): boolean {
  return phase.kind === "idle" || phase.kind === "resolved";
}

function isOff(view: InstanceView | undefined): boolean {
  return view?.state === "stopped" || view?.state === "terminated";
}

/** The service may have moved to another region since; the debt stayed where it was made. */
function scopeOf({ placement }: ServiceCase, { data }: Debt): Scope {
  return (data?.["scope"] as Scope | undefined) ?? placement.scope;
}

function subjectOf(debt: Debt): string {
  return debt.id.slice(debt.id.indexOf("/") + 1);
}
