/**
 * The door for SNS over HTTPS: who sent this, to which topic, when? In this order: size, shape, topic, certificate URL, age,
 * certificate, signature; so that nobody can make the bot fetch or compute anything without knowing an allowed topic.
 *
 * The status matters as much as the verdict. SNS never retries a 4xx, so what may be our own or the network's fault is a 503.
 * No URL of a message is ever fetched but the certificate's: a confirmed topic is confirmed through the SDK by the caller.
 */
import { verify as verifySignature } from "node:crypto";
import type { Certificates } from "./certificate.ts";
import { regionOfCertificateUrl } from "./certificateUrl.ts";
import { BODY_BYTES_MAX, isConfirmation, readEnvelope, stringToSign } from "./envelope.ts";
import type { SnsEnvelope } from "./envelope.ts";
import { regionOfArn } from "./region.ts";
import type { Carried } from "./unwrap.ts";

export const refusalCodes = [
  "too-large",
  "malformed",
  "topic",
  "too-old",
  "signature-version",
  "certificate-url",
  "certificate-region",
  "certificate",
  "certificate-expired",
  "certificate-unreachable",
  "signature",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export interface Refusal {
  readonly kind: "refused";
  /** 400 malformed · 403 forged, wrong topic or too old · 413 too large · 503 the certificate cannot be had now. */
  readonly status: 400 | 403 | 413 | 503;
  readonly code: RefusalCode;
  /** For the log: names no secret and repeats nothing of the message. */
  readonly message: string;
}

export interface VerifiedNotification {
  readonly kind: "notification";
  readonly envelope: SnsEnvelope;
  /** The message inside, and what the envelope says: what `parseBody` takes. */
  readonly body: string;
  readonly carried: Pick<Carried, "messageId" | "topicArn" | "subject" | "sentAt">;
  readonly ageMs: number;
  /** Sent so long ago that it may only cause a fresh read. */
  readonly old: boolean;
}

export interface VerifiedConfirmation {
  readonly kind: "subscription" | "unsubscribe";
  readonly topicArn: string;
  /** For ConfirmSubscription. Somebody who has it can confirm: not for the log. */
  readonly token: string;
  readonly messageId: string;
  readonly ageMs: number;
}

export type Verified = VerifiedNotification | VerifiedConfirmation;

export interface VerifierOptions {
  readonly certificates: Certificates;
  /** Exact ARNs. None: everything is refused. */
  readonly allowedTopics: readonly string[];
  readonly now: () => number;
  /** A topic that signs with version 2 should refuse 1, or a forger chooses the weaker one. */
  readonly signatureVersions?: readonly ("1" | "2")[];
  /** From when on a message only causes a fresh read. */
  readonly oldAfterMs?: number;
}

/** SNS retries HTTPS for an hour at most; what is older is a replay. */
export const ENVELOPE_AGE_MS_MAX = 60 * 60 * 1000;
/** Longer than SNS's default retries take (about a minute and a half), shorter than any incident stays the same. */
export const OLD_AFTER_MS = 5 * 60 * 1000;

const DIGEST_OF_VERSION = new Map([
  ["1", "RSA-SHA1"],
  ["2", "RSA-SHA256"],
]);

/** Judges one request body. Never throws, never changes its input. */
export type VerifyEnvelope = (body: string | Uint8Array) => Promise<Verified | Refusal>;

export function createVerifier(options: VerifierOptions): VerifyEnvelope {
  const versions = new Set<string>(options.signatureVersions ?? ["1", "2"]);
  const topics = new Set(options.allowedTopics);

  return async (body) => {
    const now = options.now();
    if ((typeof body === "string" ? Buffer.byteLength(body) : body.byteLength) > BODY_BYTES_MAX) {
      return refusal(413, "too-large", `The body is larger than ${String(BODY_BYTES_MAX)} bytes.`);
    }
    const read = readEnvelope(typeof body === "string" ? body : Buffer.from(body).toString("utf8"));
    if (read.kind === "malformed") return refusal(400, "malformed", read.message);
    const { envelope, sentAt } = read;
    const ageMs = now - sentAt;
    const unfit = refuseUnseen({ envelope, ageMs, topics, versions });
    if (unfit !== null) return unfit;
    const found = await options.certificates.keyFor(envelope.SigningCertURL, now);
    if (found.kind === "unreachable") return refusal(503, "certificate-unreachable", found.message);
    if (found.kind === "refused") return refusal(403, found.code, found.message);
    const digest = DIGEST_OF_VERSION.get(envelope.SignatureVersion) ?? "";
    const signature = Buffer.from(envelope.Signature, "base64");
    if (!verifySignature(digest, Buffer.from(stringToSign(envelope), "utf8"), found.key, signature)) {
      return refusal(403, "signature", "The signature does not fit the message.");
    }
    return accepted(envelope, { sentAt, ageMs, old: ageMs > (options.oldAfterMs ?? OLD_AFTER_MS) });
  };
}

interface Unseen {
  readonly envelope: SnsEnvelope;
  readonly ageMs: number;
  readonly topics: ReadonlySet<string>;
  readonly versions: ReadonlySet<string>;
}

/** Everything that can be refused before a certificate is looked at. */
function refuseUnseen({ envelope, ageMs, topics, versions }: Unseen): Refusal | null {
  if (!topics.has(envelope.TopicArn)) return refusal(403, "topic", "The topic is not in MEDIC_TOPIC_ARNS.");
  if (!versions.has(envelope.SignatureVersion)) {
    return refusal(403, "signature-version", `Signature versions accepted here: ${[...versions].join(", ")}.`);
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(envelope.Signature))
    return refusal(400, "malformed", "The signature is no base64.");
  const region = regionOfCertificateUrl(envelope.SigningCertURL);
  if (region === null) return refusal(403, "certificate-url", "The certificate's URL is not one of SNS's.");
  if (region !== regionOfArn(envelope.TopicArn)) {
    return refusal(403, "certificate-region", "The certificate is of another region than the topic.");
  }
  if (ageMs > ENVELOPE_AGE_MS_MAX) {
    return refusal(403, "too-old", `Sent ${String(Math.round(ageMs / 60_000))} min ago; at most 60 min are accepted.`);
  }
  return null;
}

function accepted(envelope: SnsEnvelope, when: { sentAt: number; ageMs: number; old: boolean }): Verified {
  if (isConfirmation(envelope)) {
    return {
      kind: envelope.Type === "SubscriptionConfirmation" ? "subscription" : "unsubscribe",
      topicArn: envelope.TopicArn,
      token: envelope.Token,
      messageId: envelope.MessageId,
      ageMs: when.ageMs,
    };
  }
  return {
    kind: "notification",
    envelope,
    body: envelope.Message,
    carried: {
      messageId: envelope.MessageId,
      topicArn: envelope.TopicArn,
      subject: envelope.Subject ?? null,
      sentAt: when.sentAt,
    },
    ageMs: when.ageMs,
    old: when.old,
  };
}

function refusal(status: Refusal["status"], code: RefusalCode, message: string): Refusal {
  return { kind: "refused", status, code, message };
}
