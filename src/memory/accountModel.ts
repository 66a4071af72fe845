/** The nouns of the simulated AWS account, as plain data. One account means one account in one region. */
import type { CheckState, InstanceState } from "../ports/compute.ts";
import type { CloudOperation, MachineBuild } from "./cloudModel.ts";
import type { ScalingOperation } from "./groupModel.ts";

/** How long things take there. Every one may be set; the defaults are what EC2 usually needs. */
export interface AccountTimings {
  /** pending → running. */
  readonly pendingMs: number;
  /** From running until the services on it answer. */
  readonly bootMs: number;
  /** Status checks read `initializing` for this long after a start. */
  readonly checksInitializingMs: number;
  /** stopping → stopped when the operating system helps. */
  readonly stoppingMs: number;
  /** stopping → stopped after force. */
  readonly forceStoppingMs: number;
  /** A reboot takes something between these two. */
  readonly rebootMsMin: number;
  readonly rebootMsMax: number;
  /** shutting-down → terminated. */
  readonly terminatingMs: number;
  /** From a change of health until a status check shows it. */
  readonly checkDelayMs: number;
  /** Metrics are written and alarms looked at this often. */
  readonly metricPeriodMs: number;
  /** A volume from a snapshot: creating → available. */
  readonly volumeMs: number;
  readonly attachMs: number;
  readonly detachMs: number;
  /** A snapshot: pending → completed. */
  readonly snapshotMs: number;
  /** The copy of a snapshot from another region. */
  readonly copyMs: number;
  /** An image over a snapshot: pending → available. */
  readonly imageMs: number;
  /** A root volume is replaced and the machine boots from it. */
  readonly rootTaskMs: number;
  /** A command over SSM, when the machine is well. */
  readonly commandMs: number;
}

export const usualTimings: AccountTimings = {
  pendingMs: 30_000,
  bootMs: 20_000,
  checksInitializingMs: 90_000,
  stoppingMs: 40_000,
  forceStoppingMs: 20_000,
  rebootMsMin: 60_000,
  rebootMsMax: 90_000,
  terminatingMs: 40_000,
  checkDelayMs: 45_000,
  metricPeriodMs: 60_000,
  volumeMs: 10_000,
  attachMs: 4_000,
  detachMs: 6_000,
  snapshotMs: 120_000,
  copyMs: 300_000,
  imageMs: 10_000,
  rootTaskMs: 90_000,
  commandMs: 3_000,
};

/** What is wrong inside a machine. Nothing here is visible to a caller but through checks, probes, metrics and console. */
export interface MachineHealth {
  kernel: "up" | "hung" | "booting" | "off";
  host: "ok" | "failed";
  process: "up" | "down";
  disk: "ok" | "full";
  /** A hung kernel that comes back hung after a reboot; only a stop and start brings a clean boot. */
  rebootHelps: boolean;
}

export interface PublishedChecks {
  readonly system: CheckState;
  readonly instance: CheckState;
  readonly ebs: CheckState;
  readonly impairedSince?: number;
}

/** What EC2 would answer about an instance at one moment. */
export interface MachineView {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly availabilityZone: string;
  readonly state: InstanceState;
  readonly launchTime: number;
  readonly privateIp: string;
  readonly publicIp?: string;
  /** EC2's StateTransitionReason: who and when; "" while nothing was asked. */
  readonly transitionReason: string;
  readonly stateReason?: { readonly code: string; readonly message: string };
  readonly tags: Readonly<Record<string, string>>;
  readonly asgName?: string;
  readonly rootDeviceType: "ebs" | "instance-store";
  readonly hasInstanceStore: boolean;
  readonly spot: boolean;
  /** undefined while it is not running. */
  readonly checks?: PublishedChecks;
  readonly build: Readonly<MachineBuild>;
  /** Attached now; the root is the one at `build.rootDeviceName`. */
  readonly volumes: readonly {
    readonly device: string;
    readonly volumeId: string;
    readonly deleteOnTermination: boolean;
  }[];
}

/** An instance as the world holds it. Only the files of this folder change it. */
export interface Machine {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly availabilityZone: string;
  readonly tags: Record<string, string>;
  readonly asgName?: string;
  readonly rootDeviceType: "ebs" | "instance-store";
  readonly hasInstanceStore: boolean;
  readonly spot: boolean;
  readonly privateIp: string;
  readonly build: MachineBuild;
  /** Every volume that has been its root: a root may be replaced from snapshots of these. */
  readonly rootVolumeIds: string[];
  /** Assigned by AWS at each start, gone at each stop; unused while an Elastic IP is there. */
  ownPublicIp: string | undefined;
  state: InstanceState;
  launchTime: number;
  transitionReason: string;
  stateReason: { readonly code: string; readonly message: string } | undefined;
  health: MachineHealth;
  checks: PublishedChecks | undefined;
  /** Rises with every change of state: a scheduled step of an older change finds itself outdated. */
  epoch: number;
  rebootingUntil: number | undefined;
  /** Faults of the next operations on it. */
  stuckStopping: "no" | "until-force" | "for-ever";
  readonly console: string[];
  /** Former answers, for reads that lag. Newest last. */
  readonly past: { readonly at: number; readonly view: MachineView }[];
}

