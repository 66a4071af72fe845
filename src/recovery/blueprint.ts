/**
 * How an instance is built, remembered from the time when it ran: EC2 forgets the network and the volumes of a terminated one
 * within minutes, and says nothing at all about it after an hour.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { InstanceId, ServiceName } from "../domain/words.ts";
import type { Blueprint, Compute } from "../ports/compute.ts";

/** Records of `StoredBlueprint`, by service. */
export const blueprintCollection = "blueprint";

/** The last whole blueprint of a service's instance, as the readiness loop stores it. */
export interface StoredBlueprint {
  readonly service: ServiceName;
  /** Epoch ms. */
  readonly readAt: number;
  readonly blueprint: Blueprint;
}

/** Worth remembering: EC2 has told everything that a new one needs. */
export function isWhole(blueprint: Blueprint): boolean {
  return blueprint.subnetId !== "" && blueprint.securityGroupIds.length > 0 && blueprint.volumes.length > 0;
}

/** Of the instance as it is, else as it was last seen; undefined when neither tells enough. Throws Unreachable and Throttled. */
export async function blueprintOf(
  compute: Pick<Compute, "blueprint">,
  instanceId: InstanceId,
  remembered: Blueprint | undefined,
): Promise<Blueprint | undefined> {
  const live = await compute.blueprint(instanceId);
  if (live && isWhole(live)) return live;
  return remembered?.instanceId === instanceId && isWhole(remembered) ? remembered : undefined;
}

export function refuseUnknownBuild(instanceId: InstanceId): RecoveryRefused {
  return new RecoveryRefused(
    "not-configured",
    `EC2 has forgotten how ${instanceId} was built (subnet, security groups), and the bot never saw it whole`,
    "Launch its successor by hand from the newest snapshot; the bot remembers how instances are built once it has seen them run.",
  );
}

/** What the bot itself does not rebuild, in words; undefined when it can. */
export function cannotRebuild({ instanceId, networkInterfaces, architecture }: Blueprint): RecoveryRefused | undefined {
  if (networkInterfaces > 1) {
    return new RecoveryRefused(
      "not-configured",
      `${instanceId} has ${networkInterfaces} network interfaces; a new one would have one`,
      "Build its successor by hand.",
    );
  }
  if (architecture === "x86_64" || architecture === "arm64") return undefined;
  return new RecoveryRefused(
    "not-configured",
    `${instanceId} is ${architecture}; the bot builds x86_64 and arm64`,
    "Build its successor by hand.",
  );
}
