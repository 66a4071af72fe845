/** The scaling port over Auto Scaling and Elastic Load Balancing (SDK v3). */
import {
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  type AutoScalingGroup,
} from "@aws-sdk/client-auto-scaling";
import { DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { clip } from "../domain/limits.ts";
import type { InstanceId } from "../domain/words.ts";
import type { GroupView, Scaling, TargetHealth } from "../ports/scaling.ts";
import type { RegionClients } from "./clients.ts";
import { asked } from "./translate.ts";

/** 10,000 groups, a hundred a page. */
const pagesMax = 100;
const pageSize = 100;

export function awsScaling({ autoScaling, elbv2 }: Pick<RegionClients, "autoScaling" | "elbv2">): Scaling {
  return {
    group: async (name) => (await groups(autoScaling, [name])).find((group) => group.name === name),
    groups: () => groups(autoScaling, undefined),
    activities: async (group, limit) => {
      const input = { AutoScalingGroupName: group, MaxRecords: Math.min(limit, 100) };
      const answer = await asked(`DescribeScalingActivities ${group}`, () =>
        autoScaling.send(new DescribeScalingActivitiesCommand(input)),
      );
      return (answer.Activities ?? []).slice(0, limit).map((activity) => ({
        at: activity.StartTime?.getTime() ?? 0,
        what: clip(activity.Description ?? activity.Cause ?? "an activity without a description"),
        status: activity.StatusCode ?? "unknown",
      }));
    },
    targetHealth: async (id, targetGroupArns) => {
      const found = await Promise.all(targetGroupArns.map((arn) => targetHealth(elbv2, id, arn)));
      return found.filter((health): health is TargetHealth => health !== undefined);
    },
  };
}

async function groups(
  autoScaling: RegionClients["autoScaling"],
  names: readonly string[] | undefined,
): Promise<GroupView[]> {
  const found: GroupView[] = [];
  let token: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const input = {
      MaxRecords: pageSize,
      ...(names ? { AutoScalingGroupNames: [...names] } : {}),
      ...(token ? { NextToken: token } : {}),
    };
    const answer = await asked("DescribeAutoScalingGroups", () =>
      autoScaling.send(new DescribeAutoScalingGroupsCommand(input)),
    );
    found.push(...(answer.AutoScalingGroups ?? []).map(groupView));
    token = answer.NextToken;
    if (!token) break;
  }
  return found;
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
    })),
    suspended: (group.SuspendedProcesses ?? []).flatMap((process) =>
      process.ProcessName ? [process.ProcessName] : [],
    ),
    targetGroupArns: group.TargetGroupARNs ?? [],
  };
}

/** Worst first: an instance may be registered with several ports, and one that fails is bad news. */
const worstFirst = ["unhealthy", "unhealthy.draining", "unavailable", "unused", "draining", "initial", "healthy"];

/** An instance that the target group does not know is no bad news; a group that does not exist is thrown. */
async function targetHealth(
  elbv2: RegionClients["elbv2"],
  id: InstanceId,
  targetGroupArn: string,
): Promise<TargetHealth | undefined> {
  const what = `DescribeTargetHealth ${targetGroupArn}`;
  const answer = await asked(what, () =>
    elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn })),
  );
  const [target] = (answer.TargetHealthDescriptions ?? [])
    .filter((description) => description.Target?.Id === id)
    .sort((a, b) => rank(a.TargetHealth?.State) - rank(b.TargetHealth?.State));
  if (target === undefined) return undefined;
  return {
    targetGroupArn,
    instanceId: id,
    state: target.TargetHealth?.State ?? "unknown",
    ...(target.TargetHealth?.Reason ? { reason: target.TargetHealth.Reason } : {}),
  };
}

/** States that AWS adds later come first: they are shown rather than hidden behind a healthy one. */
function rank(state: string | undefined): number {
  return worstFirst.indexOf(state ?? "");
}
