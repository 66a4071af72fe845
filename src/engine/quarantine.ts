/**
 * An old primary that came back: it is marked, taken out of the target groups of the service and, only where its owner said so,
 * stopped again. Its address is looked at and never moved: who holds what is for a person to settle when two machines are up.
 *
 * It acts under the lease of the service's runs, so that it never works beside one, and on a rule that stands in the audit record.
 */
import { Unreachable } from "../domain/errors.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { Former, ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { InstanceId, RunId, ServiceName } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Cloud, Clouds } from "../ports/cloud.ts";
import type { InstanceView } from "../ports/compute.ts";
import type { Handle } from "../ports/handle.ts";
import type { Log } from "../ports/log.ts";
import type { Leases, Records } from "../ports/store.ts";
import { quarantinePermissions, quarantineTag } from "../recovery/quarantinePermissions.ts";
import type { EventHandler } from "./handleEvent.ts";
import { eachGuarded, type LoopDefinition, type LoopParts } from "./loop.ts";
import { takeLease, type HeldLease } from "./runLease.ts";
import { leaseName } from "./runRecord.ts";

export interface QuarantineParts {
  readonly worker: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly records: Records;
  readonly leases: Leases;
  readonly settings: Settings;
  readonly clouds: Clouds;
  readonly handle: Handle;
  /** Strong read. */
  readonly loadCase: (service: ServiceName) => Promise<ServiceCase | undefined>;
}

/** Owed until it is done; true = nothing (more) is owed. */
export async function quarantine(
  parts: QuarantineParts,
  instanceId: InstanceId,
  current: ServiceCase,
): Promise<boolean> {
  const known = current.former.find((f) => f.instanceId === instanceId);
  const service = parts.settings.services.get(current.service);
  if (known === undefined || service === undefined) return true;
  const cloud = parts.clouds(scopeOf(known, current), {
    runId: `${current.service}/quarantine` as RunId,
    who: "quarantine",
    actions: quarantinePermissions.map(({ action }) => action),
  });
  const view = await cloud.compute.instance(instanceId);
  const state = stateOf(view);
  if (state !== "running") {
    await parts.handle(current.service, { kind: "former-seen", instanceId, state, said: "" });
    return true;
  }
  // An owner of its own: a run that this worker begins meanwhile must not find the lease to be its own, nor lose it with ours.
  const owner = { ...parts, worker: `${parts.worker} quarantine`, timing: parts.settings.timing };
  const lease = await takeLease(owner, leaseName(current.service));
  if (lease === undefined)
    throw new Unreachable(`the lease of ${current.service}: a run goes on there, which is waited for;`);
  try {
    // Under the lease the case is read once more: a fail-back may have made the old machine the service's home again.
    const now = await parts.loadCase(current.service);
    const isStill = now?.former.some((f) => f.instanceId === instanceId) && now.placement.instanceId !== instanceId;
    if (now === undefined || !isStill) return true;
    if (now.phase.kind === "recovering") throw new Unreachable(`a run of ${current.service}, which is waited for;`);
    await audit(parts, now, known);
    const said = await setAside({ parts, current: now, service, cloud, lease, instanceId });
    await parts.handle(current.service, { kind: "former-seen", instanceId, state: "quarantined", said });
    return true;
  } finally {
    await lease.release();
  }
}

interface Aside {
  readonly parts: QuarantineParts;
  readonly current: ServiceCase;
  readonly service: ServiceDefinition;
  readonly cloud: Cloud;
  readonly lease: HeldLease;
  readonly instanceId: InstanceId;
}

async function setAside({ parts, current, service, cloud, lease, instanceId }: Aside): Promise<string> {
  const { compute, scaling } = cloud;
  const said: string[] = [];
  await lease.assertMargin();
  await compute.tag([instanceId], { [quarantineTag]: new Date(parts.clock.now()).toISOString() });
  said.push("marked");
  for (const health of await scaling.targetHealth(instanceId, service.targetGroups)) {
    await lease.assertMargin();
    await scaling.deregister(health.targetGroupArn, instanceId);
    said.push(`taken out of ${health.targetGroupArn.split("/")[1] ?? "its target group"}`);
  }
  const address = await compute.addressOf(instanceId);
  const isOurs =
    address !== undefined && address.allocationId === (current.placement.allocationId ?? service.elasticIp);
  if (isOurs)
    said.push(`it HOLDS ${address.publicIp}, the address of the service: nothing was moved, a person decides`);
  if (service.quarantine !== "stop" || isOurs) return `${said.join(", ")}; it runs on until a person decides`;
  await lease.assertMargin();
  await compute.stop(instanceId, { force: false });
  return `${said.join(", ")}, and stopped again, as medic.yaml says`;
}

async function audit({ records, clock }: QuarantineParts, current: ServiceCase, { instanceId }: Former): Promise<void> {
  const at = new Date(clock.now()).toISOString();
  const key = { collection: `audit/${at.slice(0, 7)}`, id: `${at} ${current.service} quarantine ${instanceId}` };
  await records.putIfAbsent(key, {
    at: clock.now(),
    service: current.service,
    incident: current.incident?.id ?? null,
    placement: current.placement,
    order: { by: { kind: "rule", rule: "quarantine" }, why: `the original ${instanceId} came back` },
  });
}

function scopeOf({ scope }: Former, current: ServiceCase): ServiceCase["placement"]["scope"] {
  return scope ?? current.placement.scope;
}

function stateOf(view: InstanceView | undefined): "running" | "away" | "gone" {
  if (view === undefined || view.state === "terminated" || view.state === "shutting-down") return "gone";
  return view.state === "running" ? "running" : "away";
}

const watchMs = 60_000;
const width = 4;

export interface FormerWatchParts extends LoopParts {
  readonly handler: EventHandler;
  readonly clouds: Clouds;
  readonly services: readonly ServiceName[];
}

/** Looks whether former homes of services run again: without alarms of their own nothing else would bring the news. */
export function formerWatchLoop(parts: FormerWatchParts): LoopDefinition {
  const watched = () =>
    parts.services.flatMap((service) => {
      const current = parts.handler.known(service);
      if (current === undefined || current.phase.kind === "recovering") return [];
      return current.former.filter((f) => f.byRun !== undefined).map((known) => ({ current, known }));
    });
  return {
    name: "former",
    periodMs: watchMs,
    idle: () => watched().length === 0,
    round: async () => {
      const left = watched();
      await eachGuarded(parts, { name: "former", items: left, width }, ({ current, known }) =>
        look(parts, current, known),
      );
    },
  };
}

/** Only news is an event. */
async function look({ handler, clouds }: FormerWatchParts, current: ServiceCase, known: Former): Promise<void> {
  const { instanceId } = known;
  const state = stateOf(await clouds(scopeOf(known, current)).compute.instance(instanceId));
  const isNews =
    state === "gone" ||
    (state === "away" && (known.away === undefined || known.returned !== undefined)) ||
    (state === "running" && known.away !== undefined && known.returned === undefined);
  if (isNews) await handler.handle(current.service, { kind: "former-seen", instanceId, state, said: "" });
}
