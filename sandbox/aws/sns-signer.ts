/**
 * Plays SNS's signing side for the sandbox and the tests: a key and a certificate of its own, and envelopes signed as SNS signs
 * them, version 1 (SHA-1) or 2 (SHA-256). The bot's verifier runs unchanged; only where it fetches the certificate is handed to it.
 *
 * The string to sign is written down here a second time on purpose: a mistake in the verifier's must not be signed along.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

export type SignatureVersion = "1" | "2";

export interface SnsSignerOptions {
  /** PKCS #8 PEM. Given: certificate and signatures are the same every time. Not given: a new key of 2,048 bits. */
  readonly privateKeyPem?: string;
  /** Epoch ms. */
  readonly validFrom: number;
  readonly validTo: number;
  /** `sns.amazonaws.com` unless a test wants a wrong name. */
  readonly commonName?: string;
  /** The common name alone unless given. */
  readonly alternativeNames?: readonly string[];
}

/** Without signature, as a JSON object: all values are text. */
export type UnsignedEnvelope = Readonly<Record<string, string>> & { readonly Type: string; readonly TopicArn: string };
export type SignedEnvelope = Readonly<Record<string, string>>;

export interface NotificationInput {
  readonly topicArn: string;
  readonly messageId: string;
  readonly message: string;
  /** Epoch ms. */
  readonly at: number;
  readonly subject?: string;
}

export interface SnsSigner {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Where SNS would keep this certificate in a region. */
  readonly certificateUrl: (region: string) => string;
  readonly signEnvelope: (envelope: UnsignedEnvelope, version: SignatureVersion) => SignedEnvelope;
  readonly notification: (input: NotificationInput, version?: SignatureVersion) => SignedEnvelope;
  readonly confirmation: (
    type: "SubscriptionConfirmation" | "UnsubscribeConfirmation",
    input: Omit<NotificationInput, "subject" | "message"> & { readonly token: string },
    version?: SignatureVersion,
  ) => SignedEnvelope;
  /** Hand this to the verifier: answers with the certificate for its own URLs, 404 for all others. */
  readonly fetchCertificate: (url: string) => Promise<{ readonly status: number; readonly body: string }>;
}

/** 32 letters like SNS's own file names; the sandbox has one certificate for all regions. */
const CERTIFICATE_FILE = "SimpleNotificationService-5a4db05a4db05a4db05a4db05a4db05a.pem";

export function createSnsSigner(options: SnsSignerOptions): SnsSigner {
  const privateKey =
    options.privateKeyPem === undefined
      ? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
      : createPrivateKey(options.privateKeyPem);
  const commonName = options.commonName ?? "sns.amazonaws.com";
  const certificatePem = pemOf(
    certificateDer(privateKey, {
      commonName,
      alternativeNames: options.alternativeNames ?? [commonName],
      validFrom: options.validFrom,
      validTo: options.validTo,
    }),
  );

  const signEnvelope: SnsSigner["signEnvelope"] = (envelope, version) => {
    const region = envelope.TopicArn.split(":")[3] ?? "us-east-1";
    const digest = version === "1" ? "RSA-SHA1" : "RSA-SHA256";
    return {
      ...envelope,
      SignatureVersion: version,
      Signature: sign(digest, Buffer.from(signedText(envelope), "utf8"), privateKey).toString("base64"),
      SigningCertURL: certificateUrl(region),
    };
  };

  return {
    certificatePem,
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificateUrl,
    signEnvelope,
    notification: (input, version = "2") =>
      signEnvelope(
        {
          Type: "Notification",
          MessageId: input.messageId,
          TopicArn: input.topicArn,
          ...(input.subject === undefined ? {} : { Subject: input.subject }),
          Message: input.message,
          Timestamp: new Date(input.at).toISOString(),
        },
        version,
      ),
    confirmation: (type, input, version = "2") => signEnvelope(confirmationOf(type, input), version),
    fetchCertificate: async (url) =>
      url.endsWith(`/${CERTIFICATE_FILE}`) ? { status: 200, body: certificatePem } : { status: 404, body: "Not Found" },
  };
}

function certificateUrl(region: string): string {
  const suffix = region.startsWith("cn-") ? "com.cn" : "com";
  return `https://sns.${region}.amazonaws.${suffix}/${CERTIFICATE_FILE}`;
}

function confirmationOf(
  type: "SubscriptionConfirmation" | "UnsubscribeConfirmation",
  input: Omit<NotificationInput, "subject" | "message"> & { readonly token: string },
): UnsignedEnvelope {
  const region = input.topicArn.split(":")[3] ?? "us-east-1";
  const verb = type === "SubscriptionConfirmation" ? "subscribe to" : "deactivate your subscription to";
  return {
    Type: type,
    MessageId: input.messageId,
    Token: input.token,
    TopicArn: input.topicArn,
    Message: `You have chosen to ${verb} the topic ${input.topicArn}.`,
    SubscribeURL: `https://sns.${region}.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${input.topicArn}&Token=${input.token}`,
    Timestamp: new Date(input.at).toISOString(),
  };
}

function signedText(envelope: UnsignedEnvelope): string {
  const keys =
    envelope.Type === "Notification"
      ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
      : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
  let text = "";
  for (const key of keys) if (envelope[key] !== undefined) text += `${key}\n${envelope[key]}\n`;
  return text;
}

interface CertificateContent {
  readonly commonName: string;
  readonly alternativeNames: readonly string[];
  readonly validFrom: number;
  readonly validTo: number;
}

/** A self-signed X.509 v3 certificate. Only what these few fields need of DER is written here, instead of a package. */
function certificateDer(privateKey: KeyObject, content: CertificateContent): Buffer {
  const sha256WithRsa = sequence(objectId(1, 2, 840, 113549, 1, 1, 11), der(0x05, Buffer.alloc(0)));
  const name = sequence(der(0x31, sequence(objectId(2, 5, 4, 3), der(0x0c, Buffer.from(content.commonName, "utf8")))));
  const alternatives = content.alternativeNames.map((text) => der(0x82, Buffer.from(text, "ascii")));
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    sha256WithRsa,
    name,
    sequence(time(content.validFrom), time(content.validTo)),
    name,
    publicKey,
    der(
      0xa3,
      sequence(
        extension(objectId(2, 5, 29, 17), sequence(...alternatives)),
        extension(objectId(2, 5, 29, 19), sequence()),
      ),
    ),
  );
  const signature = sign("RSA-SHA256", toBeSigned, privateKey);
  return sequence(toBeSigned, sha256WithRsa, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
}

function pemOf(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function der(tag: number, value: Buffer): Buffer {
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), value]);
  const size: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256);
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length, ...size]), value]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function extension(id: Buffer, value: Buffer): Buffer {
  return sequence(id, der(0x04, value));
}

function objectId(first: number, second: number, ...others: readonly number[]): Buffer {
  const bytes = [first * 40 + second];
  for (const arc of others) {
    const groups = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) groups.unshift((rest % 128) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

/** Two digits of year until 2049, four from then on, as X.509 wants it. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, "");
  const short = Number(digits.slice(0, 4)) < 2050;
  return der(short ? 0x17 : 0x18, Buffer.from(short ? digits.slice(2) : digits, "ascii"));
}
