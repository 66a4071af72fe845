/** A new member: launched from the group's own template into the subnet of one zone, with what its user data does at its first boot. */
import type { Machine } from "./accountModel.ts";
import { associate } from "./addresses.ts";
import { volumeAt } from "./disks.ts";
import type { Group } from "./groupModel.ts";
import { launchMachine } from "./launch.ts";
import { placesOf } from "./places.ts";
import { say } from "./world.ts";
import type { World } from "./world.ts";

const typeDefault = "t4g.small";
/** After the boot, until the script has asked EC2. */
const scriptMs = 5_000;

/** Throws AwsRefusal. */
export function launchMember(world: World, group: Group, zone: string): Machine {
  const places = placesOf(world.region);
  const { template } = group;
  const machine = launchMachine(world, {
    imageId: template.imageId ?? places.imageId,
    type: template.type ?? typeDefault,
    subnetId: group.subnets[group.availabilityZones.indexOf(zone)] ?? places.subnets.a,
    securityGroupIds: template.securityGroupIds ?? [places.securityGroupId],
    ...(template.userData === undefined ? {} : { userData: template.userData }),
    tags: {
      Name: template.name ?? group.name,
      ...group.tags,
      ...template.tags,
      "aws:autoscaling:groupName": group.name,
    },
    hasInstanceStore: template.hasInstanceStore ?? false,
  });
  const root = volumeAt(world, machine.id, machine.build.rootDeviceName);
  if (root !== undefined && template.needs !== undefined) root.content = { ...root.content, needs: template.needs };
  firstBoot(world, group, machine);
  return machine;
}

/** User data runs once: what it missed then it never does again. */
function firstBoot(world: World, group: Group, machine: Machine): void {
  const { takesAddress } = group;
  if (takesAddress === undefined) return;
  const { pendingMs, bootMs } = world.timings;
  const { launchTime } = machine;
  world.agenda.at(world.agenda.now() + pendingMs + bootMs + scriptMs, () => {
    const booted = machine.state === "running" && machine.health.kernel === "up" && machine.launchTime === launchTime;
    if (!booted) return;
    if (world.faults.userDataFails) {
      machine.console.push(
        "cloud-init[1388]: aws: error: An error occurred (UnauthorizedOperation) when calling AssociateAddress",
      );
      return say(world, "world", `${machine.name}: its user data failed, nobody takes ${takesAddress}`, "bad");
    }
    associate(world, { allocationId: takesAddress, instanceId: machine.id, allowReassociation: true });
    say(world, "world", `${machine.name} (${machine.id}) has taken ${takesAddress} for itself`, "good");
  });
}
