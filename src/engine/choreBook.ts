/**
 * Lifecycle hook messages become chores: a record of their own, put if absent, before the message is answered. The same hook by SNS,
 * SQS and EventBridge, or twice by one of them, is one chore, because its key is group, instance and token.
 */
import { reason } from "../domain/reasons.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { Settings } from "../domain/settings.ts";
import type { InstanceId, ServiceName } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Handle } from "../ports/handle.ts";
import type { Log } from "../ports/log.ts";
import type { Records } from "../ports/store.ts";
import { launchingHook, terminatingHook, watchedHook } from "../recovery/hookDefinitions.ts";
import { token } from "../recovery/token.ts";
import type { LifecycleHook } from "../signals/parsed.ts";
import { choreKey, type ChoreRecord } from "./choreRecord.ts";

export interface ChoreBookParts {
  readonly records: Records;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly handle: Handle;
  /** Begins on it here, without waiting. */
  readonly kick: (id: string) => void;
}

/** True: it is a chore now, or was one already. False: nothing that the bot answers or watches over. */
export type TakeHook = (service: ServiceName, hook: LifecycleHook) => Promise<boolean>;

export function makeTakeHook(parts: ChoreBookParts): TakeHook {
  return async (name, hook) => {
    const service = parts.settings.services.get(name);
    const chore = service && choreOf(service, hook, parts.clock.now());
    if (chore === undefined) return false;
    const isNew = await parts.records.putIfAbsent(choreKey(chore.id), chore);
    const { answer } = chore;
    const about = { service: name, chore: chore.id, hook: answer.hook, instance: answer.instanceId };
    parts.log.info(isNew ? "chore-begun" : "chore-known", about);
    if (isNew) {
      const what = `${answer.hook} (${chore.transition})`;
      const said = reason("chore-begun", { group: answer.group, what, instance: answer.instanceId });
      await parts.handle(name, { kind: "noted", reason: said });
    }
    parts.kick(chore.id);
    return true;
  };
}

function choreOf(service: ServiceDefinition, hook: LifecycleHook, now: number): ChoreRecord | undefined {
  const { volume, pattern } = service;
  const { asgName: group, instanceId } = hook.resources;
  const transition = transitionOf(hook.transition);
  if (pattern !== "asg-ebs" || volume === undefined || transition === undefined) return undefined;
  if (!group || !instanceId || hook.hook === null || hook.token === null) return undefined;
  const ours = transition === "launching" ? volume.launchingHook : volume.terminatingHook;
  const answering = transition === "launching" ? launchingHook : terminatingHook;
  return {
    id: token(group, instanceId, hook.token),
    service: service.name,
    scope: service.scope,
    definition: (hook.hook === ours ? answering : watchedHook).id,
    answer: { group, hook: hook.hook, token: hook.token, instanceId: instanceId as InstanceId },
    transition,
    // A clock ahead of ours must not make the wait begin in the future.
    since: Math.min(hook.at ?? now, now),
    journal: [],
    fence: 0,
    worker: "",
  };
}

function transitionOf(said: string): ChoreRecord["transition"] | undefined {
  if (said.endsWith("EC2_INSTANCE_LAUNCHING")) return "launching";
  return said.endsWith("EC2_INSTANCE_TERMINATING") ? "terminating" : undefined;
}
