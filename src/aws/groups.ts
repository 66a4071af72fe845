/** Auto Scaling groups as they are: members, limits, what is suspended, policies, hooks, the latest activities. Reads only. */
import {
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
  DescribePoliciesCommand,
  DescribeScalingActivitiesCommand,
  type Activity,
  type AutoScalingGroup,
  type LifecycleHook,
  type ScalingPolicy,
} from "@aws-sdk/client-auto-scaling";
import { clip } from "../domain/limits.ts";
import type { InstanceId } from "../domain/words.ts";
import type { GroupView, HookView, Scaling, ScalingPolicyView } from "../ports/scaling.ts";
import type { RegionClients } from "./clients.ts";
import { inPages } from "./inPages.ts";
import { tagsOf } from "./tags.ts";
import { asked } from "./translate.ts";

type AutoScaling = RegionClients["autoScaling"];

/** 10,000 groups, a hundred a page. */
const pagesMax = 100;
const pageSize = 100;

export async function groups(autoScaling: AutoScaling, names: readonly string[] | undefined): Promise<GroupView[]> {
  const query = { MaxRecords: pageSize, ...(names ? { AutoScalingGroupNames: [...names] } : {}) };
  return inPages(async (page) => {
    const answer = await asked("DescribeAutoScalingGroups", () =>
      autoScaling.send(new DescribeAutoScalingGroupsCommand({ ...query, ...page })),
    );
    return { items: (answer.AutoScalingGroups ?? []).map(groupView), next: answer.NextToken };
  }, pagesMax);
}

function groupView(group: AutoScalingGroup): GroupView {
  return {
    name: group.AutoScalingGroupName ?? "",
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    desired: group.DesiredCapacity ?? 0,
    instances: (group.Instances ?? []).map((instance) => ({
      id: (instance.InstanceId ?? "") as InstanceId,
      lifecycle: instance.LifecycleState ?? "unknown",
      health: instance.HealthStatus ?? "unknown",
      availabilityZone: instance.AvailabilityZone ?? "unknown",
      protectedFromScaleIn: instance.ProtectedFromScaleIn === true,
    })),
    suspended: (group.SuspendedProcesses ?? []).flatMap((process) =>
      process.ProcessName ? [process.ProcessName] : [],
    ),
    targetGroupArns: group.TargetGroupARNs ?? [],
    availabilityZones: group.AvailabilityZones ?? [],
    subnets: (group.VPCZoneIdentifier ?? "").split(",").flatMap((id) => (id.trim() === "" ? [] : [id.trim()])),
    healthCheckType: group.HealthCheckType ?? "EC2",
    healthCheckGraceMs: (group.HealthCheckGracePeriod ?? 0) * 1000,
    tags: tagsOf(group.Tags),
  };
}

/** Newest first: the order in which Auto Scaling tells them. */
export async function activities(
  autoScaling: AutoScaling,
  group: string,
  limit: number,
): Promise<Awaited<ReturnType<Scaling["activities"]>>> {
  const input = { AutoScalingGroupName: group, MaxRecords: Math.min(limit, pageSize) };
  const answer = await asked(`DescribeScalingActivities ${group}`, () =>
    autoScaling.send(new DescribeScalingActivitiesCommand(input)),
  );
  return (answer.Activities ?? []).slice(0, limit).map((activity) => ({
    at: activity.StartTime?.getTime() ?? 0,
    what: clip(whatOf(activity)),
    status: activity.StatusCode ?? "unknown",
  }));
}

/** Why one failed, the lack of capacity above all, stands in its status message, and only sometimes in its description too. */
function whatOf({ Description, Cause, StatusMessage }: Activity): string {
  const what = Description ?? Cause ?? "an activity without a description";
  return StatusMessage && !what.includes(StatusMessage) ? `${what}: ${StatusMessage}` : what;
}

export async function policies(autoScaling: AutoScaling, group: string): Promise<ScalingPolicyView[]> {
  return inPages(async (page) => {
    const answer = await asked(`DescribePolicies ${group}`, () =>
      autoScaling.send(new DescribePoliciesCommand({ AutoScalingGroupName: group, ...page })),
    );
    return { items: (answer.ScalingPolicies ?? []).map(policyView), next: answer.NextToken };
  });
}

function policyView(policy: ScalingPolicy): ScalingPolicyView {
  return {
    name: policy.PolicyName ?? "",
    kind: policy.PolicyType ?? "unknown",
    enabled: policy.Enabled !== false,
    scaleInDisabled: policy.TargetTrackingConfiguration?.DisableScaleIn === true,
  };
}

export async function hooks(autoScaling: AutoScaling, group: string): Promise<HookView[]> {
  const answer = await asked(`DescribeLifecycleHooks ${group}`, () =>
    autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group })),
  );
  return (answer.LifecycleHooks ?? []).map(hookView);
}

/** Auto Scaling's own defaults, where an answer leaves them out. */
const heartbeatSDefault = 3600;

function hookView(hook: LifecycleHook): HookView {
  return {
    name: hook.LifecycleHookName ?? "",
    transition: hook.LifecycleTransition === "autoscaling:EC2_INSTANCE_TERMINATING" ? "terminating" : "launching",
    heartbeatMs: (hook.HeartbeatTimeout ?? heartbeatSDefault) * 1000,
    defaultResult: hook.DefaultResult === "CONTINUE" ? "CONTINUE" : "ABANDON",
    ...(hook.NotificationTargetARN ? { notifies: hook.NotificationTargetARN } : {}),
  };
}
