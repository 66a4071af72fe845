/** What `medic.yaml` says about one service, after checking: plain data that the core may read. */
import type { AllocationId, InstanceId, Mode, Pattern, Recovery, Scope, ServiceName, Symptom } from "./words.ts";

/** One rung of a ladder: a recovery, and what must happen before it runs. */
export interface Rung {
  readonly recovery: Recovery;
  readonly mode: Mode;
  /** Only for `auto`: how long people may veto, from the first accepted notice. */
  readonly vetoMs: number;
  /** Only for `approve`: how many different people must say yes. */
  readonly approvals: number;
  /** The whole run must end within this. */
  readonly limitMs: number;
}

export type Ladders = Readonly<Partial<Record<Symptom, readonly Rung[]>>>;

export type Target =
  | { readonly kind: "instance"; readonly instanceId: InstanceId }
  | { readonly kind: "tag"; readonly key: string; readonly value: string }
  | { readonly kind: "asg"; readonly asgName: string };

export type ProbeDefinition =
  | {
      readonly kind: "http";
      readonly url: string;
      /** Accepted status codes; default 200 to 399. */
      readonly statusMin: number;
      readonly statusMax: number;
      /** The body must contain this, when set. */
      readonly text?: string;
      readonly timeoutMs: number;
    }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly timeoutMs: number };

/** An alarm that concerns a service: exact name or glob with `*`. */
export interface AlarmMatcher {
  readonly name: string;
  /** Set where the guess from the metric is wrong. */
  readonly symptom?: Symptom;
}

export interface Approvers {
  /** Slack user ids. */
  readonly users: readonly string[];
  /** Slack user group ids. */
  readonly groups: readonly string[];
}

export interface ServiceDefinition {
  readonly name: ServiceName;
  readonly description: string;
  readonly owner?: string;
  /** 12 digits, or "" until the identity call has told which account the bot runs in. */
  readonly account: string;
  readonly region: string;
  readonly scope: Scope;
  readonly pattern: Pattern;
  readonly target: Target;
  readonly elasticIp?: AllocationId;
  readonly probe?: ProbeDefinition;
  /** Watch the probe all the time and open incidents from it, without any alarm. */
  readonly watchProbe: boolean;
  readonly runbook?: string;
  readonly alarms: readonly AlarmMatcher[];
  /** Slack channel id or #name. */
  readonly channel: string;
  /** Slack user group id that is mentioned, at most once per incident and step of escalation. */
  readonly mentionGroup?: string;
  readonly secondChannel?: string;
  readonly approvers: Approvers;
  /** An order needs the approval of somebody else than the person who gave it. */
  readonly requireOther: boolean;
  readonly rpoMaxMs?: number;
  readonly fence: "stop" | "address";
  readonly ladders: Ladders;
}
