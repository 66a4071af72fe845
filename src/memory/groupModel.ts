/** The nouns of Auto Scaling and of target groups in the simulated account, as plain data. */

/** As `createAccount` takes it; what is left out is what AWS's own default is, or what most groups are. */
export interface GroupDefinition {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** Machines of the account that are members when it opens, in service since two weeks. */
  readonly instanceIds?: readonly string[];
  readonly suspended?: readonly string[];
  readonly targetGroupArns?: readonly string[];
  /** Default: zones a and b of the region. */
  readonly availabilityZones?: readonly string[];
  /** One for each zone, in the same order. */
  readonly subnets?: readonly string[];
  /** Default "EC2". */
  readonly healthCheckType?: "EC2" | "ELB" | "EC2,ELB";
  /** Default 300 s, as the console sets it. */
  readonly healthCheckGraceMs?: number;
  readonly newInstancesProtected?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  readonly template?: MemberTemplate;
  readonly hooks?: readonly HookDefinition[];
  readonly policies?: readonly PolicyDefinition[];
  /** Topics that hear of launches, terminations and failed launches. */
  readonly noticeTopics?: readonly string[];
  /** Allocation id of the Elastic IP that the user data of each new member takes for itself at its first boot. */
  readonly takesAddress?: string;
  /** What all members together have to do, in percent of what one can do; absent: each idles. */
  readonly load?: number;
  readonly activities?: readonly { readonly at: number; readonly what: string; readonly status: string }[];
}

/** What new members are made from. */
export interface MemberTemplate {
  readonly type?: string;
  /** Name of each; default: the group's. */
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly hasInstanceStore?: boolean;
  /** Default: the region's own. */
  readonly imageId?: string;
  readonly securityGroupIds?: readonly string[];
  /** Base64. */
  readonly userData?: string;
  /** Devices without which its application answers 503: a volume that a hook has to attach. */
  readonly needs?: readonly string[];
}

export type Transition = "launching" | "terminating";
export type HookResult = "CONTINUE" | "ABANDON";

export interface HookDefinition {
  readonly name: string;
  readonly transition: Transition;
  /** Default one hour. */
  readonly heartbeatMs?: number;
  /** Default ABANDON: nobody answers a launch, and the instance is terminated. */
  readonly defaultResult?: HookResult;
  /** ARN of a topic or a queue. EventBridge hears of every hook. */
  readonly notifies?: string;
  readonly metadata?: string;
}

export interface PolicyDefinition {
  readonly name: string;
  /** Default TargetTrackingScaling. */
  readonly kind?: "TargetTrackingScaling" | "StepScaling" | "SimpleScaling" | "PredictiveScaling";
  readonly enabled?: boolean;
  readonly scaleInDisabled?: boolean;
  /** Average CPU in percent; default 50. */
  readonly targetValue?: number;
}

export interface TargetGroupDefinition {
  readonly arn: string;
  /** The last part of the load balancer's ARN, as metrics name it: `app/web/50dc6c495c0c9188`. */
  readonly loadBalancer?: string;
  /** Default 5. */
  readonly healthyThreshold?: number;
  /** Default 2. */
  readonly unhealthyThreshold?: number;
  /** Default 30 s. */
  readonly intervalMs?: number;
  /** Default 300 s. */
  readonly deregistrationDelayMs?: number;
  /** Instances registered by hand, beside the members of groups that name this target group. */
  readonly targets?: readonly string[];
}

export type Lifecycle =
  | "Pending"
  | "Pending:Wait"
  | "Pending:Proceed"
  | "InService"
  | "Terminating"
  | "Terminating:Wait"
  | "Terminating:Proceed"
  | "Terminated";

export interface Member {
  readonly id: string;
  readonly availabilityZone: string;
  lifecycle: Lifecycle;
  health: "Healthy" | "Unhealthy";
  protectedFromScaleIn: boolean;
  /** Since when it is in service; the grace period counts from here. */
  inServiceAt: number | undefined;
  /** Its launch or its termination, whichever is under way. */
  activity: Activity | undefined;
  /** An abandoned launch: what AWS writes about it. */
  abandoned: string | undefined;
  /** When it was given to ReplaceUnhealthy, by whom or by which check. */
  unhealthyBecause: string | undefined;
}

export interface Activity {
  readonly id: string;
  readonly at: number;
  /** As Auto Scaling describes it: "Launching a new EC2 instance: i-…". */
  what: string;
  readonly cause: string;
  status: string;
  statusMessage: string;
  progress: number;
  endedAt: number | undefined;
  readonly availabilityZone: string;
  readonly subnet: string;
  instanceId: string;
}

