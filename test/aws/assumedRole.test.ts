import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assumedRole, readSession, runSession, sessionKey, sessionPolicy } from "../../src/aws/assumedRole.ts";
import { awsClouds } from "../../src/aws/clouds.ts";
import { NotFound, NotPermitted, UnknownFailure } from "../../src/domain/errors.ts";
import type { InstanceId, RunId, Scope } from "../../src/domain/words.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { wallClock } from "../../src/ports/clock.ts";
import { silentLog } from "../../src/ports/log.ts";
import { awsError, scripted, type Script } from "./scripted.ts";
import { keepEnvironment } from "../setup/environment.ts";

const role = { roleArn: "arn:aws:iam::210987654321:role/ec2-medic/Action", externalId: "shop" };
const onBehalf = {
  runId: "shop-web/7" as RunId,
  who: "U0123ABCD",
  actions: ["ec2:StopInstances", "ec2:StartInstances"],
};
const startAt = Date.UTC(2026, 10, 21, 3);

function keys(clock: { now(): number }, seconds: number): object {
  return {
    Credentials: {
      AccessKeyId: "ASIA1",
      SecretAccessKey: "secret",
      SessionToken: "token",
      Expiration: new Date(clock.now() + seconds * 1000),
    },
  };
}

function entering(script: (clock: { now(): number }) => Script, session = runSession(role, onBehalf)) {
  const clock = createVirtualClock({ startAt });
  const { client, sent } = scripted<STSClient>(script(clock));
  return { clock, sent, credentials: assumedRole(client, session, clock) };
}

describe("a session in another account", () => {
  it("of a run is named after it, says who ordered it, and is allowed its plan and reads alone", async () => {
    const { credentials, sent } = entering((clock) => () => keys(clock, 900));
    expect(await credentials()).toMatchObject({ accessKeyId: "ASIA1", sessionToken: "token" });
    const { Policy, ...rest } = sent[0]?.input ?? {};
    expect(rest).toEqual({
      RoleArn: role.roleArn,
      ExternalId: "shop",
      RoleSessionName: "shop-web-7",
      SourceIdentity: "slack-U0123ABCD",
      DurationSeconds: 900,
    });
    const { Statement } = JSON.parse(String(Policy)) as { Statement: { Effect: string; Action: string[] }[] };
    expect(Statement).toHaveLength(1);
    expect(Statement[0]?.Effect).toBe("Allow");
    const reads = /:(Describe|Get|List)/;
    expect(Statement[0]?.Action.filter((action) => !reads.test(action))).toEqual([
      "ec2:StartInstances",
      "ec2:StopInstances",
    ]);
  });

  it("for reads is long, and has neither a policy nor an identity that it could not name", async () => {
    const { credentials, sent } = entering((clock) => () => keys(clock, 3600), readSession({ roleArn: role.roleArn }));
    await credentials();
    expect(sent[0]?.input).toEqual({ RoleArn: role.roleArn, RoleSessionName: "ec2-medic", DurationSeconds: 3600 });
  });

  it("is asked for once by however many wait, and again two minutes before it ends", async () => {
    const { credentials, sent, clock } = entering((now) => () => keys(now, 900));
    const asking = [credentials()];
    // Whoever comes at any moment of it joins in.
    for (let turn = 0; turn < 30; turn += 1) {
      asking.push(credentials());
      await Promise.resolve();
    }
    await Promise.all(asking);
    expect(sent).toHaveLength(1);
    await clock.advance(779_000);
    await credentials();
    expect(sent).toHaveLength(1);
    await clock.advance(1_000);
    const renewed = await credentials();
    expect(sent).toHaveLength(2);
    expect(renewed.expiration.getTime()).toBe(clock.now() + 900_000);
  });

  it("that was refused is asked for again, and says which role it was", async () => {
    const { credentials, sent } = entering((clock) => (_one, count) => {
      return count === 1 ? awsError("AccessDenied", 403) : keys(clock, 900);
    });
    const refused = await credentials().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NotPermitted);
    expect((refused as Error).message).toContain(role.roleArn);
    expect((await credentials()).accessKeyId).toBe("ASIA1");
    expect(sent).toHaveLength(2);
    const empty = entering(() => () => ({ Credentials: { AccessKeyId: "ASIA1" } }));
    await expect(empty.credentials()).rejects.toBeInstanceOf(UnknownFailure);
  });

  it("has only characters that STS takes, 64 of them, and keeps what tells one run from another", () => {
    const long = { ...onBehalf, runId: `${"x".repeat(80)}/12` as RunId, who: "rule/wenn's brennt ü" };
    const { name, sourceIdentity } = runSession(role, long);
    expect(name).toMatch(/^[\w+=,.@-]{2,64}$/);
    expect(name).toMatch(/-12$/);
    expect(sourceIdentity).toMatch(/^rule-[\w+=,.@-]{2,59}$/);
    expect(runSession(role, { ...onBehalf, who: "ladder" }).sourceIdentity).toBe("rule-ladder");
  });

  it("is another one for another run, person or plan, and the same for the same in any order", () => {
    const key = (change: Partial<typeof onBehalf>) => sessionKey(runSession(role, { ...onBehalf, ...change }));
    const own = key({});
    expect(key({ actions: [...onBehalf.actions].reverse() })).toBe(own);
    for (const change of [{ runId: "shop-web/8" as RunId }, { who: "U0999ABCD" }, { actions: ["ec2:RebootInstances"] }])
      expect(key(change)).not.toBe(own);
    expect(sessionKey(runSession({ roleArn: role.roleArn }, onBehalf))).not.toBe(own);
  });

  it("has a policy that fits: reads are folded, and what does not fit is said instead of sent", () => {
    const policy = sessionPolicy(["ec2:DescribeInstances", "ec2:GetConsoleOutput", "ec2:RebootInstances"]);
    expect(policy).not.toContain("ec2:DescribeInstances");
    expect(policy.match(/ec2:GetConsoleOutput/g)).toHaveLength(1);
    const many = Array.from({ length: 90 }, (_, index) => `ec2:SomethingQuiteLong${index}`);
    expect(() => sessionPolicy(many)).toThrow(expect.objectContaining({ code: "session-policy-too-long" }));
  });
});

