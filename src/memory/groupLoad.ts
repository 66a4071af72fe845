/** What members of a group have to do: together a fixed amount, so that each has less the more of them there are. */
import type { Machine } from "./accountModel.ts";
import type { World } from "./world.ts";

/** What the operating system itself takes. */
const idlePercent = 3;

/** CPU in percent; undefined: no group says how busy this machine is. */
export function cpuOfMember(world: World, machine: Machine): number | undefined {
  const group = [...world.groups.values()].find((each) => each.members.some((member) => member.id === machine.id));
  if (group?.load === undefined || machine.health.kernel !== "up") return undefined;
  const inService = group.members.filter((each) => each.lifecycle === "InService");
  if (!inService.some((each) => each.id === machine.id)) return idlePercent;
  const noise = world.groupRandom.int(0, 20) / 10;
  return Math.min(100, idlePercent + group.load / inService.length + noise);
}
