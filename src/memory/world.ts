/** The state that all parts of the simulated account share, and the few things that every part does with it. */
import type { Clock } from "../ports/clock.ts";
import type {
  AccountLine,
  AccountTimings,
  AlarmNow,
  ElasticIp,
  Machine,
  MachineView,
  MetricPoint,
  Site,
  TopicMessage,
  Write,
} from "./accountModel.ts";
import type { Agenda } from "./agenda.ts";
import type { Stock, StockFaults } from "./cloudModel.ts";
import { volumesOf } from "./disks.ts";
import type { GroupFaultSettings } from "./groupFaults.ts";
import type { Group, TargetGroup } from "./groupModel.ts";
import { regionMark } from "./places.ts";
import type { SeededRandom } from "./seededRandom.ts";
import type { SharedWorld } from "./sharedWorld.ts";

/** Faults of the account as a whole; those of one machine stand on the machine. */
export interface AccountFaults extends StockFaults, GroupFaultSettings {
  /** Calls are refused with RequestLimitExceeded until this instant, or for this many calls. */
  throttledUntil: number;
  throttledCalls: number;
  /** Starts are refused with InsufficientInstanceCapacity. */
  noCapacity: boolean;
  /** Reads show the world as it was this long ago. */
  readLagMs: number;
  /** Every call takes this long. */
  callMs: number;
  /** The bot's own network is gone: no probe reaches anything, not even the control URL. */
  offline: boolean;
  /** EC2 operations that the bot's role may not do. */
  readonly denied: Set<string>;
  /** SNS loses what it should deliver. */
  snsLoses: boolean;
}

export interface World {
  readonly accountId: string;
  readonly region: string;
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly random: SeededRandom;
  readonly timings: AccountTimings;
  readonly machines: Map<string, Machine>;
  readonly addresses: Map<string, ElasticIp>;
  /** Disks, snapshots, images and networks. */
  readonly stock: Stock;
  /** What all accounts and regions have in common: the agenda, DNS, routing controls. */
  readonly shared: SharedWorld;
  readonly groups: Map<string, Group>;
  /** By ARN. */
  readonly targetGroups: Map<string, TargetGroup>;
  /** Groups draw from a generator of their own, so that their noise does not shift what machines draw. */
  readonly groupRandom: SeededRandom;
  readonly sites: readonly Site[];
  readonly alarms: Map<string, AlarmNow>;
  /** Points by `metricKey`, oldest first. */
  readonly points: Map<string, MetricPoint[]>;
  readonly faults: AccountFaults;
  readonly writes: Write[];
  readonly lines: AccountLine[];
  readonly listeners: Set<(line: AccountLine) => void>;
  readonly subscribers: Map<string, Set<(message: TopicMessage) => void>>;
  /** Topics that get EventBridge's notices about instance states. */
  readonly stateNoticeTopics: readonly string[];
  /** Topics that get EventBridge's notices about Auto Scaling. */
  readonly scalingNoticeTopics: readonly string[];
}

/** Ids count up and carry their region, so that an id of one region means nothing in another. */
export function newId(world: World, prefix: string): string {
  world.shared.made++;
  return `${prefix}-0${regionMark(world.region)}${world.shared.made.toString(16).padStart(8, "0")}`;
}

/** Lines kept for the page; older ones are gone. */
const linesMax = 2_000;
/** Former views kept per machine: enough for any lag that a test asks for. */
const pastMax = 32;

export function say(world: World, who: AccountLine["who"], text: string, level: AccountLine["level"] = "info"): void {
  const line: AccountLine = { at: world.agenda.now(), who, text, level };
  world.lines.push(line);
  if (world.lines.length > linesMax) world.lines.shift();
  for (const listener of [...world.listeners]) listener(line);
}

export function addressOf(world: World, instanceId: string): ElasticIp | undefined {
  return [...world.addresses.values()].find((each) => each.instanceId === instanceId);
}

/** What EC2 would answer now. */
export function viewOf(world: World, machine: Machine): MachineView {
  const live = machine.state === "running" || machine.state === "stopping";
  const publicIp = addressOf(world, machine.id)?.publicIp ?? (live ? machine.ownPublicIp : undefined);
  return {
    id: machine.id,
    name: machine.name,
    type: machine.type,
    availabilityZone: machine.availabilityZone,
    state: machine.state,
    launchTime: machine.launchTime,
    privateIp: machine.privateIp,
    ...(publicIp === undefined ? {} : { publicIp }),
    transitionReason: machine.transitionReason,
    ...(machine.stateReason === undefined ? {} : { stateReason: machine.stateReason }),
    tags: { ...machine.tags },
    ...(machine.asgName === undefined ? {} : { asgName: machine.asgName }),
    rootDeviceType: machine.rootDeviceType,
    hasInstanceStore: machine.hasInstanceStore,
    spot: machine.spot,
    ...(machine.state === "running" && machine.checks !== undefined ? { checks: machine.checks } : {}),
    // EC2 forgets where a terminated instance was and what it had.
    build: machine.state === "terminated" ? { ...machine.build, subnetId: "", vpcId: "" } : { ...machine.build },
    volumes: volumesOf(world, machine.id).map(({ id, attachment }) => ({
      device: attachment.device,
      volumeId: id,
      deleteOnTermination: attachment.deleteOnTermination,
    })),
  };
}

/** To be called after each change that a read may show. */
export function remember(world: World, machine: Machine): void {
  machine.past.push({ at: world.agenda.now(), view: viewOf(world, machine) });
  if (machine.past.length > pastMax) machine.past.shift();
}

/** The answer of a read, as late as the fault says. undefined: the lagging read does not know the machine yet. */
export function readView(world: World, machine: Machine): MachineView | undefined {
  if (world.faults.readLagMs === 0) return viewOf(world, machine);
  const seen = world.agenda.now() - world.faults.readLagMs;
  return machine.past.filter((each) => each.at <= seen).at(-1)?.view;
}

/** `(2026-11-21 03:00:00 GMT)`, as EC2 writes it. */
export function gmt(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} GMT`;
}
