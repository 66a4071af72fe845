/** What a person with a browser sees: whether a site answers, and in which way it does not. */
import type { Machine, Site } from "./accountModel.ts";
import { addressOf } from "./world.ts";
import type { World } from "./world.ts";

export type SiteAnswer =
  | { readonly kind: "answers"; readonly status: number; readonly body: string; readonly tookMs: number }
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
  if (site.via.kind === "outside") return undefined;
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
  const machine = machineBehind(world, site);
  if (machine === undefined || machine.state !== "running" || machine.health.host !== "ok") return { kind: "silent" };
  if (machine.health.kernel !== "up") return { kind: "silent" };
  if (machine.health.disk === "full")
    return { kind: "answers", status: 503, body: "No space left on device", tookMs: 12 };
  if (machine.health.process !== "up") return { kind: "refused" };
  return { kind: "answers", status: 200, body: "ok", tookMs: 41 };
}

export function siteIsUp(world: World, site: Site): boolean {
  const answer = answerOf(world, site.host);
  return answer.kind === "answers" && answer.status < 400;
}
