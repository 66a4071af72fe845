/**
 * The one DynamoDB item of a service. Everything that a decision needs and nothing else: payloads (timeline, journals, audit,
 * dossiers) are items of their own, named here by number or id.
 */
import type { Reading } from "./evidence.ts";
import type { Reason } from "./reasons.ts";
import type { Rung } from "./service.ts";
import type { MetricReference } from "./signal.ts";
import type {
  AllocationId,
  EvidenceKind,
  IncidentId,
  InstanceId,
  Mode,
  OrderOption,
  Pattern,
  Recovery,
  RunId,
  Scope,
  ServiceName,
  Symptom,
} from "./words.ts";

export const caseSchema = 1;

/** Where the service lives now. `medic.yaml` is only the first placement. */
export interface Placement {
  readonly scope: Scope;
  readonly region: string;
  readonly instanceId?: InstanceId;
  readonly asgName?: string;
  readonly allocationId?: AllocationId;
  /** SetIdentifier of the DNS record that serves, for pattern `dns-pair`. */
  readonly recordSet?: string;
  /** The run that moved it here; absent for the first placement. */
  readonly sinceRun?: RunId;
}

/** What a run changed about where the service lives. */
export interface PlacementMove {
  readonly scope?: Scope;
  readonly region?: string;
  readonly instanceId?: InstanceId;
  /** `null`: it has none there. */
  readonly allocationId?: AllocationId | null;
  readonly recordSet?: string;
}

/** A signal that is bad now. The service is healthy when none is left and no probe is bad. */
export interface BadSignal {
  readonly subject: string;
  readonly symptom: Symptom;
  readonly evidenceKind: EvidenceKind;
  readonly since: number;
  readonly reason: string;
  readonly instanceId?: InstanceId;
  readonly alarmArn?: string;
  readonly alarmSpanMs?: number;
  readonly metric?: MetricReference;
  readonly awsActs?: "recover" | "reboot" | "stop" | "terminate";
}

export interface Person {
  /** Slack user id, or "cli". */
  readonly id: string;
  readonly name: string;
}

export interface Approval {
  readonly by: Person;
  readonly at: number;
}

/** What is offered, with its consequences. Buttons carry `number`; evidence and reminders do not change it. */
export interface Proposal {
  readonly number: number;
  readonly recovery: Recovery;
  /**
   * Index in the incident's frozen ladder; -1 with `orderedBy`: a person ordered it beside the ladder; -1 without: the symptom
   * has no ladder, so this is a card only and `recovery` means nothing (mode is `observe`).
   */
  readonly rung: number;
  readonly mode: Mode;
  /** The first card version that shows this proposal: Slack showing it, or a newer one, counts as telling. */
  readonly sinceCard: number;
  readonly madeAt: number;
  /** When the facts under it were read. */
  readonly factsAt: number;
  readonly vetoMs: number;
  /** Set when a first notice was accepted: the veto window's end. */
  readonly vetoUntil?: number;
  readonly approvalsNeeded: number;
  readonly approvals: readonly Approval[];
  readonly limitMs: number;
  readonly options?: readonly OrderOption[];
  readonly amount?: number;
  /** Who ordered it, when a person did. */
  readonly orderedBy?: Person;
  readonly why?: string;
  /** Was the warning before the approval's lapse given? */
  readonly warned?: boolean;
}

/** The decision to run: who or which rule, why, on which proposal. */
export interface Order {
  readonly by: { readonly kind: "person"; readonly person: Person } | { readonly kind: "rule"; readonly rule: string };
  readonly why: string;
  readonly proposal: number;
  readonly recovery: Recovery;
  readonly rung: number;
  readonly limitMs: number;
  readonly at: number;
  readonly approvals: readonly Approval[];
  /** What a person consented to beyond the recovery itself. */
  readonly options?: readonly OrderOption[];
  /** The number that the recovery was ordered with: a new maximum. */
  readonly amount?: number;
}

