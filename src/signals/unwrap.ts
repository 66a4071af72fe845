/**
 * Takes the envelopes off: SNS over HTTP, SNS in SQS, the output of ReceiveMessage, Lambda's `Records`, an HTTP event of a
 * gateway, and any of these inside each other, with or without `Type`. What is left is one message and what its envelopes said.
 *
 *   {"Records":[{"messageId":"…","body":"{\"Type\":\"Notification\",\"Message\":\"{\\\"AlarmName\\\":…"}]}
 */
import { accountIdOf, arnOf } from "./arn.ts";
import { instantOf } from "./instant.ts";
import { isRecord, jsonOf, listAt, recordAt, textAt, textAtAny, textOf, valueAt } from "./read.ts";
import type { JsonRecord } from "./read.ts";
import { isRegionCode } from "./region.ts";

/** What the envelopes said about the message. */
export interface Carried {
  readonly messageId: string | null;
  readonly topicArn: string | null;
  readonly subject: string | null;
  readonly sentAt: number | null;
  readonly sqsMessageId: string | null;
  /** Region and account of the queue: the last resort when neither message nor topic says them. */
  readonly queueRegion: string | null;
  readonly queueAccountId: string | null;
}

export type Content =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "json"; readonly value: unknown; readonly text: string }
  | { readonly kind: "confirmation"; readonly type: "subscription" | "unsubscribe"; readonly token: string | null };

export interface Unwrapped {
  readonly carried: Carried;
  readonly content: Content;
}

/** Envelopes inside envelopes: three are normal (Lambda, SQS, SNS), nobody sends eight. */
const DEPTH_MAX = 8;
/** Lambda hands over at most 10,000 records; more in one text is not a delivery. */
const MESSAGES_MAX = 10_000;

const NOTHING_CARRIED: Carried = {
  messageId: null,
  topicArn: null,
  subject: null,
  sentAt: null,
  sqsMessageId: null,
  queueRegion: null,
  queueAccountId: null,
};

interface Walk {
  readonly found: Unwrapped[];
}

/** Every message in a text, in its order; at least one. */
export function unwrap(text: string): readonly Unwrapped[] {
  const walk: Walk = { found: [] };
  const at: At = { carried: NOTHING_CARRIED, depth: 0 };
  const clean = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const value = jsonOf(clean);
  const lines = value === undefined ? jsonLines(clean) : null;
  const list = lines ?? (Array.isArray(value) && value.length > 0 && value.every(isRecord) ? value : null);
  if (list === null) unwrapRead(walk, { text: clean, value }, at);
  else for (const entry of list.slice(0, MESSAGES_MAX)) unwrapValue(walk, entry, at);
  return walk.found;
}

/** A message body that came by itself: what the SQS door and the verified HTTP door hand over. */
export function unwrapBody(body: string, carried: Partial<Carried>): readonly Unwrapped[] {
  const walk: Walk = { found: [] };
  unwrapText(walk, body, { carried: { ...NOTHING_CARRIED, ...carried }, depth: 0 });
  return walk.found;
}

interface At {
  readonly carried: Carried;
  readonly depth: number;
}

function unwrapText(walk: Walk, text: string, at: At): void {
  unwrapRead(walk, { text, value: jsonOf(text) }, at);
}

