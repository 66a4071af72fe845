/**
 * What an Auto Scaling group did, as its own notification (through SNS, or straight into a queue) and as an EventBridge event.
 *
 *   {"Service":"AWS Auto Scaling","Event":"autoscaling:EC2_INSTANCE_LAUNCH_ERROR","Time":"2017-01-20T03:11:23.096Z","AccountId":"123456789012",
 *    "AutoScalingGroupARN":"arn:aws:autoscaling:us-east-1:…","AutoScalingGroupName":"web","EC2InstanceId":"i-00cbf3b05ff7ed335","ActivityId":"…",
 *    "StatusCode":"Cancelled","StatusMessage":"Instance failed to …","Cause":"At 2017-…","Details":{"Availability Zone":"us-east-1a"}}
 *   {"Event":"autoscaling:TEST_NOTIFICATION",…}
 *   {"source":"aws.autoscaling","detail-type":"EC2 Instance Launch Unsuccessful","detail":{ the same keys, EC2InstanceId may be "" }}
 *
 * Traps: StatusCode is "InProgress" on notices of success, so success and failure are in the event's name only.
 */
import { commonOf, knownOfEvent } from "../common.ts";
import type { Known } from "../common.ts";
import { instantOf } from "../instant.ts";
import type { AsgActivity, AsgTest, Resources } from "../parsed.ts";
import { listAt, recordAt, textAt, textOf, valueAt } from "../read.ts";
import type { JsonRecord } from "../read.ts";
import { instanceIdOf } from "../resources.ts";
import type { Carried } from "../unwrap.ts";

export function parseAsgMessage(message: JsonRecord, carried: Carried): AsgActivity | AsgTest | null {
  const event = textAt(message, "Event");
  if (event === null || !event.startsWith("autoscaling:")) return null;
  const known = knownOfAsgMessage(message, carried);
  if (event === "autoscaling:TEST_NOTIFICATION") return { cls: "asg_test", event, ...commonOf(known) };
  return activityOf(message, { event, failed: event.endsWith("_ERROR"), known });
}

export function parseAsgEvent(event: JsonRecord, carried: Carried): AsgActivity | null {
  const name = textAt(event, "detail-type");
  const detail = recordAt(event, "detail");
  if (name === null || detail === null) return null;
  return activityOf(detail, {
    event: name,
    failed: / Unsuccessful$/.test(name),
    known: knownOfAsgEvent(event, carried),
  });
}

/** Shared with lifecycle hooks, whose messages have the same head. */
export function knownOfAsgMessage(message: JsonRecord, carried: Carried): Known {
  return {
    carried,
    arn: textAt(message, "AutoScalingGroupARN"),
    accountId: valueAt(message, "AccountId"),
    at: instantOf(valueAt(message, "Time")),
    resources: resourcesOfAsg(message),
  };
}

export function knownOfAsgEvent(event: JsonRecord, carried: Carried): Known {
  const arn = listAt(event, "resources")
    .map(textOf)
    .find((text) => text?.includes(":autoScalingGroup:") === true);
  const detail = recordAt(event, "detail");
  return {
    ...knownOfEvent(event, carried),
    arn: arn ?? null,
    at: instantOf(valueAt(event, "time")),
    resources: detail === null ? {} : resourcesOfAsg(detail),
  };
}

function resourcesOfAsg(message: JsonRecord): Resources {
  const asgName = textAt(message, "AutoScalingGroupName");
  const zone = textAt(recordAt(message, "Details"), "Availability Zone");
  return {
    ...(asgName === null ? {} : { asgName }),
    ...(Object.hasOwn(message, "EC2InstanceId") ? { instanceId: instanceIdOf(textAt(message, "EC2InstanceId")) } : {}),
    ...(zone === null ? {} : { availabilityZone: zone }),
  };
}

function activityOf(message: JsonRecord, head: { event: string; failed: boolean; known: Known }): AsgActivity {
  const { event, failed, known } = head;
  const reason = textAt(message, "StatusMessage") ?? textAt(message, "Cause");
  return {
    cls: "asg_activity",
    event,
    failed,
    ...commonOf({ ...known, reason, incident: failed }),
    activityId: textAt(message, "ActivityId"),
    description: textAt(message, "Description"),
  };
}