describe("the clouds of all accounts, on a wire", () => {
  let server: Server;
  let seen: { readonly action: string; readonly form: URLSearchParams; readonly key: string }[];
  keepEnvironment("each");

  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        const form = new URLSearchParams(body);
        const action = form.get("Action") ?? "";
        const key = /Credential=([^/]+)/.exec(request.headers.authorization ?? "")?.[1] ?? "";
        seen.push({ action, form, key });
        const expiration = new Date(Date.now() + 900_000).toISOString();
        const credentials = `<Credentials><AccessKeyId>ASIA-${form.get("RoleSessionName")}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expiration}</Expiration></Credentials>`;
        const answers: Record<string, string> = {
          AssumeRole: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>${credentials}</AssumeRoleResult></AssumeRoleResponse>`,
        };
        response
          .writeHead(200, { "content-type": "text/xml" })
          .end(answers[action] ?? `<${action}Response><return>true</return></${action}Response>`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "OWN",
      AWS_SECRET_ACCESS_KEY: "test",
    });
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const clouds = () =>
    awsClouds({
      accounts: new Map([["210987654321", role]]),
      awsCallMs: 10_000,
      clock: wallClock,
      log: silentLog,
    });
  const id = "i-0a1b2c3d4e5f60001" as InstanceId;
  const own = "123456789012/eu-west-1" as Scope;
  const other = "210987654321/eu-west-1" as Scope;

  it("enter no role for the bot's own account, whoever ordered", async () => {
    const of = clouds();
    await of(own).compute.start(id);
    await of(own, onBehalf).compute.stop(id, { force: false });
    expect(seen.map(({ action, key }) => [action, key])).toEqual([
      ["StartInstances", "OWN"],
      ["StopInstances", "OWN"],
    ]);
    expect(of(own, onBehalf)).toBe(of(own));
  });

  it("enter another account once for reads and once for each run, and act with that session's keys", async () => {
    const of = clouds();
    await of(other).compute.start(id);
    await of(other).compute.start(id);
    await of(other, onBehalf).compute.stop(id, { force: false });
    await of(other, onBehalf).compute.start(id);
    expect(seen.map(({ action, key }) => [action, key])).toEqual([
      ["AssumeRole", "OWN"],
      ["StartInstances", "ASIA-ec2-medic"],
      ["StartInstances", "ASIA-ec2-medic"],
      ["AssumeRole", "OWN"],
      ["StopInstances", "ASIA-shop-web-7"],
      ["StartInstances", "ASIA-shop-web-7"],
    ]);
    const [, , , run] = seen;
    expect(run?.form.get("SourceIdentity")).toBe("slack-U0123ABCD");
    expect(run?.form.get("ExternalId")).toBe("shop");
    expect(run?.form.get("Policy")).toContain("ec2:StopInstances");
    expect(of(other, onBehalf)).toBe(of(other, { ...onBehalf }));
  });

  it("know no scope without a region", () => {
    expect(() => clouds()("123456789012" as Scope)).toThrow(NotFound);
  });
});
