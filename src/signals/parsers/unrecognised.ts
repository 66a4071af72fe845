/**
 * Everything else: text (Elastic Beanstalk, CloudFormation's KEY='value' lines), JSON of unknown make, EventBridge events of other
 * services (GuardDuty). It is kept and listed, never dropped, and free text is not searched for instance ids.
 *
 *   "Timestamp: Sun Jul 24 20:37:10 UTC 2016\nMessage: Environment health has transitioned from Ok to Degraded. …"
 *   {"detail-type":"GuardDuty Finding","region":"us-gov-east-1","detail":{"title":"… EC2 instance i-123123123 is being probed"}}
 */
import { commonOf, knownOfEvent } from "../common.ts";
import { instantOf } from "../instant.ts";
import type { Unrecognised } from "../parsed.ts";
import { textAt, valueAt } from "../read.ts";
import type { JsonRecord } from "../read.ts";
import type { Carried } from "../unwrap.ts";

/** Enough for a person to see what it is. */
const EXCERPT_LENGTH_MAX = 300;

export function unrecognisedText(text: string, carried: Carried): Unrecognised {
  return { cls: "unrecognised_text", event: null, excerpt: excerptOf(text), ...commonOf({ carried }) };
}

export function unrecognisedJson(text: string, carried: Carried): Unrecognised {
  return { cls: "unrecognised_json", event: null, excerpt: excerptOf(text), ...commonOf({ carried }) };
}

export function unrecognisedEvent(event: JsonRecord, text: string, carried: Carried): Unrecognised {
  return {
    cls: "unrecognised_event",
    event: textAt(event, "detail-type"),
    excerpt: excerptOf(text),
    ...commonOf({ ...knownOfEvent(event, carried), at: instantOf(valueAt(event, "time")) }),
  };
}

function excerptOf(text: string): string {
  return text.slice(0, EXCERPT_LENGTH_MAX).replace(/\s+/g, " ").trim();
}
