/** Auto Scaling groups and target groups in our words. */
import type { InstanceId } from "../domain/words.ts";

export interface GroupView {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly instances: readonly GroupMember[];
  readonly suspended: readonly string[];
  readonly targetGroupArns: readonly string[];
  readonly availabilityZones: readonly string[];
  readonly subnets: readonly string[];
  /** "EC2", "ELB", or both with a comma. */
  readonly healthCheckType: string;
  readonly healthCheckGraceMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface GroupMember {
  readonly id: InstanceId;
  /** Auto Scaling's own word: InService, Pending, Pending:Wait, Terminating:Wait, Standby … */
  readonly lifecycle: string;
  /** Healthy or Unhealthy, as the group sees it. */
  readonly health: string;
  readonly availabilityZone: string;
  readonly protectedFromScaleIn: boolean;
}

export interface TargetHealth {
  readonly targetGroupArn: string;
  readonly instanceId: InstanceId;
  /** ELB's own word: healthy, unhealthy, initial, draining, unused, unavailable. */
  readonly state: string;
  readonly reason?: string;
}

/** No load balancer asks it: its target group is used by none, or by none in its zone. That says nothing about the instance. */
export function isIdle({ state, reason }: Pick<TargetHealth, "state" | "reason">): boolean {
  return state === "unused" && reason === "Target.NotInUse";
}

export interface HookView {
  readonly name: string;
  readonly transition: "launching" | "terminating";
  readonly heartbeatMs: number;
  readonly defaultResult: "CONTINUE" | "ABANDON";
  /** ARN of the SNS topic or SQS queue that hears of it; absent: EventBridge alone. */
  readonly notifies?: string;
}

export interface ScalingPolicyView {
  readonly name: string;
  /** TargetTrackingScaling, StepScaling, SimpleScaling, PredictiveScaling. */
  readonly kind: string;
  readonly enabled: boolean;
  /** Target tracking only: it never scales in. */
  readonly scaleInDisabled: boolean;
}

export interface RefreshView {
  readonly id: string;
  /** Auto Scaling's own word: Pending, InProgress, Successful, Cancelling, Cancelled, Failed, RollbackInProgress … */
  readonly status: string;
  /** 0 to 100. */
  readonly percent: number;
  readonly reason?: string;
}

export interface HookAnswer {
  readonly group: string;
  readonly hook: string;
  readonly instanceId: InstanceId;
  readonly token: string;
}

export interface Scaling {
  group(name: string): Promise<GroupView | undefined>;
  /** Newest first. */
  activities(
    group: string,
    limit: number,
  ): Promise<{ readonly at: number; readonly what: string; readonly status: string }[]>;
  groups(): Promise<GroupView[]>;
  /** Health of this instance in every target group that knows it; [] when none does. */
  targetHealth(id: InstanceId, targetGroupArns: readonly string[]): Promise<TargetHealth[]>;
  /** Health of every target of this group. */
  targets(targetGroupArn: string): Promise<TargetHealth[]>;
  register(targetGroupArn: string, id: InstanceId): Promise<void>;
  deregister(targetGroupArn: string, id: InstanceId): Promise<void>;

  policies(group: string): Promise<ScalingPolicyView[]>;
  hooks(group: string): Promise<HookView[]>;
  /** Absolute. Outside min..max: WrongState. */
  setDesired(group: string, desired: number): Promise<void>;
  /** Absolute. The only property of a group that the bot ever changes. */
  setMax(group: string, max: number): Promise<void>;
  /** The group replaces it; the grace period does not save it, because a person or two kinds of evidence have said so. */
  setUnhealthy(id: InstanceId): Promise<void>;
  /** Terminated through its group, without decrement: the group launches another one. */
  terminateMember(id: InstanceId): Promise<void>;
  suspend(group: string, processes: readonly string[]): Promise<void>;
  resume(group: string, processes: readonly string[]): Promise<void>;
  /** Throws WrongState when one is under way already. */
  startRefresh(group: string, options: { readonly minHealthyPercent: number }): Promise<string>;
  /** Newest first. */
  refreshes(group: string): Promise<RefreshView[]>;
  cancelRefresh(group: string): Promise<void>;

  /** An action that is not active any more is NotFound: answered already, or too late. */
  completeHook(answer: HookAnswer, result: "CONTINUE" | "ABANDON"): Promise<void>;
  heartbeatHook(answer: HookAnswer): Promise<void>;
}