export interface MachineDefinition {
  readonly id: string;
  readonly name: string;
  readonly type?: string;
  readonly availabilityZone?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly asgName?: string;
  readonly hasInstanceStore?: boolean;
  readonly rootDeviceType?: "ebs" | "instance-store";
  readonly spot?: boolean;
  readonly privateIp?: string;
  /** Default `running` since two weeks. */
  readonly state?: "running" | "stopped";
  /** What differs from a plain Linux machine in the first subnet of its zone. */
  readonly build?: Partial<MachineBuild>;
  readonly rootVolumeId?: string;
  /** The data on its root disk; default `<name> root`. */
  readonly data?: string;
  /** Data volumes beside the root. */
  readonly volumes?: readonly {
    readonly device: string;
    readonly id?: string;
    readonly data?: string;
    readonly tags?: Readonly<Record<string, string>>;
    readonly deleteOnTermination?: boolean;
  }[];
  /** Devices without which its service answers 503. */
  readonly needs?: readonly string[];
}

export interface ElasticIp {
  readonly allocationId: string;
  readonly publicIp: string;
  associationId: string | undefined;
  instanceId: string | undefined;
}

/** A web site or port that people use, and which machine answers behind it. */
export interface Site {
  /** Host name or address as a probe names it, without port. */
  readonly host: string;
  /** Reached through an Elastic IP (whoever holds it), one machine, or a server outside of the account that always answers. */
  readonly via:
    | { readonly kind: "elastic-ip"; readonly allocationId: string }
    | { readonly kind: "machine"; readonly instanceId: string }
    /** Whatever address the record gives to a resolver that asked at the worst moment before its last change. */
    | { readonly kind: "record"; readonly zoneId: string; readonly name: string }
    /** A load balancer before these targets. */
    | { readonly kind: "target-group"; readonly targetGroupArn: string }
    | { readonly kind: "outside" };
  /** Set when a canary watches it: its name, for the metric in CloudWatchSynthetics. */
  readonly canary?: string;
}

export interface AlarmDefinition {
  readonly name: string;
  readonly description?: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: "Maximum" | "Minimum" | "Average" | "Sum";
  readonly periodMs: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly comparison:
    "GreaterThanOrEqualToThreshold" | "GreaterThanThreshold" | "LessThanThreshold" | "LessThanOrEqualToThreshold";
  readonly threshold: number;
  readonly treatMissing: "missing" | "breaching" | "notBreaching" | "ignore";
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  /** What it reads when the account opens: OK, since two weeks. */
  readonly state?: AlarmState;
}

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export interface AlarmNow {
  readonly definition: AlarmDefinition;
  readonly arn: string;
  state: AlarmState;
  /** StateTransitionedTimestamp. */
  changedAt: number;
  reason: string;
  readonly history: {
    readonly at: number;
    readonly from: AlarmState;
    readonly to: AlarmState;
    readonly reason: string;
  }[];
}

export interface MetricPoint {
  /** Start of the minute that it covers. */
  readonly at: number;
  readonly value: number;
}

/** What a topic's subscribers get. `message` is the JSON text that CloudWatch or EventBridge wrote. */
export interface TopicMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
  readonly at: number;
}

/** One line of what went on, in operators' words. */
export interface AccountLine {
  readonly at: number;
  readonly who: "EC2" | "Auto Scaling" | "ELB" | "CloudWatch" | "SNS" | "world" | "medic" | "you";
  readonly text: string;
  readonly level: "info" | "good" | "bad";
}

/** Calls that change the state of instances. */
export type InstanceOperation = "RebootInstances" | "StopInstances" | "StartInstances" | "TerminateInstances";

/** One call that changes something, refused or not. */
export interface Write {
  readonly at: number;
  readonly who: string;
  readonly operation: InstanceOperation | ScalingOperation | CloudOperation;
  /** "" when it was done to something else than an instance. */
  readonly instanceId: string;
  /**
   * The allocation, volume, snapshot, image, record, control … that it changed or made; for a launch the new instance; a group and
   * what about it ("web-asg desired 3").
   */
  readonly resource?: string;
  readonly force: boolean;
  /** "accepted", or the code of the refusal. */
  readonly outcome: string;
}

/** An error as the AWS API words it; ports and the SDK layer translate it. */
export class AwsRefusal extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}
