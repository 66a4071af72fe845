/** Finds the parser for one unwrapped message. Total: what no parser wants is an `unrecognised_*`, and nothing throws. */
import type { Parsed } from "./parsed.ts";
import { parseAlarmAction, parseAlarmConfigChange, parseAlarmEvent } from "./parsers/alarmEvent.ts";
import { parseAlarmMessage } from "./parsers/alarmMessage.ts";
import { parseAsgEvent, parseAsgMessage } from "./parsers/autoScaling.ts";
import { parseCanary } from "./parsers/canary.ts";
import { parseConfirmation } from "./parsers/confirmation.ts";
import { parseEbs } from "./parsers/ebs.ts";
import { parseEc2State, parseRebalance, parseSpotInterruption } from "./parsers/ec2.ts";
import { parseHealth } from "./parsers/health.ts";
import { parseInstanceRefresh } from "./parsers/instanceRefresh.ts";
import { parseHookEvent, parseHookMessage } from "./parsers/lifecycleHook.ts";
import { unrecognisedEvent, unrecognisedJson, unrecognisedText } from "./parsers/unrecognised.ts";
import { isRecord, textAt } from "./read.ts";
import type { JsonRecord } from "./read.ts";
import { unwrap, unwrapBody } from "./unwrap.ts";
import type { Carried, Unwrapped } from "./unwrap.ts";

type EventParser = (event: JsonRecord, carried: Carried) => Parsed | null;

/** `detail-type` → parser. */
const EVENT_PARSERS = new Map<string, EventParser>([
  ["CloudWatch Alarm State Change", parseAlarmEvent],
  ["CloudWatch Alarm Contributor State Change", parseAlarmEvent],
  ["CloudWatch Alarm Configuration Change", parseAlarmConfigChange],
  ["EC2 Instance State-change Notification", parseEc2State],
  ["EC2 Spot Instance Interruption Warning", parseSpotInterruption],
  ["EC2 Instance Rebalance Recommendation", parseRebalance],
  ["EC2 Instance Launch Successful", parseAsgEvent],
  ["EC2 Instance Launch Unsuccessful", parseAsgEvent],
  ["EC2 Instance Terminate Successful", parseAsgEvent],
  ["EC2 Instance Terminate Unsuccessful", parseAsgEvent],
  ["EC2 Instance-launch Lifecycle Action", parseHookEvent],
  ["EC2 Instance-terminate Lifecycle Action", parseHookEvent],
  ["AWS Health Event", parseHealth],
  ["AWS Health Abuse Event", parseHealth],
]);

/** Families whose last words vary: Started, Succeeded, Failed, Cancelled, Rollback …; volume, snapshot, …; test run, status. */
const EVENT_FAMILIES: readonly (readonly [string, EventParser])[] = [
  ["EC2 Auto Scaling Instance Refresh ", parseInstanceRefresh],
  ["EBS ", parseEbs],
  ["Synthetics Canary ", parseCanary],
];

/** Every message in a text of any envelope, parsed; at least one, in the text's order. */
export function parseText(text: string): readonly Parsed[] {
  return unwrap(text).map(parseMessage);
}

/** The messages in one body whose envelope is already known (verified HTTP, a queue's message). */
export function parseBody(body: string, carried: Partial<Carried>): readonly Parsed[] {
  return unwrapBody(body, carried).map(parseMessage);
}

export function parseMessage({ carried, content }: Unwrapped): Parsed {
  switch (content.kind) {
    case "confirmation":
      return parseConfirmation(content.type, content.token, carried);
    case "text":
      return unrecognisedText(content.text, carried);
    case "json": {
      if (!isRecord(content.value)) return unrecognisedJson(content.text, carried);
      const detailType = textAt(content.value, "detail-type");
      if (detailType === null) return parseRecord(content.value, carried) ?? unrecognisedJson(content.text, carried);
      return parseEvent(content.value, detailType, carried) ?? unrecognisedEvent(content.value, content.text, carried);
    }
  }
}

/** AWS's own events only: anybody with PutEvents may send the same `detail-type` under a source of their own. */
function parseEvent(event: JsonRecord, detailType: string, carried: Carried): Parsed | null {
  const source = textAt(event, "source");
  if (source !== null && !source.startsWith("aws.")) return null;
  const family = EVENT_FAMILIES.find(([beginning]) => detailType.startsWith(beginning));
  const parser = EVENT_PARSERS.get(detailType) ?? family?.[1];
  return parser?.(event, carried) ?? null;
}

function parseRecord(message: JsonRecord, carried: Carried): Parsed | null {
  return (
    parseAlarmMessage(message, carried) ??
    parseAlarmAction(message, carried) ??
    parseHookMessage(message, carried) ??
    parseAsgMessage(message, carried)
  );
}
