/** The simulated account as it is when it opens: everything has been running for two weeks, everything is OK. */
import type { Clock } from "../ports/clock.ts";
import { usualTimings } from "./accountModel.ts";
import type { AccountTimings, AlarmDefinition, Group, Machine, MachineDefinition, Site } from "./accountModel.ts";
import { createAgenda } from "./agenda.ts";
import { newPublicIp } from "./instanceLife.ts";
import type { SeededRandom } from "./seededRandom.ts";
import { healthyChecks } from "./statusChecks.ts";
import { remember, viewOf } from "./world.ts";
import type { World } from "./world.ts";

export interface AccountOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly accountId?: string;
  readonly region?: string;
  readonly timings?: Partial<AccountTimings>;
  readonly machines?: readonly MachineDefinition[];
  readonly addresses?: readonly {
    readonly allocationId: string;
    readonly publicIp: string;
    readonly instanceId?: string;
  }[];
  readonly groups?: readonly Group[];
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
  const agenda = createAgenda(options.clock);
  const world: World = {
    accountId,
    region,
    clock: options.clock,
    agenda,
    random: options.random,
    timings: { ...usualTimings, ...options.timings },
    machines: new Map(),
    addresses: new Map(),
    groups: new Map((options.groups ?? []).map((group) => [group.name, group])),
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
    },
    writes: [],
    lines: [],
    listeners: new Set(),
    subscribers: new Map(),
    stateNoticeTopics: options.stateNoticeTopics ?? [],
  };
  populate(world, options);
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
  }
  for (const [index, definition] of (options.machines ?? []).entries()) {
    const machine = machineFrom(world, definition, { index, since });
    world.machines.set(machine.id, machine);
    remember(world, machine);
    // It was so long before a lagging read could look.
    machine.past.unshift({ at: since, view: viewOf(world, machine) });
  }
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
  const group = definition.asgName === undefined ? {} : { "aws:autoscaling:groupName": definition.asgName };
  return {
    id: definition.id,
    name: definition.name,
    type: definition.type ?? "t4g.small",
    availabilityZone: definition.availabilityZone ?? `${world.region}a`,
    tags: { Name: definition.name, ...group, ...definition.tags },
    ...(definition.asgName === undefined ? {} : { asgName: definition.asgName }),
    rootDeviceType: definition.rootDeviceType ?? "ebs",
    hasInstanceStore: definition.hasInstanceStore ?? false,
    spot: definition.spot ?? false,
    privateIp: definition.privateIp ?? `10.0.1.${20 + place.index}`,
    ownPublicIp: running ? newPublicIp(world) : undefined,
    state: running ? "running" : "stopped",
    launchTime: place.since,
    transitionReason: "",
    stateReason: undefined,
    health: {
      kernel: running ? "up" : "off",
      host: "ok",
      process: running ? "up" : "down",
      disk: "ok",
      rebootHelps: true,
    },
    checks: running ? healthyChecks() : undefined,
    epoch: 0,
    rebootingUntil: undefined,
    stuckStopping: "no",
    console: ["[    0.000000] Linux version 6.12.48-amd64", `${definition.name} login:`],
    past: [],
  };
}