/** `value` is what JSON makes of the text, undefined when it is none. */
function unwrapRead(walk: Walk, { text, value }: { text: string; value: unknown }, at: At): void {
  if (typeof value === "string" && /^\s*[[{]/.test(value) && at.depth < DEPTH_MAX) {
    unwrapText(walk, value, { ...at, depth: at.depth + 1 });
  } else if (isRecord(value) || Array.isArray(value)) {
    unwrapValue(walk, value, at, text);
  } else {
    walk.found.push({ carried: at.carried, content: { kind: "text", text } });
  }
}

function unwrapValue(walk: Walk, value: unknown, at: At, text = ""): void {
  const inside = at.depth < DEPTH_MAX && isRecord(value) && walk.found.length < MESSAGES_MAX;
  if (inside && openEnvelope(walk, value, at)) return;
  walk.found.push({ carried: at.carried, content: { kind: "json", value, text } });
}

/** True when the value was an envelope and has been opened. */
function openEnvelope(walk: Walk, value: JsonRecord, at: At): boolean {
  const records = listAt(value, "Records");
  if (records.some(isLambdaRecord)) {
    for (const record of records.slice(0, MESSAGES_MAX)) unwrapValue(walk, record, { ...at, depth: at.depth + 1 });
    return true;
  }
  const messages = listAt(value, "Messages");
  if (messages.some(isSqsMessage)) {
    for (const message of messages.slice(0, MESSAGES_MAX)) unwrapValue(walk, message, { ...at, depth: at.depth + 1 });
    return true;
  }
  const sns = recordAt(value, "Sns");
  if (sns !== null && isPayload(valueAt(sns, "Message"))) return openSns(walk, sns, at);
  if (isSqsMessage(value)) return openSqs(walk, value, at);
  if (isHttpEvent(value)) return openHttp(walk, value, at);
  return isSnsEnvelope(value) && openSns(walk, value, at);
}

function openSns(walk: Walk, envelope: JsonRecord, at: At): boolean {
  const carried: Carried = {
    ...at.carried,
    messageId: textAt(envelope, "MessageId") ?? at.carried.messageId,
    topicArn: textAt(envelope, "TopicArn") ?? at.carried.topicArn,
    subject: textAt(envelope, "Subject"),
    sentAt: instantOf(valueAt(envelope, "Timestamp")) ?? at.carried.sentAt,
  };
  const type = confirmationType(envelope);
  if (type !== null) {
    walk.found.push({ carried, content: { kind: "confirmation", type, token: textAt(envelope, "Token") } });
    return true;
  }
  openPayload(walk, valueAt(envelope, "Message"), { carried, depth: at.depth + 1 });
  return true;
}

function openSqs(walk: Walk, message: JsonRecord, at: At): boolean {
  const queue = arnOf(textAtAny(message, ["eventSourceARN", "EventSourceARN"]));
  const region = textAt(message, "awsRegion") ?? queue?.region ?? null;
  const sentAt = valueAt(recordAt(message, "attributes") ?? recordAt(message, "Attributes"), "SentTimestamp");
  const carried: Carried = {
    ...at.carried,
    sqsMessageId: textAtAny(message, ["messageId", "MessageId"]),
    queueRegion: isRegionCode(region) ? region : null,
    queueAccountId: accountIdOf(queue?.accountId),
    sentAt: at.carried.sentAt ?? instantOf(sentAt),
  };
  openPayload(walk, valueAt(message, "body") ?? valueAt(message, "Body"), { carried, depth: at.depth + 1 });
  return true;
}

function openHttp(walk: Walk, event: JsonRecord, at: At): boolean {
  const body = textOf(valueAt(event, "body")) === null ? "" : String(valueAt(event, "body"));
  const text = valueAt(event, "isBase64Encoded") === true ? Buffer.from(body, "base64").toString("utf8") : body;
  unwrapText(walk, text, { ...at, depth: at.depth + 1 });
  return true;
}

/** Payloads are text on the wire; people who paste messages into files often have them parsed already. */
function openPayload(walk: Walk, payload: unknown, at: At): void {
  if (typeof payload === "string") unwrapText(walk, payload, at);
  else unwrapValue(walk, payload, at);
}

function confirmationType(envelope: JsonRecord): "subscription" | "unsubscribe" | null {
  const type = textAt(envelope, "Type");
  if (type === "SubscriptionConfirmation") return "subscription";
  if (type === "UnsubscribeConfirmation") return "unsubscribe";
  if (type !== null || textAt(envelope, "SubscribeURL") === null || textAt(envelope, "Token") === null) return null;
  return /\bdeactivate\b/.test(textAt(envelope, "Message") ?? "") ? "unsubscribe" : "subscription";
}

/** `Type` may be missing; then the topic, or an id with a time, must be there, so that an application's own JSON stays whole. */
function isSnsEnvelope(value: JsonRecord): boolean {
  if (!isPayload(valueAt(value, "Message"))) return false;
  const type = textAt(value, "Type");
  if (type !== null) return ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"].includes(type);
  const topic = arnOf(textAt(value, "TopicArn"));
  return topic?.service === "sns" || (textAt(value, "MessageId") !== null && textAt(value, "Timestamp") !== null);
}

function isPayload(value: unknown): boolean {
  return typeof value === "string" || isRecord(value);
}

function isLambdaRecord(value: unknown): boolean {
  return isRecord(value) && (recordAt(value, "Sns") !== null || isSqsMessage(value));
}

function isSqsMessage(value: unknown): boolean {
  if (!isRecord(value)) return false;
  if (!isPayload(valueAt(value, "body") ?? valueAt(value, "Body"))) return false;
  return (
    textAtAny(value, ["receiptHandle", "ReceiptHandle", "messageId", "MessageId", "md5OfBody", "MD5OfBody"]) !== null
  );
}

function isHttpEvent(value: JsonRecord): boolean {
  return (
    typeof valueAt(value, "body") === "string" &&
    (recordAt(value, "requestContext") ?? recordAt(value, "headers")) !== null
  );
}

/** One JSON object a line, two or more; anything else is no list. */
function jsonLines(text: string): readonly JsonRecord[] | null {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length < 2 || !lines[0]?.trimStart().startsWith("{")) return null;
  const values: JsonRecord[] = [];
  for (const line of lines) {
    const value = jsonOf(line);
    if (!isRecord(value)) return null;
    values.push(value);
  }
  return values;
}
