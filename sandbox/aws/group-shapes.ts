/** Groups of the simulated account in the shapes of Auto Scaling's own answers. */
import type {
  Activity as SdkActivity,
  AutoScalingGroup,
  Instance,
  InstanceRefresh,
  LifecycleHook,
  ScalingActivityStatusCode,
  ScalingPolicy,
} from "@aws-sdk/client-auto-scaling";
import type { Account } from "../../src/memory/account.ts";
import type { Activity, GroupSnapshot, HookAction, PolicyDefinition, Refresh } from "../../src/memory/groupModel.ts";

export function groupShape(account: Account, group: GroupSnapshot): AutoScalingGroup {
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: 300,
    AvailabilityZones: [...group.availabilityZones],
    VPCZoneIdentifier: group.subnets.join(","),
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.healthCheckGraceMs / 1000,
    NewInstancesProtectedFromScaleIn: group.newInstancesProtected,
    CreatedTime: new Date(0),
    TargetGroupARNs: [...group.targetGroupArns],
    SuspendedProcesses: group.suspensions.map(({ process, reason }) => ({
      ProcessName: process,
      SuspensionReason: reason,
    })),
    Tags: Object.entries(group.tags).map(([Key, Value]) => ({
      Key,
      Value,
      ResourceId: group.name,
      ResourceType: "auto-scaling-group",
      PropagateAtLaunch: true,
    })),
    Instances: group.members.map((member): Instance => ({
      InstanceId: member.id,
      InstanceType: account.peek.machine(member.id).type,
      AvailabilityZone: member.availabilityZone,
      LifecycleState: member.lifecycle,
      HealthStatus: member.health,
      ProtectedFromScaleIn: member.protectedFromScaleIn,
    })),
  };
}

export function activityShape(group: string, activity: Activity): SdkActivity {
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: group,
    Description: activity.what,
    Cause: activity.cause,
    StartTime: new Date(activity.at),
    ...(activity.endedAt === undefined ? {} : { EndTime: new Date(activity.endedAt) }),
    StatusCode: activity.status as ScalingActivityStatusCode,
    ...(activity.statusMessage === "" ? {} : { StatusMessage: activity.statusMessage }),
    Progress: activity.progress,
    Details: JSON.stringify({ "Subnet ID": activity.subnet, "Availability Zone": activity.availabilityZone }),
  };
}

export function policyShape(group: string, policy: PolicyDefinition): ScalingPolicy {
  const kind = policy.kind ?? "TargetTrackingScaling";
  return {
    AutoScalingGroupName: group,
    PolicyName: policy.name,
    PolicyType: kind,
    Enabled: policy.enabled ?? true,
    ...(kind === "TargetTrackingScaling"
      ? {
          TargetTrackingConfiguration: {
            TargetValue: policy.targetValue ?? 50,
            PredefinedMetricSpecification: { PredefinedMetricType: "ASGAverageCPUUtilization" },
            DisableScaleIn: policy.scaleInDisabled ?? false,
          },
        }
      : {}),
  };
}

export function hookShape(group: string, hook: HookAction["hook"]): LifecycleHook {
  return {
    AutoScalingGroupName: group,
    LifecycleHookName: hook.name,
    LifecycleTransition: `autoscaling:EC2_INSTANCE_${hook.transition.toUpperCase()}`,
    HeartbeatTimeout: hook.heartbeatMs / 1000,
    GlobalTimeout: Math.min(48 * 3600, (100 * hook.heartbeatMs) / 1000),
    DefaultResult: hook.defaultResult,
    ...(hook.notifies === undefined ? {} : { NotificationTargetARN: hook.notifies }),
    ...(hook.metadata === undefined ? {} : { NotificationMetadata: hook.metadata }),
  };
}

export function refreshShape(group: string, refresh: Refresh): InstanceRefresh {
  return {
    InstanceRefreshId: refresh.id,
    AutoScalingGroupName: group,
    Status: refresh.status,
    // Auto Scaling leaves it out until it has begun.
    ...(refresh.status === "Pending" ? {} : { PercentageComplete: refresh.percent }),
    StartTime: new Date(refresh.startedAt),
    ...(refresh.endedAt === undefined ? {} : { EndTime: new Date(refresh.endedAt) }),
    ...(refresh.reason === undefined ? {} : { StatusReason: refresh.reason }),
  };
}