/** One wait of one member for one hook. */
export interface HookAction {
  readonly hook: Required<Omit<HookDefinition, "notifies" | "metadata">> & HookDefinition;
  readonly group: string;
  readonly instanceId: string;
  readonly token: string;
  readonly startedAt: number;
  /** Its default result takes effect then; a heartbeat moves it on. */
  deadline: number;
  /** Which no heartbeat moves: 48 h or a hundred heartbeats, whichever is shorter. */
  readonly lastDeadline: number;
  state: "waiting" | "completed" | "timed-out";
  result: HookResult | undefined;
}

export interface Refresh {
  readonly id: string;
  status: "Pending" | "InProgress" | "Successful" | "Cancelling" | "Cancelled" | "Failed";
  percent: number;
  reason: string | undefined;
  readonly startedAt: number;
  endedAt: number | undefined;
  readonly minHealthyPercent: number;
  /** Members at its start that are to be replaced. */
  readonly old: readonly string[];
  /** When it last got on. */
  progressAt: number;
}

export interface Group extends Required<
  Omit<
    GroupDefinition,
    "instanceIds" | "suspended" | "activities" | "takesAddress" | "load" | "min" | "max" | "desired"
  >
> {
  readonly arn: string;
  min: number;
  max: number;
  desired: number;
  readonly takesAddress: string | undefined;
  readonly suspended: Map<string, { readonly reason: string }>;
  load: number | undefined;
  readonly members: Member[];
  /** Newest last. */
  readonly activities: Activity[];
  readonly actions: HookAction[];
  /** Newest last. */
  readonly refreshes: Refresh[];
  /** What the next launch or termination is said to be caused by: the last order or alarm. */
  cause: string;
  lastScalingAt: number;
  /** A launch failed in every zone: not tried again before. */
  retryLaunchAt: number;
  /** A launch had to go to another zone than it should: the zones are evened out once there is capacity again. */
  unbalanced: boolean;
  /** The member that AZRebalance has launched beyond the desired capacity. */
  rebalancing: string | undefined;
  /** Minutes in a row that target tracking has seen below and above its target. */
  lowMinutes: number;
  highMinutes: number;
  /** Said once that everybody is protected from scale-in, until the desired capacity changes. */
  protestedProtection: boolean;
  nextHealthCheckAt: number;
  /** Former answers, for reads that lag. Newest last. */
  readonly past: { readonly at: number; readonly mark: string; readonly view: GroupSnapshot }[];
}

/** What a read shows of a group, fixed at one moment. */
export interface GroupSnapshot {
  readonly name: string;
  readonly arn: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly instanceIds: readonly string[];
  readonly members: readonly Readonly<Member>[];
  readonly suspended: readonly string[];
  readonly suspensions: readonly { readonly process: string; readonly reason: string }[];
  readonly targetGroupArns: readonly string[];
  readonly availabilityZones: readonly string[];
  readonly subnets: readonly string[];
  readonly healthCheckType: string;
  readonly healthCheckGraceMs: number;
  readonly newInstancesProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Newest last. */
  readonly activities: readonly Readonly<Activity>[];
}

export interface Target {
  readonly instanceId: string;
  /** ELB's own word. */
  state: "initial" | "healthy" | "unhealthy" | "draining" | "unused";
  reason: string | undefined;
  /** Checks in a row that passed or failed. */
  passed: number;
  failed: number;
  drainedAt: number | undefined;
}

export interface TargetGroup extends Required<Omit<TargetGroupDefinition, "targets">> {
  readonly name: string;
  readonly targets: Map<string, Target>;
}

/** Writes that Auto Scaling and ELB take. */
export const scalingOperations = [
  "SetDesiredCapacity",
  "UpdateAutoScalingGroup",
  "SetInstanceHealth",
  "TerminateInstanceInAutoScalingGroup",
  "SuspendProcesses",
  "ResumeProcesses",
  "StartInstanceRefresh",
  "CancelInstanceRefresh",
  "CompleteLifecycleAction",
  "RecordLifecycleActionHeartbeat",
  "RegisterTargets",
  "DeregisterTargets",
] as const;
export type ScalingOperation = (typeof scalingOperations)[number];

export const scalingProcesses = [
  "Launch",
  "Terminate",
  "AddToLoadBalancer",
  "AlarmNotification",
  "AZRebalance",
  "HealthCheck",
  "InstanceRefresh",
  "ReplaceUnhealthy",
  "ScheduledActions",
] as const;
export type ScalingProcess = (typeof scalingProcesses)[number];

export function isSuspended(group: Group, process: ScalingProcess): boolean {
  return group.suspended.has(process);
}

/** Members that count towards the desired capacity: what terminates does not, so that its replacement starts beside it. */
export function capacity(group: Group): Member[] {
  return group.members.filter((member) => !member.lifecycle.startsWith("Terminat"));
}
