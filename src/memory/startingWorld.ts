/** The simulated account as it is when it opens: everything has been running for two weeks, everything is OK. */
import type { Clock } from "../ports/clock.ts";
import { usualTimings } from "./accountModel.ts";
import type { AccountTimings, AlarmDefinition, Machine, MachineDefinition, Site } from "./accountModel.ts";
import { tagsOf } from "./cloudModel.ts";
import { noGroupFaults } from "./groupFaults.ts";
import { enrolMembers, startingScaling } from "./groupStart.ts";
import type { ScalingOptions } from "./groupStart.ts";
import { newPublicIp } from "./instanceLife.ts";
import { defaultBuild, newMachine } from "./machines.ts";
import { privateBlock } from "./places.ts";
import type { SeededRandom } from "./seededRandom.ts";
import { createSharedWorld } from "./sharedWorld.ts";
import type { SharedWorld } from "./sharedWorld.ts";
import { emptyStock, noStockFaults, stockMachine, stockRest } from "./startingStock.ts";
import type { StockOptions } from "./startingStock.ts";
import { healthyChecks } from "./statusChecks.ts";
import { remember, viewOf } from "./world.ts";
import type { World } from "./world.ts";

export interface AccountOptions extends StockOptions, ScalingOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** What it has in common with other accounts and regions; absent: it stands alone. */
  readonly shared?: SharedWorld;
  readonly accountId?: string;
  readonly region?: string;
  readonly timings?: Partial<AccountTimings>;
  readonly machines?: readonly MachineDefinition[];
  readonly addresses?: readonly {
    readonly allocationId: string;
    readonly publicIp: string;
    readonly instanceId?: string;
  }[];
  readonly sites?: readonly Site[];
  readonly alarms?: readonly AlarmDefinition[];
  /** Topics that get EventBridge's instance state notices. */
  readonly stateNoticeTopics?: readonly string[];
}

/** What runs at the start runs since two weeks; what is OK is OK since then. */
const sinceMs = 14 * 24 * 3_600_000;

export function startingWorld(options: AccountOptions): World {
  const accountId = options.accountId ?? "111122223333";
  const region = options.region ?? "eu-west-1";
  const shared = options.shared ?? createSharedWorld({ clock: options.clock });
  const { agenda } = shared;
  const world: World = {
    accountId,
    region,
    clock: options.clock,
    agenda,
    shared,
    stock: emptyStock(region, options),
    random: options.random,
    timings: { ...usualTimings, ...options.timings },
    machines: new Map(),
    addresses: new Map(),
    ...startingScaling(options, { accountId, region, agenda, random: options.random }),
    sites: options.sites ?? [],
    alarms: new Map(),
    points: new Map(),
    faults: {
      throttledUntil: 0,
      throttledCalls: 0,
      noCapacity: false,
      readLagMs: 0,
      callMs: 0,
      offline: false,
      denied: new Set(),
      snsLoses: false,
      ...noStockFaults(),
      ...noGroupFaults(),
    },
    writes: [],
    lines: [],
    listeners: new Set(),
    subscribers: new Map(),
    stateNoticeTopics: options.stateNoticeTopics ?? [],
  };
  populate(world, options);
  shared.worlds.add(world);
  enrolMembers(world, options.groups ?? [], agenda.now() - sinceMs);
  return world;
}

function populate(world: World, options: AccountOptions): void {
  const since = world.agenda.now() - sinceMs;
  for (const [index, each] of (options.addresses ?? []).entries()) {
    const associated = each.instanceId !== undefined;
    world.addresses.set(each.allocationId, {
      allocationId: each.allocationId,
      publicIp: each.publicIp,
      associationId: associated ? `eipassoc-${String(index + 1).padStart(17, "0")}` : undefined,
      instanceId: each.instanceId,
    });
    const { allocationId, instanceId } = each;
    if (instanceId === undefined) continue;
    const associationId = world.addresses.get(allocationId)?.associationId ?? "";
    world.stock.holdings.push({ allocationId, instanceId, associationId, from: since });
  }
  for (const [index, definition] of (options.machines ?? []).entries()) {
    const machine = machineFrom(world, definition, { index, since });
    world.machines.set(machine.id, machine);
    stockMachine(world, machine, definition);
    remember(world, machine);
    // It was so long before a lagging read could look.
    machine.past.unshift({ at: since, view: viewOf(world, machine) });
  }
  stockRest(world, options);
  for (const definition of options.alarms ?? []) {
    world.alarms.set(definition.name, {
      definition,
      arn: `arn:aws:cloudwatch:${world.region}:${world.accountId}:alarm:${definition.name}`,
      state: definition.state ?? "OK",
      changedAt: since,
      reason: "Threshold Crossed: no datapoints were breaching.",
      history: [],
    });
  }
}

function machineFrom(
  world: World,
  definition: MachineDefinition,
  place: { readonly index: number; readonly since: number },
): Machine {
  const running = definition.state !== "stopped";
  const type = definition.type ?? "t4g.small";
  const availabilityZone = definition.availabilityZone ?? `${world.region}a`;
  const group = definition.asgName === undefined ? {} : { "aws:autoscaling:groupName": definition.asgName };
  const machine = newMachine(world, {
    id: definition.id,
    name: definition.name,
    type,
    availabilityZone,
    tags: { Name: definition.name, ...group, ...tagsOf(definition.tags) },
    rootDeviceType: definition.rootDeviceType ?? "ebs",
    hasInstanceStore: definition.hasInstanceStore ?? false,
    spot: definition.spot ?? false,
    privateIp: definition.privateIp ?? `10.${privateBlock(world.region)}.1.${20 + place.index}`,
    build: { ...defaultBuild(world, type, availabilityZone), ...definition.build },
  });
  machine.launchTime = place.since;
  if (!running) return { ...machine, state: "stopped" };
  machine.state = "running";
  machine.ownPublicIp = newPublicIp(world);
  machine.health = { kernel: "up", host: "ok", process: "up", disk: "ok", rebootHelps: true };
  machine.checks = healthyChecks();
  return machine;
}
