/** What a person with a browser sees: whether a site answers, and in which way it does not. */
import type { Machine, Site } from "./accountModel.ts";
import { applicationOn } from "./disks.ts";
import { resolve } from "./resolver.ts";
import { addressOf } from "./world.ts";
import type { World } from "./world.ts";

export type SiteAnswer =
  | {
      readonly kind: "answers";
      readonly status: number;
      readonly body: string;
      readonly tookMs: number;
      /** The instance that answered, and the data on its disk; neither for a server outside. */
      readonly by?: string;
      readonly data?: string;
    }
  /** The machine is there, nothing listens. */
  | { readonly kind: "refused" }
  /** Nothing comes back at all. */
  | { readonly kind: "silent" }
  | { readonly kind: "unknown-host" };

export function siteOf(world: World, host: string): Site | undefined {
  return world.sites.find((site) => site.host === host) ?? siteByIp(world, host);
}

function siteByIp(world: World, host: string): Site | undefined {
  const address = [...world.addresses.values()].find((each) => each.publicIp === host);
  if (address !== undefined) return { host, via: { kind: "elastic-ip", allocationId: address.allocationId } };
  for (const machine of world.machines.values()) {
    const ownIp = addressOf(world, machine.id) === undefined ? machine.ownPublicIp : undefined;
    if (host !== machine.privateIp && host !== ownIp) continue;
    return { host, via: { kind: "machine", instanceId: machine.id } };
  }
  return undefined;
}

export function machineBehind(world: World, site: Site): Machine | undefined {
  if (site.via.kind !== "machine" && site.via.kind !== "elastic-ip") return undefined;
  const id = site.via.kind === "machine" ? site.via.instanceId : world.addresses.get(site.via.allocationId)?.instanceId;
  return id === undefined ? undefined : world.machines.get(id);
}

/** What the bot gets when it asks: nothing at all while its own network is gone. */
export function answerToBot(world: World, host: string): SiteAnswer {
  return world.faults.offline ? { kind: "silent" } : answerOf(world, host);
}

/** What everybody else gets. Draws no randomness, so that looking does not change the world. */
export function answerOf(world: World, host: string): SiteAnswer {
  const site = siteOf(world, host);
  if (site === undefined) return { kind: "unknown-host" };
  if (site.via.kind === "outside") return { kind: "answers", status: 200, body: "ok", tookMs: 30 };
  if (site.via.kind === "target-group") return answerOfBalancer(world, site.via.targetGroupArn);
  if (site.via.kind === "record") return answerOfRecord(world, site.via);
  return answerOfMachine(world, machineBehind(world, site));
}

/** Through DNS: the address may be held in any account or region. */
function answerOfRecord(world: World, via: { readonly zoneId: string; readonly name: string }): SiteAnswer {
  const [first] = resolve(world.shared.dns, via.zoneId, via.name) ?? [];
  return first === undefined ? { kind: "unknown-host" } : answerAtAddress(world.shared.worlds, first);
}

/** Whoever holds this public address now, or the name of another site; nothing comes back from an address that nobody holds. */
export function answerAtAddress(worlds: Iterable<World>, address: string): SiteAnswer {
  for (const world of worlds) {
    const answer = answerOf(world, address.replace(/\.$/, ""));
    if (answer.kind !== "unknown-host") return answer;
  }
  return { kind: "silent" };
}

export function answerOfInstance(worlds: Iterable<World>, instanceId: string): SiteAnswer {
  for (const world of worlds) {
    const machine = world.machines.get(instanceId);
    if (machine !== undefined) return answerOfMachine(world, machine);
  }
  return { kind: "silent" };
}

function isDark(world: World, machine: Machine): boolean {
  return world.faults.regionDark || world.faults.zonesDown.has(machine.availabilityZone);
}

/** What the machine itself says to whoever reaches it. */
export function answerOfMachine(world: World, machine: Machine | undefined): SiteAnswer {
  if (machine === undefined || machine.state !== "running" || machine.health.host !== "ok") return { kind: "silent" };
  if (machine.health.kernel !== "up" || isDark(world, machine)) return { kind: "silent" };
  if (machine.health.disk === "full")
    return { kind: "answers", status: 503, body: "No space left on device", tookMs: 12 };
  const application = applicationOn(world, machine);
  if (machine.health.process !== "up" || application.kind === "none") return { kind: "refused" };
  if (application.kind === "lacks")
    return { kind: "answers", status: 503, body: `No disk at ${application.device}`, tookMs: 12 };
  return { kind: "answers", status: 200, body: "ok", tookMs: 41, by: machine.id, data: application.data };
}

/** An application load balancer: healthy targets alone, and all of them once none is healthy (it fails open). */
function answerOfBalancer(world: World, targetGroupArn: string): SiteAnswer {
  const targets = [...(world.targetGroups.get(targetGroupArn)?.targets.values() ?? [])];
  const healthy = targets.filter((target) => target.state === "healthy");
  const asked = healthy.length > 0 ? healthy : targets.filter((target) => target.state === "unhealthy");
  const answers = asked.map((target) => answerOfMachine(world, world.machines.get(target.instanceId)));
  const good = answers.find((answer) => answer.kind === "answers" && answer.status < 400);
  const heard = good ?? answers.find((answer) => answer.kind === "answers");
  if (heard !== undefined) return heard;
  if (answers.length === 0) return { kind: "answers", status: 503, body: "Service Temporarily Unavailable", tookMs: 4 };
  if (answers.some((answer) => answer.kind === "refused")) {
    return { kind: "answers", status: 502, body: "Bad Gateway", tookMs: 6 };
  }
  return { kind: "answers", status: 504, body: "Gateway Time-out", tookMs: 10_000 };
}

export function siteIsUp(world: World, site: Site): boolean {
  const answer = answerOf(world, site.host);
  return answer.kind === "answers" && answer.status < 400;
}
