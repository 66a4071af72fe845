/** The fields that every message has, filled in the order of trust: the event's own words before those of its envelopes. */
import { accountIdOf, arnOf } from "./arn.ts";
import { textAt } from "./read.ts";
import type { JsonRecord } from "./read.ts";
import type { IncidentHint, ParsedCommon, Resources } from "./parsed.ts";
import { isRegionCode, regionOfArn, regionOfDisplayName } from "./region.ts";
import type { Carried } from "./unwrap.ts";

/** What a parser knows about the common fields. Whatever is missing comes from the envelopes. */
export interface Known {
  readonly carried: Carried;
  /** The ARN of the thing itself (alarm, group): the best source of region and account. */
  readonly arn?: string | null;
  /** EventBridge's own `region`. */
  readonly eventRegion?: string | null;
  /** Code or display name. */
  readonly displayName?: string | null;
  readonly accountId?: unknown;
  readonly at?: number | null;
  readonly reason?: string | null;
  readonly resources?: Resources;
  readonly incident?: IncidentHint;
  readonly eventId?: string | null;
}

/** Region: ARN, EventBridge, topic, code or display name, queue. Nothing known: null. */
export function commonOf(known: Known): ParsedCommon {
  const { carried } = known;
  return {
    region:
      regionOfArn(known.arn ?? null) ??
      (isRegionCode(known.eventRegion ?? null) ? (known.eventRegion ?? null) : null) ??
      regionOfArn(carried.topicArn) ??
      regionOfDisplayName(known.displayName ?? null) ??
      carried.queueRegion,
    accountId:
      accountIdOf(known.accountId) ??
      accountIdOf(arnOf(known.arn ?? null)?.accountId) ??
      accountIdOf(arnOf(carried.topicArn)?.accountId) ??
      carried.queueAccountId,
    at: known.at ?? carried.sentAt,
    reason: known.reason ?? null,
    resources: known.resources ?? {},
    incident: known.incident ?? false,
    messageId: carried.messageId,
    sqsMessageId: carried.sqsMessageId,
    topicArn: carried.topicArn,
    subject: carried.subject,
    sentAt: carried.sentAt,
    eventId: known.eventId ?? null,
  };
}

/** The head that all EventBridge events share. */
export function knownOfEvent(
  event: JsonRecord,
  carried: Carried,
): Pick<Known, "carried" | "eventRegion" | "accountId" | "eventId"> {
  return {
    carried,
    eventRegion: textAt(event, "region"),
    accountId: event["account"],
    eventId: textAt(event, "id"),
  };
}
