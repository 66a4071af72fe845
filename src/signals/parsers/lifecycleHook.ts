/**
 * An Auto Scaling group waits for an answer before it launches or terminates an instance. The answer needs group, hook, token.
 *
 *   {"LifecycleTransition":"autoscaling:EC2_INSTANCE_TERMINATING","LifecycleHookName":"drain","LifecycleActionToken":"465e0162-…",
 *    "AutoScalingGroupName":"web","EC2InstanceId":"i-05629ab7d9287e205","Time":"2024-03-23T03:26:43.904Z","AccountId":"123456789012",
 *    "NotificationMetadata":"…","Origin":"AutoScalingGroup","Destination":"EC2"}
 *   {"source":"aws.autoscaling","detail-type":"EC2 Instance-launch Lifecycle Action","detail":{ the same keys }}
 *
 * Traps: no AutoScalingGroupARN, so the region is the topic's or the queue's; the subject may name another instance; names may hold `$`.
 */
import { commonOf } from "../common.ts";
import type { Known } from "../common.ts";
import type { LifecycleHook } from "../parsed.ts";
import { recordAt, textAt } from "../read.ts";
import type { JsonRecord } from "../read.ts";
import type { Carried } from "../unwrap.ts";
import { knownOfAsgEvent, knownOfAsgMessage } from "./autoScaling.ts";

export function parseHookMessage(message: JsonRecord, carried: Carried): LifecycleHook | null {
  return hookOf(message, knownOfAsgMessage(message, carried));
}

export function parseHookEvent(event: JsonRecord, carried: Carried): LifecycleHook | null {
  const detail = recordAt(event, "detail");
  return detail === null ? null : hookOf(detail, knownOfAsgEvent(event, carried));
}

function hookOf(message: JsonRecord, known: Known): LifecycleHook | null {
  const transition = textAt(message, "LifecycleTransition");
  if (transition === null) return null;
  return {
    cls: "lifecycle_hook",
    transition,
    hook: textAt(message, "LifecycleHookName"),
    token: textAt(message, "LifecycleActionToken"),
    metadata: textAt(message, "NotificationMetadata"),
    ...commonOf({ ...known, incident: true }),
    origin: textAt(message, "Origin"),
    destination: textAt(message, "Destination"),
  };
}
