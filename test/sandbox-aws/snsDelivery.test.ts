import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { deliverSns, httpDoor, requestOf } from "../../sandbox/aws/sns-delivery.ts";
import type { SnsDoor } from "../../sandbox/aws/sns-delivery.ts";
import { createSnsSigner } from "../../sandbox/aws/sns-signer.ts";
import { createCertificates } from "../../src/signals/certificate.ts";
import { createVerifier } from "../../src/signals/verify.ts";
import { startingAccount, startAt, topic, web } from "../memory/startingAccount.ts";

const day = 24 * 3_600_000;
const signer = createSnsSigner({ validFrom: startAt - day, validTo: startAt + 300 * day });

async function playing(door: SnsDoor) {
  const { account, clock } = startingAccount();
  const trouble: string[] = [];
  deliverSns({
    account,
    topicArn: topic,
    signer,
    clock,
    door,
    signal: new AbortController().signal,
    onTrouble: ({ attempt, what }) => trouble.push(`${attempt}: ${what}`),
  });
  account.break("process-dies", web);
  await clock.advance(5 * 60_000);
  return trouble;
}

describe("SNS delivery of the sandbox", () => {
  it("sends what the bot's own verifier accepts", async () => {
    const bodies: string[] = [];
    await playing(async ({ body }) => {
      bodies.push(body);
      return 200;
    });
    expect(bodies).toHaveLength(1);
    const verify = createVerifier({
      certificates: createCertificates({ fetchCertificate: signer.fetchCertificate }),
      allowedTopics: [topic],
      now: () => startAt + 5 * 60_000,
    });
    const verified = await verify(bodies[0] ?? "");
    expect(verified).toMatchObject({
      kind: "notification",
      carried: { subject: 'ALARM: "web canary" in EU (Ireland)' },
    });
    const forged = await verify((bodies[0] ?? "").replace("web canary", "web Canary"));
    expect(forged).toMatchObject({ kind: "refused", status: 403 });
  });

  it("tries three times again after a 5xx or silence, and never after a 4xx", async () => {
    expect(await playing(async () => 503)).toEqual(["1: 503", "2: 503", "3: 503", "4: 503"]);
    expect(await playing(async () => 403)).toEqual(["1: 403"]);
    let calls = 0;
    const recovering = await playing(async () => {
      calls++;
      if (calls === 1) throw new Error("connection refused");
      return 200;
    });
    expect([recovering, calls]).toEqual([["1: connection refused"], 2]);
  });

  it("posts over real HTTP with SNS's headers", async () => {
    const seen: { type: string | undefined; kind: unknown; body: string }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { "content-type": type, "x-amz-sns-message-type": kind } = request.headers;
        seen.push({ type, kind, body: Buffer.concat(chunks).toString() });
        response.writeHead(200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const message = { messageId: "m-1", topicArn: topic, message: "{}", at: startAt };
    const status = await httpDoor(`http://127.0.0.1:${port}/sns`)(requestOf(signer, message));
    server.close();
    expect(status).toBe(200);
    expect(seen[0]).toMatchObject({ type: "text/plain; charset=UTF-8", kind: "Notification" });
    expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({
      Type: "Notification",
      MessageId: "m-1",
      SignatureVersion: "2",
    });
  });
});
