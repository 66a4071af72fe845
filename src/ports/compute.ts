/** EC2 in our words. Foreign errors arrive as the classes of `domain/errors.ts`. Every call is bounded in time and retries. */
import type { AllocationId, InstanceId } from "../domain/words.ts";

export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

/** `ok` = passed; `unknown` = insufficient data, not applicable or not answered. */
export type CheckState = "ok" | "impaired" | "initializing" | "unknown";

export interface InstanceView {
  readonly id: InstanceId;
  readonly state: InstanceState;
  /** Epoch ms; moves on at every start, which is how a start is proved. */
  readonly launchTime: number;
  readonly type: string;
  readonly availabilityZone: string;
  readonly name?: string;
  readonly privateIp?: string;
  readonly publicIp?: string;
  /** EC2's own sentence, e.g. `User initiated (2026-11-21 03:00:00 GMT)`. */
  readonly stateReason?: string;
  /** Set for a member of an Auto Scaling group (tag aws:autoscaling:groupName). */
  readonly asgName?: string;
  readonly rootDeviceType: "ebs" | "instance-store";
  /** The type has instance-store disks: stop/start loses what is on them. */
  readonly hasInstanceStore: boolean;
  readonly spot: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface InstanceChecks {
  readonly system: CheckState;
  readonly instance: CheckState;
  readonly ebs: CheckState;
  /** Epoch ms since when the worst of them is impaired. */
  readonly impairedSince?: number;
}

export interface AddressView {
  readonly allocationId: AllocationId;
  readonly publicIp: string;
  readonly associationId?: string;
  readonly instanceId?: InstanceId;
}

export interface Compute {
  /** undefined: EC2 says it does not exist. */
  instance(id: InstanceId): Promise<InstanceView | undefined>;
  /** Non-terminated instances that carry this tag. */
  instancesByTag(key: string, value: string): Promise<InstanceView[]>;
  /** undefined: not reported (not running, or just started). */
  checks(id: InstanceId): Promise<InstanceChecks | undefined>;
  address(id: AllocationId): Promise<AddressView | undefined>;
  /** The Elastic IP on this instance, when it has one. */
  addressOf(id: InstanceId): Promise<AddressView | undefined>;
  /** Last console lines, newest last; "" when there are none. */
  consoleTail(id: InstanceId): Promise<string>;
  reboot(id: InstanceId): Promise<void>;
  stop(id: InstanceId, options: { readonly force: boolean }): Promise<void>;
  start(id: InstanceId): Promise<void>;
  /** EC2 DryRun: may we? Answers "allowed", or the refusal in words. Checks permission, not state. */
  mayI(
    action: "reboot" | "stop" | "start",
    id: InstanceId,
  ): Promise<{ readonly allowed: boolean; readonly detail: string }>;
}
