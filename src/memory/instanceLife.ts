/** How an instance lives: what EC2 does with a reboot, stop, start or terminate, how long it takes, and what it refuses. */
import type { InstanceState } from "../ports/compute.ts";
import { AwsRefusal } from "./accountModel.ts";
import type { Machine } from "./accountModel.ts";
import type { Volume } from "./cloudModel.ts";
import { hasCapacity, refuseCapacity } from "./capacity.ts";
import { freeBusy, rootContent, volumesOf } from "./disks.ts";
import { release } from "./holdings.ts";
import { checksFollow, checksInitialize, checksVanish } from "./statusChecks.ts";
import { noticeState } from "./topics.ts";
import { gmt, remember, say } from "./world.ts";
import type { World } from "./world.ts";

export function machineOf(world: World, id: string): Machine {
  const machine = world.machines.get(id);
  if (machine === undefined)
    throw new AwsRefusal("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
  return machine;
}

function wrongState(machine: Machine, operation: string): AwsRefusal {
  // RebootInstances alone answers the older of the two codes.
  const code = operation === "RebootInstances" ? "IncorrectState" : "IncorrectInstanceState";
  return new AwsRefusal(
    code,
    `The instance '${machine.id}' is not in a state from which it can be ${done(operation)}: it is ${machine.state}.`,
  );
}

function done(operation: string): string {
  if (operation === "StartInstances") return "started";
  return operation === "StopInstances" ? "stopped" : "rebooted";
}

function enter(world: World, machine: Machine, state: InstanceState): void {
  machine.state = state;
  machine.epoch++;
  remember(world, machine);
  say(world, "EC2", `${machine.name} (${machine.id}) is ${state}`, state === "running" ? "good" : "info");
  noticeState(world, machine);
}

/** Later, unless something else changed the machine's state meanwhile. */
function later(world: World, machine: Machine, afterMs: number, happen: () => void): void {
  const epoch = machine.epoch;
  world.agenda.at(world.agenda.now() + afterMs, () => {
    if (machine.epoch === epoch) happen();
  });
}

export function reboot(world: World, machine: Machine): void {
  if (machine.state === "terminated" || machine.state === "shutting-down") return;
  if (machine.state !== "running") throw wrongState(machine, "RebootInstances");
  const { rebootMsMin, rebootMsMax } = world.timings;
  const tookMs = world.random.int(rebootMsMin, rebootMsMax);
  const until = world.agenda.now() + tookMs;
  machine.rebootingUntil = until;
  const cures = machine.health.host === "ok" && machine.health.rebootHelps;
  if (machine.health.host === "ok" && machine.health.kernel !== "hung") machine.health.kernel = "booting";
  say(world, "EC2", `${machine.name} (${machine.id}) reboots`);
  later(world, machine, tookMs, () => {
    // A second reboot meanwhile starts over: only the last one ends.
    if (machine.rebootingUntil !== until) return;
    machine.rebootingUntil = undefined;
    if (!cures) {
      if (machine.health.kernel === "booting") machine.health.kernel = "hung";
      machine.console.push(`[    3.117204] watchdog: BUG: soft lockup - CPU#1 stuck for 22s!`);
      say(world, "EC2", `${machine.name} (${machine.id}) was rebooted and still does not come up`, "bad");
      return;
    }
    comeUp(machine);
    say(world, "EC2", `${machine.name} (${machine.id}) has rebooted`, "good");
    checksFollow(world, machine);
  });
}

/** A clean boot: kernel and service run. A full disk stays full, so its service does not come up. */
export function comeUp(machine: Machine): void {
  machine.health.kernel = "up";
  machine.health.process = machine.health.disk === "full" ? "down" : "up";
  machine.console.push("[    5.904113] systemd[1]: Reached target Multi-User System.", `${machine.name} login:`);
}

export function stop(world: World, machine: Machine, how: { readonly force: boolean }): void {
  if (machine.state === "stopped") return;
  if (machine.state === "stopping") {
    if (how.force && machine.stuckStopping !== "for-ever")
      finishStopping(world, machine, world.timings.forceStoppingMs);
    return;
  }
  if (machine.state !== "running") throw wrongState(machine, "StopInstances");
  machine.transitionReason = `User initiated (${gmt(world.agenda.now())})`;
  machine.stateReason = {
    code: "Client.UserInitiatedShutdown",
    message: "Client.UserInitiatedShutdown: User initiated shutdown",
  };
  machine.health.kernel = "off";
  machine.rebootingUntil = undefined;
  checksVanish(machine);
  enter(world, machine, "stopping");
  if (machine.stuckStopping === "for-ever" || (machine.stuckStopping === "until-force" && !how.force)) return;
  finishStopping(world, machine, how.force ? world.timings.forceStoppingMs : world.timings.stoppingMs);
}

/** Also what mending "stuck stopping" does to a machine that hangs there. */
export function finishStopping(world: World, machine: Machine, afterMs: number): void {
  later(world, machine, afterMs, () => {
    machine.ownPublicIp = undefined;
    machine.stuckStopping = "no";
    freeBusy(world, machine);
    enter(world, machine, "stopped");
  });
}

export function start(world: World, machine: Machine): void {
  if (machine.state === "running" || machine.state === "pending") return;
  if (machine.state !== "stopped") throw wrongState(machine, "StartInstances");
  if (!hasCapacity(world, machine.type, machine.availabilityZone)) {
    machine.stateReason = {
      code: "Server.InsufficientInstanceCapacity",
      message: "Server.InsufficientInstanceCapacity: Insufficient capacity.",
    };
    say(
      world,
      "EC2",
      `no ${machine.type} is free in ${machine.availabilityZone}: ${machine.name} stays stopped`,
      "bad",
    );
    refuseCapacity(world, machine.type, machine.availabilityZone);
  }
  machine.launchTime = world.agenda.now();
  machine.transitionReason = "";
  machine.stateReason = undefined;
  machine.ownPublicIp = newPublicIp(world);
  // Another host and a clean boot: this is why stop and start helps where a reboot does not.
  machine.health = { ...machine.health, host: "ok", kernel: "booting", rebootHelps: true };
  boot(world, machine);
}

/** pending → running → the services answer: a start and a launch alike. */
export function boot(world: World, machine: Machine): void {
  enter(world, machine, "pending");
  later(world, machine, world.timings.pendingMs, () => {
    checksInitialize(world, machine);
    enter(world, machine, "running");
    later(world, machine, world.timings.bootMs, () => {
      if (machine.health.kernel === "booting") firstUp(world, machine);
    });
  });
}

function firstUp(world: World, machine: Machine): void {
  const wanted = rootContent(world, machine).bootMode;
  // Without a word of the image the type decides: Intel's boot as of old, Graviton by UEFI.
  const { architecture, bootMode = architecture === "arm64" ? "uefi" : "legacy-bios" } = machine.build;
  const fits = wanted === undefined || [wanted, bootMode].includes("uefi-preferred") || wanted === bootMode;
  if (!fits) {
    machine.health = { ...machine.health, kernel: "hung", rebootHelps: false };
    machine.console.push("No bootable device.");
    return;
  }
  comeUp(machine);
}

export function terminate(world: World, machine: Machine, who: string): void {
  if (machine.state === "terminated" || machine.state === "shutting-down") return;
  machine.transitionReason = `User initiated (${gmt(world.agenda.now())})`;
  machine.stateReason = {
    code: "Client.UserInitiatedShutdown",
    message: "Client.UserInitiatedShutdown: User initiated shutdown",
  };
  machine.health.kernel = "off";
  checksVanish(machine);
  say(world, "world", `${who} terminates ${machine.name} (${machine.id})`, "bad");
  enter(world, machine, "shutting-down");
  later(world, machine, world.timings.terminatingMs, () => {
    endOf(world, machine);
    enter(world, machine, "terminated");
  });
}

/** What a terminated machine gives back: its addresses, its place in the subnet, and its disks. */
export function endOf(world: World, machine: Machine): void {
  for (const address of world.addresses.values()) if (address.instanceId === machine.id) release(world, address);
  machine.ownPublicIp = undefined;
  const subnet = world.stock.subnets.get(machine.build.subnetId);
  if (subnet !== undefined) subnet.freeAddresses++;
  for (const attached of volumesOf(world, machine.id)) {
    const volume: Volume = attached;
    volume.state = attached.attachment.deleteOnTermination ? "deleted" : "available";
    volume.attachment = undefined;
  }
}

/** From the ranges that are reserved for documentation. */
export function newPublicIp(world: World): string {
  const first = world.random.int(20, 250);
  const taken = new Set([...world.machines.values()].map((machine) => machine.ownPublicIp));
  for (const address of world.addresses.values()) taken.add(address.publicIp);
  for (let step = 0; step < 231; step++) {
    const candidate = `203.0.113.${20 + ((first - 20 + step) % 231)}`;
    if (!taken.has(candidate)) return candidate;
  }
  throw new Error("the simulated account has no public address left");
}
