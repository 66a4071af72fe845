/** What a chore's plan may use, how its inputs are found, and the heartbeats that keep its hook waiting. */
import { isWithin } from "../ports/clock.ts";
import { MedicError, NotFound, Unreachable } from "../domain/errors.ts";
import type { RunOutcome } from "../domain/serviceCase.ts";
import type { RunId, ServiceName } from "../domain/words.ts";
import type { Cloud } from "../ports/cloud.ts";
import type { RecordKey, Records } from "../ports/store.ts";
import { hookDefinitionById, watchedHook } from "../recovery/hookDefinitions.ts";
import type { Handover, HookInputs, HookPorts } from "../recovery/hookSteps.ts";
import type { OpenChore, ChoreRecord } from "./choreRecord.ts";
import type { ChoreParts } from "./chores.ts";
import type { HeldLease } from "./runLease.ts";

export const handoverKey = (service: ServiceName): RecordKey => ({ collection: "handover", id: service });

function cloudOf({ clouds }: ChoreParts, { id, scope, definition }: ChoreRecord): Cloud {
  const actions = hookDefinitionById(definition)?.permissions.map(({ action }) => action) ?? [];
  return clouds(scope, { runId: id as RunId, who: "lifecycle-hook", actions });
}

export function portsOf(parts: ChoreParts, chore: OpenChore, askPerson: HookPorts["askPerson"]): HookPorts {
  const record = chore.record();
  const { compute, storage, scaling, commands } = cloudOf(parts, record);
  return {
    clock: parts.clock,
    ...{ compute, storage, scaling, commands, askPerson },
    handover: handoverOf(parts.records, record.service),
    consent: async () => {
      const phase = (await parts.loadCase(record.service))?.phase;
      if (phase?.kind !== "recovering" && phase?.kind !== "verifying") return undefined;
      const { order, runId } = phase;
      if (order.by.kind !== "person" || !order.options?.includes("older-snapshot")) return undefined;
      return { who: order.by.person.id, runId, at: order.at };
    },
  };
}

export function handoverOf(records: Records, service: ServiceName): HookPorts["handover"] {
  const key = handoverKey(service);
  return {
    read: async () => (await records.get<Handover>(key))?.body,
    write: async (next) => {
      const stored = await records.get<Handover>(key);
      const done = stored ? await records.replace(key, next, stored.rev) : await records.putIfAbsent(key, next);
      // The other hook of this service wrote in between: what follows from that is looked at again.
      if (!done) throw new Unreachable(`the handover of ${service} (it has just changed)`);
    },
  };
}

/** Resolved once and stored; an outcome when there is nothing to answer. Throws what may be asked again. */
export async function inputsOf(parts: ChoreParts, chore: OpenChore): Promise<HookInputs | RunOutcome> {
  const record = chore.record();
  const { answer, transition, since, id, definition } = record;
  const service = parts.settings.services.get(record.service);
  const over = (detail: string): RunOutcome => ({ kind: "refused", code: "hook-over", detail, climb: false });
  if (service?.volume === undefined) return over(`${record.service} names no volume in medic.yaml any more`);
  const ports = portsOf(parts, chore, async () => undefined);
  const hook = (await ports.scaling.hooks(answer.group)).find(({ name }) => name === answer.hook);
  if (hook === undefined) return over(`${answer.group} has no hook ${answer.hook} any more`);
  const { tag, device, stopWriter } = service.volume;
  const base: HookInputs = {
    ...{ answer, transition, since, choreId: id, service: service.name, volumeTag: tag, device },
    heartbeatMs: hook.heartbeatMs,
    defaultResult: hook.defaultResult,
    ...(stopWriter ? { stopWriter } : {}),
    ...(service.elasticIp ? { allocationId: service.elasticIp } : {}),
    timing: parts.settings.timing,
  };
  try {
    const inputs = (await hookDefinitionById(definition)?.resolve(base, ports)) as HookInputs;
    await chore.change({ inputs });
    return inputs;
  } catch (error) {
    const isFast = parts.clock.now() - since < parts.settings.timing.lagMs * 2;
    // The group does not know the instance: right after the message that may be a lagging read, later it is the truth.
    if (error instanceof Unreachable && !isFast && (await isGone(ports, answer)))
      return over(`${answer.instanceId} is no member of ${answer.group} any more`);
    throw error;
  }
}

async function isGone({ scaling }: HookPorts, { group, instanceId }: ChoreRecord["answer"]): Promise<boolean> {
  const view = await scaling.group(group);
  return view !== undefined && !view.instances.some(({ id }) => id === instanceId);
}

export interface Pulse {
  /** Epoch ms: the hook's time runs from here. */
  beatAt: number;
}

/** Each one gives the hook its whole time again, until AWS's own limit. Never for a hook that is not the bot's. */
export async function heartbeats(
  parts: ChoreParts,
  chore: OpenChore,
  { lease, pulse }: { readonly lease: HeldLease; readonly pulse: Pulse },
): Promise<void> {
  const record = chore.record();
  const { heartbeatMs } = record.inputs ?? {};
  if (heartbeatMs === undefined || record.definition === watchedHook.id) return;
  if (isWithin(parts.clock, pulse.beatAt, heartbeatMs / 3)) return;
  await lease.assertMargin();
  try {
    await cloudOf(parts, record).scaling.heartbeatHook(record.answer);
    pulse.beatAt = parts.clock.now();
    parts.metrics.count("medic_hook_heartbeats_total", {});
  } catch (error) {
    // Over already, which the plan sees; what did not get through is tried again at the next look.
    if (error instanceof NotFound) pulse.beatAt = parts.clock.now();
    else if (!(error instanceof MedicError)) throw error;
    else parts.log.warn("hook-heartbeat-failed", { chore: record.id, code: error.code, detail: error.message });
  }
}
