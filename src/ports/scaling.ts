/** Auto Scaling and target groups, as far as evidence and gates need them. */
import type { InstanceId } from "../domain/words.ts";

export interface GroupView {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly instances: readonly {
    readonly id: InstanceId;
    readonly lifecycle: string;
    readonly health: string;
    readonly availabilityZone: string;
  }[];
  readonly suspended: readonly string[];
  readonly targetGroupArns: readonly string[];
}

export interface TargetHealth {
  readonly targetGroupArn: string;
  readonly instanceId: InstanceId;
  /** ELB's own word: healthy, unhealthy, initial, draining, unused, unavailable. */
  readonly state: string;
  readonly reason?: string;
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
}
