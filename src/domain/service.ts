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
      /** Ask this machine instead of whatever the name resolves to; the name stays in Host and certificate. */
      readonly connectTo?: string;
    }
  | {
      readonly kind: "tcp";
      readonly host: string;
      readonly port: number;
      readonly timeoutMs: number;
      readonly connectTo?: string;
    };

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

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** The second machine of patterns `standby` and `dns-pair`. */
export type StandbyTarget = Extract<Target, { readonly kind: "instance" | "tag" }>;

/** The record by which people find the service: two of one name for pattern `dns-pair`, one for the DR region of `instance`. */
export interface DnsDefinition {
  /** Hosted zone id, without `/hostedzone/`. */
  readonly zoneId: string;
  /** Fully qualified, with its final dot. */
  readonly name: string;
  readonly type: "A" | "AAAA" | "CNAME";
  /** SetIdentifiers of the two records of a pair; absent for a single record. */
  readonly primarySet?: string;
  readonly standbySet?: string;
  /** Health check of the primary's record that is inverted to fail over, when the record is built that way. */
  readonly invertHealthCheckId?: string;
  /** ARC routing controls: five regional endpoints, and the control of either side. */
  readonly routing?: {
    readonly endpoints: readonly { readonly region: string; readonly url: string }[];
    readonly primaryControlArn: string;
    readonly standbyControlArn: string;
  };
}

/** From what, and where, an instance is built anew in its own region. */
export interface ReprovisionDefinition {
  /** Snapshots of the root volume (and of data volumes) or AMIs carry this tag; the newest completed one is taken. */
  readonly snapshotTag: Tag;
  /** Tried after the original's own subnet, in this order. */
  readonly subnets: readonly string[];
  /** Tried after the original's own type, in this order. */
  readonly types: readonly string[];
}

/** What must exist in the DR region before the day it is needed: nothing of it is computed then. */
export interface DrDefinition {
  readonly region: string;
  readonly scope: Scope;
  readonly snapshotTag: Tag;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly types: readonly string[];
  /** Name of the instance profile (IAM is global). */
  readonly instanceProfile?: string;
  readonly keyName?: string;
  /** An Elastic IP that waits there; without one the record gets the instance's own public address. */
  readonly elasticIp?: AllocationId;
  readonly architecture?: "x86_64" | "arm64";
}

/** Where a drill may launch: a place that reaches nothing, so that two of one service never serve. */
export interface DrillProfile {
  readonly subnet: string;
  /** Without egress. */
  readonly securityGroup: string;
  /** The drill instance shuts itself down, and so terminates, after this, even if the bot dies. */
  readonly cleanUpAfterMs: number;
}

/** The bot itself makes snapshots on a schedule. DLM or AWS Backup in `infra/` is the recommended way. */
export interface KeeperDefinition {
  readonly everyMs: number;
  /** Newest ones kept; what is older is listed, and removed only with consent (`prune`). */
  readonly retain: number;
  /** Also copied to the DR region. */
  readonly copyToDr: boolean;
}

/** Pattern `asg-ebs`: the one volume, and the hooks that the bot answers. */
export interface VolumeDefinition {
  /** The volume and its snapshots carry this tag. */
  readonly tag: Tag;
  /** Device name under which it is attached: `/dev/sdf`. */
  readonly device: string;
  readonly terminatingHook?: string;
  readonly launchingHook?: string;
  /** Shell line that stops the writer through SSM before the volume is detached; by choice. */
  readonly stopWriter?: string;
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
  readonly standby?: StandbyTarget;
  /** Target groups in which a lone instance is registered by id: it is moved with the service. */
  readonly targetGroups: readonly string[];
  readonly dns?: DnsDefinition;
  readonly reprovision?: ReprovisionDefinition;
  readonly dr?: DrDefinition;
  readonly drill?: DrillProfile;
  readonly keeper?: KeeperDefinition;
  readonly volume?: VolumeDefinition;
  /** How many instances a scale-out adds; default 1. */
  readonly scaleStep: number;
  /** What happens to an old primary that comes back: only tagged, taken out and told (default), or stopped again too. */
  readonly quarantine: "tell" | "stop";
}

/** How another account is entered; the bot's own account needs none. */
export interface AccountDefinition {
  /** Role that the bot takes there, by STS AssumeRole. */
  readonly roleArn: string;
  readonly externalId?: string;
}
