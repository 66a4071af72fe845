/** One simulated AWS account in one region: a deterministic world on a clock. */
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
import type {
  AccountLine,
  AlarmNow,
  AlarmState,
  ElasticIp,
  MachineView,
  Site,
  TopicMessage,
  Write,
} from "./accountModel.ts";
import { beginWatching, change } from "./alarmWatch.ts";
import { peekingStock } from "./stockPeek.ts";
import type { StockPeek } from "./stockPeek.ts";
import { beginGroups } from "./groupLife.ts";
import type { GroupSnapshot, HookAction, Refresh, Target } from "./groupModel.ts";
import { peekingGroups, setLoad } from "./groupPeek.ts";
import { machineOf } from "./instanceLife.ts";
import { answerOf } from "./sites.ts";
import type { SiteAnswer } from "./sites.ts";
import type { SharedWorld } from "./sharedWorld.ts";
import { startingWorld } from "./startingWorld.ts";
import type { AccountOptions } from "./startingWorld.ts";
import { beginChecking } from "./targetGroups.ts";
import { subscribe } from "./topics.ts";
import { volumeOf } from "./volumes.ts";
import { viewOf } from "./world.ts";
import type { AccountFaults, World } from "./world.ts";

export type { AccountOptions } from "./startingWorld.ts";

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
  breakAccount(fault: AccountFault, options?: { readonly forMs?: number; readonly in?: string }): void;
  mendAccount(fault: AccountFault): void;
  /** What stands on a disk from now on; snapshots remember what stood there when they were begun. */
  writeData(volumeId: string, marker: string): void;
  readonly shared: SharedWorld;
  /** Faults of the account, open for finer settings: throttle n calls, deny an operation, lag by n ms. */
  readonly faults: AccountFaults;
  faultsOf(instanceId: string): MachineFault[];
  accountHas(fault: AccountFault): boolean;
  /** Who subscribes gets every message to the topic, at the instant of publishing. Answers how to leave. */
  subscribe(topicArn: string, subscriber: (message: TopicMessage) => void): () => void;
  /** Sets an alarm as SetAlarmState does; the next evaluation may set it back. */
  setAlarm(name: string, state: AlarmState, reason: string): void;
  /** What the members of a group have to do together, in percent of what one can do; undefined: each idles. */
  setLoad(group: string, percentOfOne: number | undefined): void;
  /** The truth, without lag and without a call being counted. */
  peek: StockPeek & {
    machine(id: string): MachineView;
    machines(): MachineView[];
    addresses(): ElasticIp[];
    alarms(): readonly AlarmNow[];
    sites(): readonly Site[];
    site(host: string): SiteAnswer;
    groups(): readonly GroupSnapshot[];
    group(name: string): GroupSnapshot;
    /** As `setLoad` set it. */
    load(group: string): number | undefined;
    targets(targetGroupArn: string): readonly Target[];
    /** Every wait for a lifecycle hook so far, oldest first. */
    hookActions(group: string): readonly Readonly<HookAction>[];
    /** Newest last. */
    refreshes(group: string): readonly Readonly<Refresh>[];
  };
  /** Every write so far, refused ones too. */
  readonly writes: readonly Write[];
  /** Accepted writes on this instance. */
  countOf(instanceId: string): { readonly reboots: number; readonly stops: number; readonly starts: number };
  readonly lines: readonly AccountLine[];
  onLine(listener: (line: AccountLine) => void): () => void;
}

export function createAccount(options: AccountOptions): Account {
  const world = startingWorld(options);
  beginWatching(world);
  beginChecking(world);
  beginGroups(world);
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
    writeData: (volumeId, marker) =>
      caught(() => {
        const volume = volumeOf(world, volumeId);
        volume.content = { ...volume.content, marker };
      }),
    shared: world.shared,
    mendAccount: (fault) => caught(() => mendAccount(world, fault)),
    faults: world.faults,
    faultsOf: (id) => caught(() => machineFaults.filter((fault) => machineHas(machineOf(world, id), fault))),
    accountHas: (fault) => caught(() => accountHas(world, fault)),
    subscribe: (topicArn, subscriber) => subscribe(world, topicArn, subscriber),
    setAlarm: (name, state, reason) => caught(() => change(world, alarmOf(world, name), state, reason)),
    setLoad: (group, percentOfOne) => caught(() => setLoad(world, group, percentOfOne)),
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
    ...peekingStock(world, caught),
    machine: (id) => caught(() => viewOf(world, machineOf(world, id))),
    machines: () => caught(() => [...world.machines.values()].map((machine) => viewOf(world, machine))),
    addresses: () => caught(() => [...world.addresses.values()].map((each) => ({ ...each }))),
    alarms: () => caught(() => [...world.alarms.values()]),
    sites: () => world.sites,
    site: (host) => caught(() => answerOf(world, host)),
    ...peekingGroups(world, caught),
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
