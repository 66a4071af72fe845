/** When the machine itself is sound and only its disk is not, the disk alone is replaced: id, addresses and role stay. */
import type { InstanceId, RunId, Scope, SnapshotId } from "../domain/words.ts";
import type { Blueprint, InstanceView } from "../ports/compute.ts";
import type { Tag } from "../domain/service.ts";
import type { Asked, PreviewAsked, RecoveryPorts } from "./definition.ts";
import { refuseTooOld } from "./lossGate.ts";
import { takenAt } from "./snapshotTags.ts";
import type { Wished } from "./wished.ts";

export interface ReplaceRootInputs {
  readonly kind: "replace-root";
  readonly runId: RunId;
  readonly seed: string;
  readonly scope: Scope;
  readonly instanceId: InstanceId;
  readonly snapshotId: SnapshotId;
  /** Epoch ms. */
  readonly dataAsOf: number;
  /** The root volume at the order: what replaces it is another one. */
  readonly rootVolumeId: string;
  readonly rootDeviceName: string;
  readonly byRule: boolean;
  readonly times: { readonly replaceSettleMs: number; readonly verifySettleMs: number };
}

interface Seen {
  readonly wish: Wished;
  readonly old: InstanceView | undefined;
  readonly blueprint: Blueprint | undefined;
  readonly tag: Tag;
}

/**
 * undefined: a new instance is the way. EC2 takes only snapshots of this very root volume. Symptom `os` with a good system check
 * and a bad instance check is what a broken disk looks like; everything else may be the host's or the network's fault.
 */
export async function findReplaceable(
  asked: Asked | PreviewAsked,
  { compute, storage, clock }: RecoveryPorts,
  { wish, old, blueprint, tag }: Seen,
): Promise<ReplaceRootInputs | undefined> {
  const { current, service, timing } = asked;
  if (current.incident?.symptom !== "os" || old?.state !== "running" || old.rootDeviceType !== "ebs") return undefined;
  const root = blueprint?.volumes.find(({ device }) => device === blueprint.rootDeviceName);
  if (blueprint === undefined || root === undefined) return undefined;
  const checks = await compute.checks(old.id);
  if (checks?.system !== "ok" || checks.instance !== "impaired") return undefined;
  const all = await storage.snapshotsByTag(tag.key, tag.value);
  const [newest] = all
    .filter(({ state, volumeId }) => state === "completed" && volumeId === root.volumeId)
    .sort((a, b) => takenAt(b) - takenAt(a));
  if (newest === undefined) return undefined;
  refuseTooOld(takenAt(newest), { service, wish, now: clock.now() });
  return {
    kind: "replace-root",
    runId: wish.runId,
    seed: wish.seed,
    scope: current.placement.scope,
    instanceId: old.id,
    snapshotId: newest.id,
    dataAsOf: takenAt(newest),
    rootVolumeId: root.volumeId,
    rootDeviceName: blueprint.rootDeviceName,
    byRule: wish.byRule,
    times: {
      replaceSettleMs: timing.launchSettleMs + timing.stopSettleMs,
      verifySettleMs: timing.launchSettleMs + timing.verifySettleMs,
    },
  };
}
