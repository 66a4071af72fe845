/** What Auto Scaling tells topics, queues and EventBridge: launches, terminations, failed launches, lifecycle hooks. */
import type { Activity, Group, HookAction, Transition } from "./groupModel.ts";
import { seededUuid } from "./seededIds.ts";
import { publishTo } from "./topics.ts";
import type { World } from "./world.ts";

type Told = "launch" | "terminate" | "launch-error";

const eventOf: Readonly<Record<Told, string>> = {
  launch: "autoscaling:EC2_INSTANCE_LAUNCH",
  terminate: "autoscaling:EC2_INSTANCE_TERMINATE",
  "launch-error": "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
};
const subjectOf: Readonly<Record<Told, string>> = {
  launch: "launch",
  terminate: "termination",
  "launch-error": "failed launch",
};
const detailTypeOf: Readonly<Record<Told, string>> = {
  launch: "EC2 Instance Launch Successful",
  terminate: "EC2 Instance Terminate Successful",
  "launch-error": "EC2 Instance Launch Unsuccessful",
};

const iso = (ms: number): string => new Date(ms).toISOString();

/** Successful ones say InProgress and 50 %, as Auto Scaling does. */
export function noticeActivity(
  world: World,
  group: Group,
  about: { readonly activity: Activity; readonly kind: Told },
): void {
  const { activity, kind } = about;
  const bad = kind === "launch-error";
  const detail = {
    Description: activity.what,
    ActivityId: activity.id,
    RequestId: activity.id,
    AutoScalingGroupName: group.name,
    EC2InstanceId: bad && activity.status === "Failed" ? "" : activity.instanceId,
    StartTime: iso(activity.at),
    EndTime: iso(activity.endedAt ?? world.agenda.now()),
    StatusCode: bad ? activity.status : "InProgress",
    StatusMessage: activity.statusMessage,
    Cause: activity.cause,
    Details: { "Subnet ID": activity.subnet, "Availability Zone": activity.availabilityZone },
  };
  for (const topicArn of group.noticeTopics) {
    publishTo(world, topicArn, {
      subject: `Auto Scaling: ${subjectOf[kind]} for group "${group.name}"`,
      message: JSON.stringify({
        Progress: bad ? 100 : 50,
        AccountId: world.accountId,
        AutoScalingGroupARN: group.arn,
        Service: "AWS Auto Scaling",
        Time: iso(world.agenda.now()),
        Event: eventOf[kind],
        ...detail,
      }),
    });
  }
  eventBridge(world, group, { type: detailTypeOf[kind], detail });
}

const wordOf: Readonly<Record<Transition, { readonly upper: string; readonly detailType: string }>> = {
  launching: { upper: "LAUNCHING", detailType: "EC2 Instance-launch Lifecycle Action" },
  terminating: { upper: "TERMINATING", detailType: "EC2 Instance-terminate Lifecycle Action" },
};
/** Between two deliveries of one notice. */
const secondDeliveryMs = 20_000;

/** Told once per wait, with nothing to remind anybody; the faults make it come late, or twice under another message id. */
export function noticeHook(world: World, group: Group, action: HookAction): void {
  const { hookLateMs, hooksTwice } = world.faults;
  const delays = [hookLateMs, ...(hooksTwice ? [hookLateMs + secondDeliveryMs] : [])];
  for (const delayMs of delays) {
    if (delayMs === 0) tellHook(world, group, action);
    else world.agenda.at(world.agenda.now() + delayMs, () => tellHook(world, group, action));
  }
}

function tellHook(world: World, group: Group, action: HookAction): void {
  const { upper, detailType } = wordOf[action.hook.transition];
  const detail = {
    LifecycleActionToken: action.token,
    AutoScalingGroupName: group.name,
    LifecycleHookName: action.hook.name,
    EC2InstanceId: action.instanceId,
    LifecycleTransition: `autoscaling:EC2_INSTANCE_${upper}`,
    ...(action.hook.metadata === undefined ? {} : { NotificationMetadata: action.hook.metadata }),
    ...(action.hook.transition === "launching"
      ? { Origin: "EC2", Destination: "AutoScalingGroup" }
      : { Origin: "AutoScalingGroup", Destination: "EC2" }),
  };
  if (action.hook.notifies !== undefined) {
    publishTo(world, action.hook.notifies, {
      subject: `Auto Scaling:  Lifecycle action '${upper}' for instance ${action.instanceId} in progress.`,
      message: JSON.stringify({
        ...detail,
        AccountId: world.accountId,
        RequestId: seededUuid(world.groupRandom),
        Service: "AWS Auto Scaling",
        Time: iso(action.startedAt),
      }),
    });
  }
  eventBridge(world, group, { type: detailType, detail });
}

function eventBridge(world: World, group: Group, event: { readonly type: string; readonly detail: object }): void {
  for (const topicArn of world.scalingNoticeTopics) {
    publishTo(world, topicArn, {
      message: JSON.stringify({
        version: "0",
        id: seededUuid(world.groupRandom),
        "detail-type": event.type,
        source: "aws.autoscaling",
        account: world.accountId,
        time: `${iso(world.agenda.now()).slice(0, 19)}Z`,
        region: world.region,
        resources: [group.arn],
        detail: event.detail,
      }),
    });
  }
}
