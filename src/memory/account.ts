/** One simulated AWS account in one region: a deterministic world on a clock. */
import type { Clock } from "../ports/clock.ts";
import {
  accountHas,
  breakAccount,
  breakMachine,
  machineFaults,
  machineHas,
  mendAccount,
  mendMachine,
} from "./accountFaults.ts";
import type { AccountFault, MachineFault } from "./accountFaults.ts";
import { createAccountCalls } from "./accountCalls.ts";
import type { AccountCalls } from "./accountCalls.ts";
import { usualTimings } from "./accountModel.ts";
import type {
  AccountLine,
  AccountTimings,
  AlarmDefinition,
  AlarmNow,
  AlarmState,
  ElasticIp,
  Group,
  Machine,
  MachineDefinition,
  MachineView,
  Site,
  TopicMessage,
  Write,
} from "./accountModel.ts";
import { createAgenda } from "./agenda.ts";
import { beginWatching, change } from "./alarmWatch.ts";
import { machineOf, newPublicIp } from "./instanceLife.ts";
import type { SeededRandom } from "./seededRandom.ts";
import { answerOf } from "./sites.ts";
import type { SiteAnswer } from "./sites.ts";
import { healthyChecks } from "./statusChecks.ts";
import { subscribe } from "./topics.ts";
import { remember, viewOf } from "./world.ts";
import type { AccountFaults, World } from "./world.ts";

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

export interface Account {
  readonly accountId: string;
  readonly region: string;
  /** `123456789012/eu-west-1`. */
  readonly scope: string;
  /** The calls a program may make, with AWS's refusals. */
  readonly calls: AccountCalls;
  /** Lets the world go on by itself until the signal aborts. Reads and writes catch up on their own; messages need this. */
  run(signal: AbortSignal): Promise<void>;
  /** Everything that should have happened by now has happened. */
  catchUp(): void;
  break(fault: MachineFault, instanceId: string): void;
  mend(fault: MachineFault, instanceId: string): void;
  breakAccount(fault: AccountFault, options?: { readonly forMs?: number }): void;
  mendAccount(fault: AccountFault): void;
  /** Faults of the account, open for finer settings: throttle n calls, deny an operation, lag by n ms. */
  readonly faults: AccountFaults;
  faultsOf(instanceId: string): MachineFault[];
  accountHas(fault: AccountFault): boolean;
  /** Who subscribes gets every message to the topic, at the instant of publishing. Answers how to leave. */
  subscribe(topicArn: string, subscriber: (message: TopicMessage) => void): () => void;
  /** Sets an alarm as SetAlarmState does; the next evaluation may set it back. */
  setAlarm(name: string, state: AlarmState, reason: string): void;
  /** The truth, without lag and without a call being counted. */
  peek: {
    machine(id: string): MachineView;
    machines(): MachineView[];
    addresses(): ElasticIp[];
    alarms(): readonly AlarmNow[];
    sites(): readonly Site[];
    site(host: string): SiteAnswer;
    groups(): readonly Group[];
  };
  /** Every write so far, refused ones too. */
  readonly writes: readonly Write[];
  /** Accepted writes on this instance. */
  countOf(instanceId: string): { readonly reboots: number; readonly stops: number; readonly starts: number };
  readonly lines: readonly AccountLine[];
  onLine(listener: (line: AccountLine) => void): () => void;
}

/** What runs at the start runs since two weeks; what is OK is OK since then. */
const sinceMs = 14 * 24 * 3_600_000;

export function createAccount(options: AccountOptions): Account {
  const world = createWorld(options);
  beginWatching(world);
  const caught = <T>(answer: () => T): T => {
    world.agenda.catchUp();
    return answer();
  };
  return {
    accountId: world.accountId,
    region: world.region,
    scope: `${world.accountId}/${world.region}`,
    calls: createAccountCalls(world),
    run: (signal) => world.agenda.run(signal),
    catchUp: () => world.agenda.catchUp(),
    break: (fault, id) => caught(() => breakMachine(world, fault, id)),
    mend: (fault, id) => caught(() => mendMachine(world, fault, id)),
    breakAccount: (fault, how) => caught(() => breakAccount(world, fault, how)),
    mendAccount: (fault) => caught(() => mendAccount(world, fault)),
    faults: world.faults,
    faultsOf: (id) => caught(() => machineFaults.filter((fault) => machineHas(machineOf(world, id), fault))),
    accountHas: (fault) => caught(() => accountHas(world, fault)),
    subscribe: (topicArn, subscriber) => subscribe(world, topicArn, subscriber),
    setAlarm: (name, state, reason) => caught(() => change(world, alarmOf(world, name), state, reason)),
    peek: peeking(world, caught),
    writes: world.writes,
    countOf: (id) => countOf(world, id),
    lines: world.lines,
    onLine: (listener) => {
      world.listeners.add(listener);
      return () => world.listeners.delete(listener);
    },
  };
}

function peeking(world: World, caught: <T>(answer: () => T) => T): Account["peek"] {
  return {
    machine: (id) => caught(() => viewOf(world, machineOf(world, id))),
    machines: () => caught(() => [...world.machines.values()].map((machine) => viewOf(world, machine))),
    addresses: () => caught(() => [...world.addresses.values()].map((each) => ({ ...each }))),
    alarms: () => caught(() => [...world.alarms.values()]),
    sites: () => world.sites,
    site: (host) => caught(() => answerOf(world, host)),
    groups: () => [...world.groups.values()],
  };
}

function countOf(world: World, instanceId: string): { reboots: number; stops: number; starts: number } {
  const accepted = world.writes.filter((each) => each.instanceId === instanceId && each.outcome === "accepted");
  const of = (operation: Write["operation"]): number => accepted.filter((each) => each.operation === operation).length;
  return { reboots: of("RebootInstances"), stops: of("StopInstances"), starts: of("StartInstances") };
}

function alarmOf(world: World, name: string): AlarmNow {
  const alarm = world.alarms.get(name);
  if (alarm === undefined) throw new Error(`the simulated account has no alarm ${name}`);
  return alarm;
}

function createWorld(options: AccountOptions): World {
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