export type Phase =
  | { readonly kind: "idle" }
  | { readonly kind: "proposing"; readonly since: number; readonly proposal: Proposal }
  | {
      readonly kind: "confirming";
      readonly since: number;
      readonly deadline: number;
      readonly proposal: Proposal;
      readonly order: Order;
      /** Which reading of evidence is awaited; an answer to another one is ignored. */
      readonly reading: number;
    }
  | {
      readonly kind: "recovering";
      readonly since: number;
      readonly deadline: number;
      readonly runId: RunId;
      readonly order: Order;
      readonly stopAsked?: Approval;
      /** The run has made its first mutating call: from here it finishes its plan. */
      readonly acted: boolean;
      /** Name of the step under way, for the card. */
      readonly step?: string;
      /** Counts what a waiting step had to say: each is a new card, and no line of the timeline. */
      readonly progress?: number;
      /** Its limit has passed and people were told so; the plan ends at its next safe point. */
      readonly overdue?: boolean;
    }
  | {
      readonly kind: "verifying";
      readonly since: number;
      readonly deadline: number;
      readonly runId: RunId;
      readonly order: Order;
      /** First good answer of an unbroken row of good ones. */
      readonly goodSince?: number;
      readonly goodCount: number;
      readonly waitingForAlarm?: string;
      /** Somebody asked to stop and the plan was faster: no further rung follows by itself. */
      readonly stopAsked?: Approval;
    }
  | {
      readonly kind: "resolved";
      readonly at: number;
      /** `done`: an order that brings nothing back (a drill, a pruning) has ended well. */
      readonly how: "recovered" | "cleared" | "closed" | "done";
      readonly windowUntil: number;
    }
  | { readonly kind: "needs-person"; readonly since: number; readonly reason: Reason };

export interface Incident {
  readonly id: IncidentId;
  readonly openedAt: number;
  readonly symptom: Symptom;
  /** Frozen when it opened; editing medic.yaml changes the next incident. */
  readonly ladder: readonly Rung[];
  /** Highest rung that acted, -1 when none did. */
  readonly highestActed: number;
  /** First told to people (Slack or mail accepted it), since it opened or reopened. */
  readonly toldAt?: number;
  /** Since when something new waits for people: calls (mention, escalation) count from here. */
  readonly waitingSince?: number;
  readonly ack?: Approval;
  /** An approver last did something about it: nobody needs to be called any more. */
  readonly reactedAt?: number;
  readonly mentionedAt?: number;
  readonly escalatedAt?: number;
  /** How many reminders were sent. */
  readonly reminders: number;
  readonly remindedAt?: number;
  /** Times it reopened within the window. */
  readonly reopened: number;
  /** Latest fresh evidence, newest reading first, for the card. */
  readonly readings?: readonly Reading[];
  readonly changes?: readonly string[];
  /** When what the proposed recovery would do was last read for the card. */
  readonly previewedAt?: number;
  /** Why the ladder went on to what is proposed now. */
  readonly tried?: Reason;
  /** Rungs that a person refused; not proposed again in this window. */
  readonly refusedRungs: readonly number[];
  /** Evidence says that a person stopped or terminated the instance: the bot asks and never acts by itself. */
  readonly stoppedByPerson?: boolean;
  /** A person ordered a run although nothing was bad. */
  readonly orderedWhileHealthy?: boolean;
}

export interface Hold {
  readonly by: Person;
  readonly at: number;
  readonly until: number;
  readonly why?: string;
}

/** What a plan borrowed and must give back. Stands on the card until repaid; a case with debts is never archived. */
export interface Debt {
  readonly id: string;
  readonly kind:
    "suspended-processes" | "standby" | "raised-max" | "address" | "unfenced" | "stopped-instance" | "drill-instance";
  readonly what: string;
  /** What giving it back takes, for the sweep: group and processes, instance, address. */
  readonly data?: Readonly<Record<string, string>>;
  readonly since: number;
  readonly runId: RunId;
}

