/** Which disks a machine has, and what stands on them. */
import type { Attachment, Content, Volume } from "./cloudModel.ts";
import { blank } from "./cloudModel.ts";
import type { Machine } from "./accountModel.ts";
import type { World } from "./world.ts";

export type AttachedVolume = Volume & { attachment: Attachment };

/** In the order in which they were made; the root first. */
export function volumesOf(world: World, instanceId: string): AttachedVolume[] {
  return [...world.stock.volumes.values()].filter(
    (volume): volume is AttachedVolume => volume.attachment?.instanceId === instanceId,
  );
}

export function volumeAt(world: World, instanceId: string, device: string): AttachedVolume | undefined {
  return volumesOf(world, instanceId).find((volume) => volume.attachment.device === device);
}

export function rootContent(world: World, machine: Machine): Content {
  return volumeAt(world, machine.id, machine.build.rootDeviceName)?.content ?? blank;
}

/** Whether an application is on the machine, and whether it has the disks that it needs. */
export function applicationOn(
  world: World,
  machine: Machine,
):
  | { readonly kind: "none" }
  | { readonly kind: "lacks"; readonly device: string }
  | { readonly kind: "ready"; readonly data: string } {
  const root = rootContent(world, machine);
  if (root.marker === "") return { kind: "none" };
  const disks = root.needs.map((device) => ({ device, volume: volumeAt(world, machine.id, device) }));
  const missing = disks.find(({ volume }) => volume === undefined || volume.attachment.state === "attaching");
  if (missing !== undefined) return { kind: "lacks", device: missing.device };
  return { kind: "ready", data: disks[0]?.volume?.content.marker ?? root.marker };
}

/** A machine that is off holds nothing open any more: what was told to leave, leaves. */
export function freeBusy(world: World, machine: Machine): void {
  for (const attached of volumesOf(world, machine.id)) {
    if (attached.attachment.state !== "busy") continue;
    const volume: Volume = attached;
    volume.attachment = undefined;
    volume.state = "available";
  }
}
