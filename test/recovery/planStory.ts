/** What a plan is told before it begins, and what a person expects of it: the data that `planWorld` carries and `planLaws` judges. */
import type { Approval, PlacementMove, Placement, RunOutcome, ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Preview } from "../../src/domain/preview.ts";
import type { ServiceDefinition } from "../../src/domain/service.ts";
import { defaultTiming, type Timing } from "../../src/domain/timing.ts";
import type { InstanceId, OrderOption, Recovery, Scope, ServiceName } from "../../src/domain/words.ts";
import type { Account } from "../../src/memory/account.ts";
import type { SeededRandom } from "../../src/memory/seededRandom.ts";
import type { VirtualClock } from "../../src/memory/virtualClock.ts";
import type { Evidence } from "../../src/domain/evidence.ts";
import type { Blueprint } from "../../src/ports/compute.ts";
import type { RecoveryDefinition, RecoveryPorts } from "../../src/recovery/definition.ts";
import type { Plan, StepEntry } from "../../src/recovery/plan.ts";

export const startAt = Date.UTC(2026, 10, 21, 3, 0, 0);
export const accountId = "111122223333";
export const here = `${accountId}/eu-west-1` as Scope;

/** One call in or out, as it landed or was about to. */
export interface Call {
  /** Counted from 1 over the whole run, whoever carries it. */
  readonly number: number;
  /** `compute.stop`, `journal.write`, `control.borrow`, `evidence`, `probe`. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** Changes the world in AWS. */
  readonly mutating: boolean;
  /** `compute.stop i-0aaa by force`: the name and every id in it. */
  readonly said: string;
  readonly at: number;
}

/** What happens around the plan; every part may be looked into and broken at any time. */
export interface PlanWorld {
  readonly clock: VirtualClock;
  /** The placement's first. */
  readonly accounts: readonly Account[];
  /** accounts[0]. */
  readonly account: Account;
}

export interface Story {
  /** A sentence: "the primary's host fails". */
  readonly title: string;
  readonly definition: RecoveryDefinition;
  readonly recovery: Recovery;
  readonly service: ServiceDefinition;
  /** Made anew for each run. */
  readonly accounts: (parts: { readonly clock: VirtualClock; readonly random: SeededRandom }) => readonly Account[];
  /** Beside scope and region. */
  readonly placement?: Partial<Placement>;
  readonly current?: Partial<ServiceCase>;
  readonly options?: readonly OrderOption[];
  /** Who has approved the order; default nobody beside who gave it. */
  readonly approvals?: readonly Approval[];
  /** How the instance was built when it was last seen whole. */
  readonly blueprint?: Blueprint;
  /** The number that it is ordered with. */
  readonly amount?: number;
  /** Instead of what the accounts answer, or what the engine would add: runs of the past. */
  readonly ports?: Partial<RecoveryPorts>;
  /** Ordered by a rule; absent: by a person. */
  readonly byRule?: boolean;
  readonly timing?: Partial<Timing>;
  /** What is broken before the order; three minutes pass after it, so that checks and the like have seen it. */
  readonly break?: (world: PlanWorld) => void | Promise<void>;
  /** Right before a call lands: what other people do meanwhile. */
  readonly meanwhile?: (call: Call, world: PlanWorld) => void;
  /** Evidence about the placement; absent: EC2's checks of the instance and the probe. */
  readonly evidence?: (world: PlanWorld) => Promise<Evidence>;
  /** The end of a run without faults. */
  readonly ends: Ends;
  /** Machines that must be off before anything in `promotes` is called. Left out where moving the address is itself the fence. */
  readonly fenced?: readonly InstanceId[];
  /** Calls by which another machine begins to serve; default: associate, upsert, routing set, inverting. */
  readonly promotes?: readonly string[];
  /** Machines that this run is meant to leave switched off. */
  readonly staysOff?: readonly InstanceId[];
  /** How many instances the run may make in all, over all its candidates; default 0. */
  readonly launches?: number;
  /** It is meant to delete snapshots. */
  readonly deletes?: boolean;
  /** A person may stop it while a machine is off or an address on nobody: it takes too long to be finished against their will. */
  readonly mayStopOwing?: boolean;
  /** `mutationsOf` crashes and stops mutants at every call of these; when none is marked, of the first three that end well. */
  readonly deep?: boolean;
  /** Account faults of `planLaws` with which it may end otherwise than without them. */
  readonly mayFailOn?: readonly string[];
  /** Where one fault at one call may change the outcome: its kinds beside `ends.kind`. */
  readonly mayEnd?: readonly RunOutcome["kind"][];
}

export interface Ends {
  readonly kind: RunOutcome["kind"];
  /** Of a refusal or failure. */
  readonly code?: string;
  /** Every mutating call in order, as `Call.said` without its port: "stop i-0aaa". */
  readonly acts?: readonly string[];
  /** Ids of debts that stand afterwards; default none. */
  readonly debts?: readonly string[];
  readonly moved?: PlacementMove;
  /** What is not as it should be in the world afterwards. */
  readonly world?: (ended: Ended) => string[] | Promise<string[]>;
}

export interface Ended extends PlanWorld {
  readonly outcome: RunOutcome | undefined;
  readonly calls: readonly Call[];
  /** Mutating calls that landed, in order. */
  readonly acts: readonly Call[];
  readonly debts: readonly string[];
  readonly borrowed: readonly string[];
  readonly entries: readonly StepEntry[];
  readonly moved: PlacementMove | undefined;
  readonly inputs: unknown;
  /** undefined when it was refused before there was one. */
  readonly plan: Plan<RecoveryPorts> | undefined;
  /** How often the act of each step was started. */
  readonly starts: ReadonlyMap<string, number>;
  /** Laws that were broken while it ran. */
  readonly broken: readonly string[];
}

export interface PreviewEnded extends PlanWorld {
  readonly preview: Preview;
}

/** A service that nothing is configured for, to be spread over. */
export function serviceOf(
  over: Partial<ServiceDefinition> & Pick<ServiceDefinition, "pattern" | "target">,
): ServiceDefinition {
  return {
    name: "web" as ServiceName,
    description: "the web server",
    account: accountId,
    region: "eu-west-1",
    scope: here,
    probe: { kind: "http", url: "https://web.example/", statusMin: 200, statusMax: 399, timeoutMs: 5_000 },
    watchProbe: false,
    alarms: [{ name: "web *" }],
    channel: "#ops",
    approvers: { users: ["U1"], groups: [] },
    requireOther: false,
    fence: "stop",
    ladders: {},
    targetGroups: [],
    scaleStep: 1,
    quarantine: "tell",
    ...over,
  };
}

export function timingOf(story: Story): Timing {
  return { ...defaultTiming, ...story.timing };
}
