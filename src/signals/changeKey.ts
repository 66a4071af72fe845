/**
 * One key for one change in the world. SNS retries keep their MessageId, but two subscriptions, two alarm actions or SNS beside
 * EventBridge tell the same change under different ids; all of them must act once. So the key is made of what changed, of whom,
 * and when, and of ids only where the message says nothing else.
 */
import { createHash } from "node:crypto";
import { alarmNameOf, arnOf } from "./arn.ts";
import type { AlarmFacts, AsgActivity, CanaryEvent, Parsed, ParsedCommon } from "./parsed.ts";
import { isAlarm } from "./parsed.ts";

/** 128 bits of SHA-256 in hex: short in the store, and no two changes meet by chance. */
const KEY_LENGTH = 32;

/** 32 hex digits, the same for every message that tells this change. */
export function changeKey(parsed: Parsed): string {
  return createHash("sha256")
    .update(JSON.stringify([parsed.cls, ...identityOf(parsed)]))
    .digest("hex")
    .slice(0, KEY_LENGTH);
}

type Part = string | number | boolean | null;

function identityOf(parsed: Parsed): readonly Part[] {
  if (isAlarm(parsed)) {
    const contributor = parsed.cls === "alarm_contributor" ? parsed.contributorId : null;
    return [...alarmOf(parsed), contributor, parsed.newState, parsed.at];
  }
  const where = [
    parsed.accountId,
    parsed.region,
    parsed.resources.instanceId ?? null,
    parsed.resources.asgName ?? null,
  ];
  switch (parsed.cls) {
    case "asg_activity":
      return [...where, ...activityOf(parsed)];
    case "lifecycle_hook":
      // Without region and account, which a hook's message through a queue does not tell. The token is unique.
      return [...where.slice(2), parsed.transition, parsed.hook, parsed.token ?? parsed.at];
    case "instance_refresh":
      return [...where, parsed.event, parsed.instanceRefreshId ?? parsed.at];
    case "ec2_state":
      return [...where, parsed.instanceState, parsed.at];
    case "spot_interruption":
      return [...where, parsed.instanceAction, parsed.at];
    case "health":
      // Told again with each update, page and fallback region: the update is the change.
      return [
        parsed.eventArn ?? parsed.eventTypeCode,
        parsed.accountId,
        parsed.lastUpdatedTime ?? parsed.at,
        parsed.statusCode,
        ...parsed.entities,
      ];
    case "canary":
      return [...where, parsed.resources.canary ?? null, ...canaryOf(parsed)];
    case "subscription_confirmation":
    case "unsubscribe_confirmation":
      return [parsed.topicArn, parsed.token];
    case "unrecognised_text":
    case "unrecognised_json":
    case "unrecognised_event":
      return [parsed.excerpt, ...idOf(parsed)];
    case "ebs":
      return [...where, parsed.event, parsed.result, ...snapshotsOf(parsed), ...idOf(parsed)];
    case "alarm_config_change":
    case "asg_test":
    case "rebalance":
      return [...where, ...idOf(parsed)];
  }
}

/** Account, region and name, out of the ARN when there is one: old messages have none and must meet the new ones here. */
function alarmOf(facts: AlarmFacts): readonly Part[] {
  const arn = arnOf(facts.alarmArn);
  return [
    arn?.accountId ?? facts.accountId,
    arn?.region ?? facts.region,
    alarmNameOf(facts.alarmArn) ?? facts.alarmName,
  ];
}

/** `autoscaling:EC2_INSTANCE_LAUNCH_ERROR` and "EC2 Instance Launch Unsuccessful" are one activity told twice. */
function activityOf(parsed: AsgActivity): readonly Part[] {
  return [/launch/i.test(parsed.event) ? "launch" : "terminate", parsed.failed, parsed.activityId ?? parsed.at];
}

function canaryOf(parsed: CanaryEvent): readonly Part[] {
  return [parsed.event, parsed.currentState, parsed.canaryRunId ?? parsed.at];
}

function snapshotsOf({ resources }: ParsedCommon): readonly Part[] {
  return [resources.volumeId ?? null, resources.snapshotId ?? null, ...(resources.snapshotIds ?? [])];
}

/** EventBridge's id survives a second route; SNS's survives a retry; the queue's is the last resort. */
function idOf(parsed: ParsedCommon): readonly Part[] {
  return [parsed.eventId ?? parsed.messageId ?? parsed.sqsMessageId, parsed.at];
}
