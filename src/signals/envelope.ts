/**
 * The SNS envelope as it arrives over HTTPS, checked for shape only. It becomes trustworthy in verify.ts.
 *
 *   {"Type":"Notification","MessageId":"…","TopicArn":"arn:aws:sns:eu-west-1:123456789012:alarms","Subject":"…","Message":"…",
 *    "Timestamp":"2026-03-06T19:53:21.424Z","SignatureVersion":"2","Signature":"…base64…",
 *    "SigningCertURL":"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-….pem","UnsubscribeURL":"…"}
 */
import { z } from "zod";
import { instantOf } from "./instant.ts";

/**
 * Largest body that is read. SNS carries 256 KiB of message; as JSON inside JSON each byte may need a backslash, so twice that,
 * and 16 KiB for the rest of the envelope.
 */
export const BODY_BYTES_MAX = 2 * 256 * 1024 + 16 * 1024;

const text = z.string().min(1);

/** Keys that are not named (MessageAttributes, UnsubscribeURL) are not signed and therefore not even kept. */
const signed = z.object({
  MessageId: text.max(100),
  TopicArn: text.max(512),
  Message: z.string(),
  Timestamp: text.max(64),
  SignatureVersion: text.max(8),
  Signature: text.max(2_048),
  SigningCertURL: text.max(512),
});

const notification = signed.extend({
  Type: z.literal("Notification"),
  // The HTTP form leaves the key out, Lambda's form says null. An empty subject is signed as one.
  Subject: z.string().nullish(),
});

const confirmation = signed.extend({
  Type: z.enum(["SubscriptionConfirmation", "UnsubscribeConfirmation"]),
  SubscribeURL: text.max(2_048),
  Token: text.max(2_048),
});

const envelopeShape = z.discriminatedUnion("Type", [notification, confirmation]);

export type SnsEnvelope = Readonly<z.infer<typeof envelopeShape>>;
export type SnsConfirmation = Extract<SnsEnvelope, { Token: string }>;

export type ReadEnvelope =
  | { readonly kind: "envelope"; readonly envelope: SnsEnvelope; readonly sentAt: number }
  | { readonly kind: "malformed"; readonly message: string };

/** Reads the body once; signed values are the decoded strings, never parts of the raw text. */
export function readEnvelope(body: string): ReadEnvelope {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return {
      kind: "malformed",
      message: "The body is no JSON; SNS sends JSON unless raw delivery is on, which HTTPS cannot use.",
    };
  }
  const read = envelopeShape.safeParse(withHttpSpelling(value));
  if (!read.success) {
    const [issue] = read.error.issues;
    const path = issue?.path.map(String).join(".") ?? "";
    return {
      kind: "malformed",
      message: `The envelope is not SNS's: ${path || "body"}: ${issue?.message ?? "wrong shape"}.`,
    };
  }
  const sentAt = instantOf(read.data.Timestamp);
  if (sentAt === null) return { kind: "malformed", message: "The envelope's Timestamp is no time." };
  return { kind: "envelope", envelope: read.data, sentAt };
}

export function isConfirmation(envelope: SnsEnvelope): envelope is SnsConfirmation {
  return envelope.Type !== "Notification";
}

/**
 * Exactly what SNS signs: each key and each value on a line of its own, the last one too; keys in this order; a subject only
 * when there is one; both confirmations with their URL and token.
 */
export function stringToSign(envelope: SnsEnvelope): string {
  const pairs: readonly (readonly [string, string | null | undefined])[] = isConfirmation(envelope)
    ? [
        ["Message", envelope.Message],
        ["MessageId", envelope.MessageId],
        ["SubscribeURL", envelope.SubscribeURL],
        ["Timestamp", envelope.Timestamp],
        ["Token", envelope.Token],
        ["TopicArn", envelope.TopicArn],
        ["Type", envelope.Type],
      ]
    : [
        ["Message", envelope.Message],
        ["MessageId", envelope.MessageId],
        ["Subject", envelope.Subject],
        ["Timestamp", envelope.Timestamp],
        ["TopicArn", envelope.TopicArn],
        ["Type", envelope.Type],
      ];
  return pairs.map(([key, value]) => (value === null || value === undefined ? "" : `${key}\n${value}\n`)).join("");
}

/** Lambda's form spells SigningCertUrl. The input is not changed. */
function withHttpSpelling(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.hasOwn(value, "SigningCertURL")) return value;
  if (!Object.hasOwn(value, "SigningCertUrl")) return value;
  return { ...value, SigningCertURL: (value as Record<string, unknown>)["SigningCertUrl"] };
}
