/** EC2's status checks: they follow the machine's health with a delay, and read `initializing` after a start. */
import type { Machine, PublishedChecks } from "./accountModel.ts";
import { remember, say } from "./world.ts";
import type { World } from "./world.ts";

const passed: PublishedChecks = { system: "ok", instance: "ok", ebs: "ok" };

export function healthyChecks(): PublishedChecks {
  return passed;
}

function checksByHealth(machine: Machine, now: number): PublishedChecks {
  const system = machine.health.host === "ok" ? "ok" : "impaired";
  const instance = machine.health.kernel === "hung" || machine.health.host === "failed" ? "impaired" : "ok";
  if (system === "ok" && instance === "ok") return passed;
  return { system, instance, ebs: "ok", impairedSince: machine.checks?.impairedSince ?? now };
}

/** The next pass of the checks sees what is true then. */
export function checksFollow(world: World, machine: Machine): void {
  const epoch = machine.epoch;
  world.agenda.at(world.agenda.now() + world.timings.checkDelayMs, () => {
    if (machine.epoch === epoch && machine.checks !== undefined) publish(world, machine);
  });
}

export function checksInitialize(world: World, machine: Machine): void {
  machine.checks = { system: "initializing", instance: "initializing", ebs: "initializing" };
  const launched = machine.launchTime;
  world.agenda.at(world.agenda.now() + world.timings.checksInitializingMs, () => {
    if (machine.launchTime === launched && machine.checks !== undefined) publish(world, machine);
  });
}

export function checksVanish(machine: Machine): void {
  machine.checks = undefined;
}

function publish(world: World, machine: Machine): void {
  const before = machine.checks;
  const next = checksByHealth(machine, world.agenda.now());
  if (before?.system === next.system && before.instance === next.instance) return;
  machine.checks = next;
  remember(world, machine);
  const bad = next.system !== "ok" || next.instance !== "ok";
  say(
    world,
    "EC2",
    `${machine.name}: system check ${next.system}, instance check ${next.instance}`,
    bad ? "bad" : "good",
  );
}