/** A thing that the relay must still do. References only. */
export type Owed =
  | {
      readonly kind: "mail";
      readonly id: string;
      readonly about: "opening" | "before-run" | "outcome" | "escalation" | "original-returned";
    }
  | { readonly kind: "evidence"; readonly reading: number }
  /** An old message came: read this alarm and hand in what it says now as a new signal (source `reconcile`). */
  | { readonly kind: "reread"; readonly subject: string; readonly key: string }
  | { readonly kind: "permit"; readonly reading: number }
  | { readonly kind: "run"; readonly runId: RunId }
  /** File the incident as it stands (again, when it reopened and ended once more). */
  | { readonly kind: "archive"; readonly incident: IncidentId }
  /** The scope's book must count this opening (storm). Deterministic id: counted once. */
  | { readonly kind: "opening"; readonly incident: IncidentId }
  /** In the scope where it was taken: the run may have moved the service to another one. */
  | { readonly kind: "release-permit"; readonly runId: RunId; readonly scope?: Scope }
  /** An old primary came back: tag it, take it out of target groups, see that it holds no address of ours. */
  | { readonly kind: "quarantine"; readonly instanceId: InstanceId };

/** One line of the timeline that has not been filed as its own item yet. `n` counts up for ever within a service. */
export interface Entry {
  readonly n: number;
  readonly at: number;
  readonly incident?: IncidentId;
  readonly reason: Reason;
}

export interface Shown {
  /** Card version that Slack shows. */
  readonly version: number;
  readonly channel: string;
  /** Slack's message timestamp. */
  readonly ts: string;
  readonly incident: IncidentId;
}

/** An instance that the service lived on before. */
export interface Former {
  readonly instanceId: InstanceId;
  readonly since: number;
  /** Where it is; absent in what older versions stored, which knew one scope only. */
  readonly scope?: Scope;
  /** The run that left it; absent when the owner or a group moved the service: then nobody watches for its return. */
  readonly byRun?: RunId;
  /** It was seen not running since: only then its running is a return. */
  readonly away?: number;
  readonly returned?: number;
  /** It was tagged, taken out of target groups and its address looked after. */
  readonly quarantined?: number;
  /** It does not exist any more. It is remembered all the same: medic.yaml still names it, and that is no news of a move back. */
  readonly gone?: number;
}

export interface ServiceCase {
  readonly schema: number;
  readonly service: ServiceName;
  /** As medic.yaml said when the case was last decided on; absent while the service is in no medic.yaml. For people who read the store. */
  readonly pattern?: Pattern;
  /** Compare-and-set counter of the item. 0 = never stored. */
  readonly rev: number;
  /** Last proposal number given out. */
  readonly proposalCount: number;
  /** Last reading of evidence asked for. */
  readonly readingCount: number;
  /** Last run number; a run's id is `service/number`. Also who may act: only the worker that holds this run's lease. */
  readonly runFence: number;
  /** What Slack must show. */
  readonly cardVersion: number;
  /** What Slack shows, as far as the store knows. */
  readonly shown?: Shown;
  readonly placement: Placement;
  /** Former placements that are watched for their return. */
  readonly former: readonly Former[];
  readonly bad: readonly BadSignal[];
  /** Latest instant per subject, good or bad: what is older changes nothing. Bounded like `bad`. */
  readonly latest: Readonly<Record<string, number>>;
  readonly seen: readonly { readonly key: string; readonly at: number }[];
  readonly phase: Phase;
  readonly incident?: Incident;
  readonly hold?: Hold;
  /** Why an automatic run that is due does not start; shown on the card. */
  readonly blocked?: Reason;
  readonly debts: readonly Debt[];
  readonly lastRun?: {
    readonly runId: RunId;
    readonly recovery: Recovery;
    readonly endedAt: number;
    readonly acted: boolean;
    readonly automatic: boolean;
    readonly outcome: RunOutcome["kind"];
  };
  /** Ends (epoch ms) of automatic runs that acted in the last 24 h. */
  readonly autoRuns: readonly number[];
  readonly owes: readonly Owed[];
  readonly entries: readonly Entry[];
  readonly entryCount: number;
  /** Instant of the next thing that time alone brings; absent only when idle with nothing owed. */
  readonly due?: number;
}

export type RunOutcome =
  | { readonly kind: "done"; readonly summary: string }
  /** A gate or guard objected; nothing (more) was done. `climb` only for the world's reasons (closed list). */
  | { readonly kind: "refused"; readonly code: string; readonly detail: string; readonly climb: boolean }
  | { readonly kind: "failed"; readonly code: string; readonly detail: string; readonly climb: boolean }
  | { readonly kind: "stopped"; readonly left: string }
  | { readonly kind: "cleared" };
