/** Who may ring at the SNS door: genuine messages and our own pass; every forged or malformed one is refused with its status and code. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { createSnsSigner } from "../../sandbox/aws/sns-signer.ts";
import type { SignedEnvelope, SnsSigner } from "../../sandbox/aws/sns-signer.ts";
import { CERTIFICATE_BYTES_MAX, createCertificates } from "../../src/signals/certificate.ts";
import type { FetchCertificate } from "../../src/signals/certificate.ts";
import { BODY_BYTES_MAX } from "../../src/signals/envelope.ts";
import { createVerifier } from "../../src/signals/verify.ts";
import type { Refusal, Verified, VerifierOptions } from "../../src/signals/verify.ts";

const NOW = Date.UTC(2026, 10, 21, 4, 0, 0);
const DAY_MS = 24 * 60 * 60 * 1000;
const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms";
const never = (): AbortSignal => new AbortController().signal;

let signer: SnsSigner;
let stranger: SnsSigner;
beforeAll(() => {
  signer = createSnsSigner({ validFrom: NOW - DAY_MS, validTo: NOW + DAY_MS });
  stranger = createSnsSigner({ validFrom: NOW - DAY_MS, validTo: NOW + DAY_MS });
});

function notificationAt(
  at: number,
  more: { subject?: string; message?: string; topicArn?: string } = {},
): SignedEnvelope {
  return signer.notification({ topicArn: TOPIC, messageId: "m-1", message: '{"AlarmName":"ünïcode\\n"}', at, ...more });
}

interface Door extends Partial<VerifierOptions> {
  fetchCertificate?: FetchCertificate;
}

function verify(body: unknown, door: Door = {}): Promise<Verified | Refusal> {
  const { fetchCertificate = signer.fetchCertificate, ...options } = door;
  const verifier = createVerifier({
    certificates: createCertificates({ fetchCertificate, abortAfter: never }),
    allowedTopics: [TOPIC],
    now: () => NOW,
    ...options,
  });
  return verifier(typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body));
}

describe("what is genuine passes", () => {
  const genuine = new URL("./genuine/", import.meta.url);
  const read = (name: string): string => readFileSync(new URL(name, genuine), "utf8");
  test.each([
    ["notification-v1.json", "cert-2022.pem", "notification"],
    ["notification-v2.json", "cert-2022.pem", "notification"],
    ["notification-v1-with-subject.json", "cert-2026.pem", "notification"],
    ["subscription-v1.json", "cert-2026.pem", "subscription"],
    ["unsubscribe-v2.json", "cert-2026.pem", "unsubscribe"],
  ])("AWS's own %s verifies with its own certificate", async (file, certificate, kind) => {
    const body = read(file);
    const envelope = JSON.parse(body) as Record<string, string>;
    const door: Door = {
      allowedTopics: [envelope["TopicArn"] ?? ""],
      now: () => Date.parse(envelope["Timestamp"] ?? "") + 1_000,
      fetchCertificate: async () => ({ status: 200, body: read(certificate) }),
    };
    expect((await verify(body, door)).kind).toBe(kind);
    expect(await verify(body.replace(/Hello|You have chosen/, "Hullo"), door)).toMatchObject({
      status: 403,
      code: "signature",
    });
    const years = { ...door, now: () => Date.UTC(2030, 0, 1) };
    expect(await verify(body, years)).toMatchObject({ status: 403, code: "too-old" });
  });

  test.each(["1", "2"] as const)(
    "a notification signed with version %s passes, with subject, without, and in Lambda's spelling",
    async (version) => {
      const input = { topicArn: TOPIC, messageId: "m-1", message: "line one\nline two ✓", at: NOW - 1_000 };
      const plain = signer.notification(input, version);
      const withSubject = signer.notification({ ...input, subject: 'ALARM: "x" in EU (Ireland)' }, version);
      const { SigningCertURL, ...rest } = plain;
      const lambda = { ...rest, SigningCertUrl: SigningCertURL, Subject: null };
      for (const envelope of [plain, withSubject, lambda]) {
        expect(await verify(envelope)).toMatchObject({
          kind: "notification",
          body: "line one\nline two ✓",
          old: false,
          ageMs: 1_000,
        });
      }
    },
  );

  test("both confirmations give topic and token, and nothing to fetch", async () => {
    const input = { topicArn: TOPIC, messageId: "m-2", at: NOW, token: "2336412f37" };
    for (const [type, kind] of [
      ["SubscriptionConfirmation", "subscription"],
      ["UnsubscribeConfirmation", "unsubscribe"],
    ] as const) {
      const verified = await verify(signer.confirmation(type, input));
      expect(verified).toEqual({ kind, topicArn: TOPIC, token: "2336412f37", messageId: "m-2", ageMs: 0 });
    }
  });

  test("what is not signed is not handed on", async () => {
    const verified = await verify({
      ...notificationAt(NOW),
      MessageAttributes: { run: { Value: "terminate" } },
      UnsubscribeURL: "x",
    });
    expect(JSON.stringify(verified)).not.toMatch(/terminate|UnsubscribeURL/);
  });

  test("a message of six minutes is accepted and marked old", async () => {
    expect(await verify(notificationAt(NOW - 6 * 60_000))).toMatchObject({ kind: "notification", old: true });
    expect(await verify(notificationAt(NOW - 4 * 60_000))).toMatchObject({ kind: "notification", old: false });
  });

  test("a message of China passes with China's host and certificate", async () => {
    const chinese = createSnsSigner({
      validFrom: NOW - DAY_MS,
      validTo: NOW + DAY_MS,
      commonName: "sns-cn-north-1.amazonaws.com.cn",
    });
    const topicArn = "arn:aws-cn:sns:cn-north-1:123456789012:alarms";
    const envelope = chinese.notification({ topicArn, messageId: "m", message: "x", at: NOW });
    const door = { allowedTopics: [topicArn], fetchCertificate: chinese.fetchCertificate };
    expect(await verify(envelope, door)).toMatchObject({ kind: "notification" });
  });

  test("the input is not changed", async () => {
    const body = Buffer.from(JSON.stringify(notificationAt(NOW)));
    const before = Buffer.from(body);
    await verify(body);
    expect(body.equals(before)).toBe(true);
  });
});

type Change = (envelope: SignedEnvelope) => unknown;
const changes: readonly (readonly [string, number, string, Change])[] = [
  ["text that is no JSON", 400, "malformed", () => "ALARM"],
  ["a JSON array", 400, "malformed", () => "[]"],
  ["null", 400, "malformed", () => "null"],
  ["an empty body", 400, "malformed", () => ""],
  ["raw delivery, which has no envelope", 400, "malformed", (envelope) => envelope["Message"]],
  ["a missing signature", 400, "malformed", ({ Signature: _, ...rest }) => rest],
  ["a missing Type", 400, "malformed", ({ Type: _, ...rest }) => rest],
  ["an unknown Type", 400, "malformed", (envelope) => ({ ...envelope, Type: "Order" })],
  ["a Type from the prototype", 400, "malformed", (envelope) => ({ ...envelope, Type: "constructor" })],
  ["a Message that is no text", 400, "malformed", (envelope) => ({ ...envelope, Message: { AlarmName: "x" } })],
  ["a TopicArn that is a list", 400, "malformed", (envelope) => ({ ...envelope, TopicArn: [TOPIC] })],
  ["a confirmation without token", 400, "malformed", (envelope) => ({ ...envelope, Type: "SubscriptionConfirmation" })],
  ["a signature that is no base64", 400, "malformed", (envelope) => ({ ...envelope, Signature: "§§§" })],
  ["a Timestamp that is no time", 400, "malformed", (envelope) => ({ ...envelope, Timestamp: "soon" })],
  ["another topic", 403, "topic", (envelope) => ({ ...envelope, TopicArn: `${TOPIC}x` })],
  ["signature version 3", 403, "signature-version", (envelope) => ({ ...envelope, SignatureVersion: "3" })],
  [
    "version 1 said of a signature of version 2",
    403,
    "signature",
    (envelope) => ({ ...envelope, SignatureVersion: "1" }),
  ],
  ["a changed message", 403, "signature", (envelope) => ({ ...envelope, Message: "{}" })],
  ["a changed subject", 403, "signature", (envelope) => ({ ...envelope, Subject: "other" })],
  ["an added empty subject", 403, "signature", (envelope) => ({ ...envelope, Subject: "" })],
  [
    "a younger Timestamp",
    403,
    "signature",
    (envelope) => ({ ...envelope, Timestamp: new Date(NOW - 5).toISOString() }),
  ],
  ["another message id", 403, "signature", (envelope) => ({ ...envelope, MessageId: "m-9" })],
  [
    "a signature of another key",
    403,
    "signature",
    (envelope) => ({
      ...envelope,
      Signature: stranger.signEnvelope({ ...envelope, Type: "Notification", TopicArn: TOPIC }, "2")["Signature"],
    }),
  ],
  ["a short signature", 403, "signature", (envelope) => ({ ...envelope, Signature: "bad=" })],
];

const badUrls: readonly (readonly [string, (good: string) => string])[] = [
  ["http", (good) => good.replace("https", "http")],
  ["a foreign host", () => "https://sns.example.com/SimpleNotificationService-5a4db05a4db05a4db05a4db05a4db05a.pem"],
  ["AWS's host as a subdomain of a foreign one", (good) => good.replace(".com/", ".com.example.org/")],
  ["AWS's host behind a user name", (good) => good.replace("https://", "https://evil.example@")],
  ["a user name before AWS's host", (good) => good.replace("https://", "https://user@")],
  ["a port", (good) => good.replace(".com/", ".com:8443/")],
  ["a query that ends in .pem", () => "https://sns.eu-west-1.amazonaws.com/?Action=GetEndpointAttributes&x=.pem"],
  ["a query behind the file", (good) => `${good}?x=1`],
  ["a fragment behind the file", (good) => `${good}#x`],
  ["another path", (good) => good.replace("/Simple", "/bucket/Simple")],
  ["a file that is not SNS's", () => "https://sns.eu-west-1.amazonaws.com/evil.pem"],
  [
    "a bucket called sns in old S3 naming",
    () => "https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-5a4db05a4db05a4db05a4db05a4db05a.pem",
  ],
  [
    "a bucket called sns in newer S3 naming",
    () => "https://sns.s3.eu-west-1.amazonaws.com/SimpleNotificationService-5a4db05a4db05a4db05a4db05a4db05a.pem",
  ],
  ["upper case in the host", (good) => good.replace("sns.", "SNS.")],
  ["a second line", (good) => `${good}\nhttps://example.com`],
  ["China's suffix for a region that is not China's", (good) => good.replace(".com/", ".com.cn/")],
];

describe("what is forged or malformed is refused", () => {
  test.each(changes)("%s: %i %s", async (_, status, code, change) => {
    expect(await verify(change(notificationAt(NOW)))).toMatchObject({ kind: "refused", status, code });
  });

  test.each(badUrls)("a certificate URL with %s is refused before anything is fetched", async (_, urlOf) => {
    let fetches = 0;
    const good = notificationAt(NOW);
    const envelope = { ...good, SigningCertURL: urlOf(good["SigningCertURL"] ?? "") };
    const fetchCertificate: FetchCertificate = async (url) => {
      fetches += 1;
      return signer.fetchCertificate(url);
    };
    expect(await verify(envelope, { fetchCertificate })).toMatchObject({ status: 403, code: "certificate-url" });
    expect(fetches).toBe(0);
  });

  test("a certificate of another region than the topic's is refused", async () => {
    const envelope = { ...notificationAt(NOW), SigningCertURL: signer.certificateUrl("us-east-1") };
    expect(await verify(envelope)).toMatchObject({ status: 403, code: "certificate-region" });
  });

  test("an envelope is accepted at 60 minutes and refused a millisecond later", async () => {
    expect(await verify(notificationAt(NOW - 3_600_000))).toMatchObject({ kind: "notification", old: true });
    expect(await verify(notificationAt(NOW - 3_600_001))).toMatchObject({ status: 403, code: "too-old" });
  });

  test("without an allowed topic everything is refused", async () => {
    expect(await verify(notificationAt(NOW), { allowedTopics: [] })).toMatchObject({ status: 403, code: "topic" });
  });

  test("a door that wants version 2 refuses version 1", async () => {
    const envelope = signer.notification({ topicArn: TOPIC, messageId: "m", message: "x", at: NOW }, "1");
    expect(await verify(envelope, { signatureVersions: ["2"] })).toMatchObject({
      status: 403,
      code: "signature-version",
    });
  });

  test("a body above the limit is refused unread, one of SNS's largest messages is not", async () => {
    const largest = notificationAt(NOW, { message: '"'.repeat(256 * 1024) });
    expect(await verify(largest)).toMatchObject({ kind: "notification" });
    expect(await verify(" ".repeat(BODY_BYTES_MAX + 1))).toMatchObject({ status: 413, code: "too-large" });
    expect(await verify(new Uint8Array(BODY_BYTES_MAX + 1))).toMatchObject({ status: 413, code: "too-large" });
  });

  test("refusals repeat nothing of the message", async () => {
    const refused = await verify({ ...notificationAt(NOW), Message: "secret-7" });
    expect(JSON.stringify(refused)).not.toContain("secret-7");
  });
});

describe("the certificate", () => {
  const answering = (status: number, body: string): Door => ({ fetchCertificate: async () => ({ status, body }) });
  const named = (commonName: string, alternativeNames?: readonly string[]): Door => {
    const wrong = createSnsSigner({
      privateKeyPem: signer.privateKeyPem,
      validFrom: NOW - DAY_MS,
      validTo: NOW + DAY_MS,
      commonName,
      ...(alternativeNames === undefined ? {} : { alternativeNames }),
    });
    return answering(200, wrong.certificatePem);
  };

  test.each([
    ["two PEM blocks", () => answering(200, signer.certificatePem + stranger.certificatePem)],
    ["a PEM inside XML", () => answering(200, `<xml><v>\n${signer.certificatePem}\n</v></xml>`)],
    ["text before the PEM", () => answering(200, `x\n${signer.certificatePem}`)],
    ["text after the PEM", () => answering(200, `${signer.certificatePem}x`)],
    ["a public key instead", () => answering(200, signer.certificatePem.replaceAll("CERTIFICATE", "PUBLIC KEY"))],
    ["an empty answer", () => answering(200, "")],
    ["base64 of nothing", () => answering(200, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")],
    ["more than 16 KiB", () => answering(200, signer.certificatePem + "\n".repeat(CERTIFICATE_BYTES_MAX))],
    ["another common name", () => named("sns.example.com")],
    ["a wildcard name", () => named("*.amazonaws.com")],
    ["another region's own name", () => named("sns-signing.af-south-1.amazonaws.com")],
    ["the right common name and a foreign alternative name", () => named("sns.amazonaws.com", ["example.com"])],
    ["a foreign common name and the right alternative name", () => named("example.com", ["sns.amazonaws.com"])],
  ])("%s is refused with 403", async (_, door) => {
    expect(await verify(notificationAt(NOW), door())).toMatchObject({ status: 403, code: "certificate" });
  });

  test("an opt-in region may use its own name", async () => {
    expect(await verify(notificationAt(NOW), named("sns-signing.eu-west-1.amazonaws.com"))).toMatchObject({
      kind: "notification",
    });
  });

  test.each([
    [302, "a redirect"],
    [404, "not found"],
    [500, "a failure"],
  ])("status %i (%s) is answered with 503, so that SNS comes again", async (status) => {
    expect(await verify(notificationAt(NOW), answering(status, signer.certificatePem))).toMatchObject({
      status: 503,
      code: "certificate-unreachable",
    });
  });

  test("a fetch that fails, or never answers within 3 s, is answered with 503", async () => {
    const failing = { fetchCertificate: async (): Promise<never> => Promise.reject(new Error("ECONNREFUSED")) };
    expect(await verify(notificationAt(NOW), failing)).toMatchObject({ status: 503, code: "certificate-unreachable" });
    const waited: number[] = [];
    const certificates = createCertificates({
      fetchCertificate: () => new Promise(() => undefined),
      abortAfter: (ms) => {
        waited.push(ms);
        return AbortSignal.abort();
      },
    });
    expect(await verify(notificationAt(NOW), { certificates })).toMatchObject({
      status: 503,
      code: "certificate-unreachable",
    });
    expect(waited).toEqual([3_000]);
  });

  test("its dates are asked of the injected clock at every use, also from the cache", async () => {
    let now = NOW;
    const certificates = createCertificates({ fetchCertificate: signer.fetchCertificate, abortAfter: never });
    const door = { certificates, now: () => now };
    expect(await verify(notificationAt(NOW), door)).toMatchObject({ kind: "notification" });
    now = NOW + DAY_MS + 1;
    expect(await verify(notificationAt(now), door)).toMatchObject({ status: 403, code: "certificate-expired" });
    now = NOW - DAY_MS - 1;
    expect(await verify(notificationAt(now), door)).toMatchObject({ status: 403, code: "certificate-expired" });
  });

  test("it is fetched once for a storm of messages and again after a day", async () => {
    let fetches = 0;
    let now = NOW;
    const long = createSnsSigner({
      privateKeyPem: signer.privateKeyPem,
      validFrom: NOW - DAY_MS,
      validTo: NOW + 9 * DAY_MS,
    });
    const certificates = createCertificates({
      abortAfter: never,
      fetchCertificate: async (url) => {
        fetches += 1;
        return long.fetchCertificate(url);
      },
    });
    const door = { certificates, now: () => now };
    const all = await Promise.all(Array.from({ length: 50 }, () => verify(notificationAt(now), door)));
    expect(all.every((one) => one.kind === "notification")).toBe(true);
    await verify(notificationAt(now), door);
    expect(fetches).toBe(1);
    now += DAY_MS;
    await verify(notificationAt(now), door);
    expect(fetches).toBe(2);
  });

  test("while its host cannot be reached the one at hand serves on, until it is no longer valid", async () => {
    let status = 200;
    let fetches = 0;
    let now = NOW;
    const long = createSnsSigner({
      privateKeyPem: signer.privateKeyPem,
      validFrom: NOW - DAY_MS,
      validTo: NOW + 3 * DAY_MS,
    });
    const certificates = createCertificates({
      abortAfter: never,
      fetchCertificate: async () => {
        fetches += 1;
        return { status, body: long.certificatePem };
      },
    });
    const door = { certificates, now: () => now };
    await verify(notificationAt(now), door);
    status = 500;
    now = NOW + DAY_MS;
    expect(await verify(notificationAt(now), door)).toMatchObject({ kind: "notification" });
    await verify(notificationAt(now), door);
    expect(fetches).toBe(2);
    now += 5 * 60_000;
    await verify(notificationAt(now), door);
    expect(fetches).toBe(3);
    now = NOW + 3 * DAY_MS + 1;
    expect(await verify(notificationAt(now), door)).toMatchObject({ status: 503 });
  });

  test("the cache and the fetches at once are bounded", async () => {
    let fetches = 0;
    let answer: (() => void)[] = [];
    const certificates = createCertificates({
      abortAfter: never,
      fetchCertificate: () =>
        new Promise((resolve) => {
          fetches += 1;
          answer.push(() => resolve({ status: 200, body: signer.certificatePem }));
        }),
    });
    const urlOf = (n: number): string =>
      signer.certificateUrl("eu-west-1").replace(/.{4}\.pem$/, `${String(n).padStart(4, "0")}.pem`);
    const asked = Array.from({ length: 6 }, (_, n) => certificates.keyFor(urlOf(n), NOW));
    expect(fetches).toBe(4);
    answer.forEach((give) => give());
    const kinds = (await Promise.all(asked)).map((found) => found.kind);
    expect(kinds).toEqual(["key", "key", "key", "key", "unreachable", "unreachable"]);
    for (let n = 10; n < 50; n += 1) {
      answer = [];
      const asking = certificates.keyFor(urlOf(n), NOW);
      answer.forEach((give) => give());
      await asking;
    }
    const before = fetches;
    void certificates.keyFor(urlOf(49), NOW);
    expect(fetches).toBe(before);
    void certificates.keyFor(urlOf(0), NOW);
    expect(fetches).toBe(before + 1);
  });
});
