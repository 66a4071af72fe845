import type { SQSClient } from "@aws-sdk/client-sqs";
import type { STSClient } from "@aws-sdk/client-sts";
import type { SNSClient } from "@aws-sdk/client-sns";
import { describe, expect, it } from "vitest";
import { sendLayer } from "../../sandbox/aws/sendLayer.ts";
import { channelIds, people, userGroupIds } from "../../sandbox/slack/workspace-state.ts";
import { alarmTopic, createSandboxAccount } from "../../sandbox/world.ts";
import type { Credentials } from "../../src/aws/clients.ts";
import { doctor, type DoctorParts } from "../../src/cli/doctor.ts";
import type { Row } from "../../src/cli/doctor/row.ts";
import { memoryProber } from "../../src/memory/memoryProber.ts";
import { createSeededRandom } from "../../src/memory/seededRandom.ts";
import { wallClock } from "../../src/ports/clock.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { awsError, scripted } from "../aws/scripted.ts";
import { turnedWorkspace } from "../sandbox-slack/fixture.ts";
import { fakeTerminal } from "./fakeTerminal.ts";
import { installationYaml, killSwitch, mailTopic } from "./installation.ts";

const table = {
  TableStatus: "ACTIVE" as const,
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" as const },
    { AttributeName: "sk", KeyType: "RANGE" as const },
  ],
  GlobalSecondaryIndexes: [{ IndexName: "due" }],
  ItemCount: 12,
};

const variables = {
  SLACK_BOT_TOKEN: "xoxb-sandbox",
  SLACK_APP_TOKEN: "xapp-sandbox",
  SLACK_API_URL: "http://slack.test/api/",
  AWS_REGION: "eu-west-1",
  MEDIC_TABLE: "ec2-medic",
  MEDIC_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/111122223333/ec2-medic",
};

interface Bed {
  readonly variables?: Readonly<Record<string, string>>;
  readonly yaml?: string;
  readonly parts?: Partial<DoctorParts>;
  readonly json?: boolean;
}

function stage() {
  const clock = createVirtualClock({ startAt: Date.UTC(2026, 10, 21, 3) });
  const account = createSandboxAccount({ clock, random: createSeededRandom(1) });
  const { workspace } = turnedWorkspace();
  const parameters = new Map([[killSwitch, "on"]]);
  const clients = sendLayer(account, { parameters });
  const queue = scripted<SQSClient>(() => ({
    Attributes: { ApproximateNumberOfMessages: "0", RedrivePolicy: "{}" },
  }));
  const topics = scripted<SNSClient>(() => ({ Attributes: { SubscriptionsConfirmed: "2" } }));
  const home = { sns: topics.client, sts: clients.sts, ssm: clients.ssm, sqs: queue.client };
  const parts: DoctorParts = {
    home: () => home,
    region: () => clients,
    whoIs: () => Promise.reject(new Error("no account is entered by a role here")),
    describeTable: () => Promise.resolve(table),
    fetch: (url, init) => workspace.fetch(url, init),
    prober: memoryProber([account], clock),
    // The pace of DescribeAlarms is under test elsewhere; here it would only cost time.
    clock: { now: () => wallClock.now(), sleep: (ms, signal) => wallClock.sleep(ms < 2_000 ? 0 : ms, signal) },
  };
  const run = async (bed: Bed = {}) => {
    const yaml = bed.yaml ?? installationYaml();
    const terminal = fakeTerminal(bed.variables ?? variables, { "./medic.yaml": yaml });
    const code = await doctor({ json: bed.json ?? true }, terminal, { ...parts, ...bed.parts });
    const rows = (bed.json ?? true) ? (JSON.parse(terminal.text()) as Row[]) : [];
    const row = (area: string, what: string) => rows.filter((each) => each.area === area && each.what === what);
    return { code, rows, row, text: terminal.text() };
  };
  return { account, clock, workspace, parameters, parts, home, run };
}

const reds = (rows: readonly Row[]) => rows.filter(({ result }) => result === "red");

describe("medic doctor", () => {
  it("finds a healthy installation healthy, and says of every service what it looked at", async () => {
    const { run } = stage();
    const { code, rows, row } = await run();
    expect(reds(rows)).toEqual([]);
    expect(code).toBe(0);
    expect(row("slack", "bot token and scopes").map(({ result }) => result)).toEqual(["green", "green"]);
    expect(row("slack", "app token")).toMatchObject([{ result: "green" }]);
    expect(row("slack", `channel ${channelIds.opsAlerts}`)[0]?.found).toContain("#ops-alerts, joined");
    expect(row("slack", `approver ${people.mira}`)[0]?.found).toBe("Mira Okafor may approve");
    expect(row("aws", "identity")[0]?.found).toContain("in account 111122223333");
    expect(row("aws", "table")[0]?.found).toContain("ec2-medic with index due");
    expect(row("aws", "kill switch")[0]).toMatchObject({ result: "green", found: `${killSwitch} says on` });
    expect(row("aws", "mail topic")[0]).toMatchObject({ result: "green", found: "2 confirmed subscriptions" });
    expect(row("shop-web", "target")[0]?.found).toMatch(/^i-0a1b2c3d4e5f60001 is running/);
    expect(row("shop-web", "Elastic IP")[0]).toMatchObject({ result: "green" });
    for (const act of ["reboot", "stop", "start"])
      expect(row("shop-web", `DryRun ${act}`)).toMatchObject([{ result: "green" }]);
    expect(
      row("shop-web", "alarm shop-web-*")
        .map(({ found }) => found)
        .join(),
    ).toContain("shop-web-instance-check");
  });

  it("prints an aligned table whose words carry the verdict, and what to do under what is not green", async () => {
    const { run, workspace } = stage();
    workspace.uninviteBot(channelIds.opsAlerts);
    const { text, code } = await run({ json: false });
    const [first = ""] = text.split("\n");
    expect(first).toMatch(/^(green|amber|red {2}) {2}slack/);
    expect(text).toContain("the bot is not in #ops-alerts");
    expect(text).toMatch(/red {4}slack .*\n {7}needed: .*\n {7}next: .*invite/);
    expect(text).toMatch(/\d+ green, \d+ amber, 1 red\.$/);
    expect(code).toBe(1);
  });

  it("changes nothing: only DryRuns reach what could change, and no message is posted", async () => {
    const { run, account, workspace } = stage();
    await run();
    expect(account.countOf("i-0a1b2c3d4e5f60001")).toEqual({ reboots: 0, stops: 0, starts: 0 });
    expect(workspace.messages(channelIds.opsAlerts)).toEqual([]);
  });

  describe("Slack", () => {
    it("an invalid token, a wrong app token and missing scopes are red", async () => {
      const { run, workspace, parts } = stage();
      const bad = await run({
        variables: { ...variables, SLACK_BOT_TOKEN: "xoxb-other", SLACK_APP_TOKEN: "xapp-other" },
      });
      expect(bad.row("slack", "bot token and scopes")[0]).toMatchObject({
        result: "red",
        found: "Slack says invalid_auth",
      });
      expect(bad.row("slack", "app token")[0]).toMatchObject({ result: "red", found: "Slack says invalid_auth" });
      expect(bad.code).toBe(1);
      const fetch: DoctorParts["fetch"] = async (url, init) => {
        const answer = await workspace.fetch(url, init);
        return new Response(await answer.text(), { headers: { "x-oauth-scopes": "chat:write,commands" } });
      };
      const poor = await run({ parts: { ...parts, fetch } });
      expect(poor.row("slack", "bot token and scopes")[1]).toMatchObject({ result: "red" });
      expect(poor.row("slack", "bot token and scopes")[1]?.found).toContain(
        "usergroups:read (who is in the approvers' groups)",
      );
    });

    it("archived and unknown channels, deactivated approvers, unknown and empty groups are red", async () => {
      const { run, workspace } = stage();
      workspace.archive(channelIds.opsSecond);
      workspace.setGroup(userGroupIds.onCall, []);
      const mira = workspace.core.state.users.get(people.mira);
      if (mira) workspace.core.state.users.set(people.mira, { ...mira, deleted: true });
      const yaml = installationYaml()
        .replace(`channel: ${channelIds.opsAlerts}`, "channel: C0NOTHERE")
        .replace(`users: [${people.mira}`, `groups: [S0NOTHERE]\n    users: [${people.mira}`);
      const { row } = await run({ yaml });
      expect(row("slack", `channel ${channelIds.opsSecond}`)[0]).toMatchObject({
        result: "red",
        found: "#ops-second is archived",
      });
      expect(row("slack", "channel C0NOTHERE")[0]).toMatchObject({
        result: "red",
        found: "Slack says channel_not_found",
      });
      expect(row("slack", `approver ${people.mira}`)[0]).toMatchObject({
        result: "red",
        found: expect.stringContaining("deactivated") as unknown,
      });
      expect(row("slack", `group ${userGroupIds.onCall}`)[0]).toMatchObject({ result: "red" });
      expect(row("slack", "group S0NOTHERE")[0]).toMatchObject({ result: "red", found: "Slack says no_such_subteam" });
    });

    it("a Slack that is down makes red rows with a next step, not a crash", async () => {
      const { run, workspace } = stage();
      workspace.faults.setDown("unavailable");
      const { rows, code } = await run();
      for (const row of rows.filter(({ area }) => area === "slack")) {
        expect(row.result).toBe("red");
        expect(row.next).not.toBe("");
      }
      expect(code).toBe(1);
    });
  });

  describe("environment and medic.yaml", () => {
    it("missing variables are red rows; what can be asked is asked all the same", async () => {
      const { run } = stage();
      const { code, row, rows } = await run({ variables: { AWS_REGION: "eu-west-1" } });
      expect(code).toBe(2);
      expect(row("environment", "SLACK_BOT_TOKEN")[0]).toMatchObject({ result: "red" });
      expect(rows.some(({ area, result }) => area === "shop-web" && result === "green")).toBe(true);
      expect(row("aws", "doors")[0]).toMatchObject({ result: "amber" });
      expect(row("aws", "table")[0]?.found).toContain("embedded");
    });

    it("a broken or missing medic.yaml is red with its line; tokens and table are checked all the same", async () => {
      const { run, parts } = stage();
      const { code, rows, row } = await run({ yaml: "defaults: { channel: C0123456789 }\nservices: { shop: {} }\n" });
      expect(code).toBe(2);
      expect(
        rows.some(({ area, what, result }) => area === "medic.yaml" && result === "red" && what.startsWith("line 2")),
      ).toBe(true);
      expect(row("aws", "table")[0]?.result).toBe("green");
      const terminal = fakeTerminal({}, {});
      expect(await doctor({ json: true }, terminal, parts)).toBe(2);
      expect(terminal.text()).toContain("cannot be read");
    });
  });

  describe("AWS", () => {
    it("a missing table, one of another shape and one without its index say what helps", async () => {
      const { run, parts } = stage();
      const withTable = async (describeTable: DoctorParts["describeTable"]) =>
        (await run({ parts: { ...parts, describeTable } })).row("aws", "table")[0];
      expect(await withTable(() => Promise.reject(awsError("ResourceNotFoundException")))).toMatchObject({
        result: "red",
        next: "`medic setup` creates it.",
      });
      expect(
        await withTable(() => Promise.resolve({ ...table, KeySchema: [{ AttributeName: "id", KeyType: "HASH" }] })),
      ).toMatchObject({
        result: "red",
        found: "keys id",
      });
      expect(await withTable(() => Promise.resolve({ ...table, GlobalSecondaryIndexes: [] }))).toMatchObject({
        result: "red",
        next: "`medic setup` adds it.",
      });
    });

    it("a queue that is gone is red, one without dead letters or that may not be looked at is amber", async () => {
      const { run, parts, home } = stage();
      const withQueue = async (answer: unknown) => {
        const sqs = scripted<SQSClient>(() => answer).client;
        return (await run({ parts: { ...parts, home: () => ({ ...home, sqs }) } })).row("aws", "queue");
      };
      expect(await withQueue(awsError("QueueDoesNotExist"))).toMatchObject([{ result: "red", found: "no such queue" }]);
      expect(await withQueue({ Attributes: {} })).toMatchObject([{ result: "green" }, { result: "amber" }]);
      expect(await withQueue(awsError("AccessDenied", 403))).toMatchObject([{ result: "amber" }]);
    });

    it("a kill switch that is off or no word is amber, one that is missing is red", async () => {
      const { run, parameters } = stage();
      const state = async (value: string | undefined) => {
        if (value === undefined) parameters.delete(killSwitch);
        else parameters.set(killSwitch, value);
        return (await run()).row("aws", "kill switch")[0]?.result;
      };
      expect(await state("off")).toBe("amber");
      expect(await state("yes")).toBe("amber");
      expect(await state(undefined)).toBe("red");
    });

    it("throttling is told as what it is, and every row still comes", async () => {
      const { run, account } = stage();
      const healthy = (await run()).rows.length;
      account.breakAccount("throttled");
      const { rows, row, code } = await run();
      expect(row("shop-web", "target")[0]).toMatchObject({
        result: "red",
        found: expect.stringContaining("too many requests") as unknown,
      });
      expect(rows.length).toBeGreaterThanOrEqual(healthy - 8);
      expect(code).toBe(1);
    });
  });

  describe("services", () => {
    it("a target that is not there, an address that is elsewhere and an alarm that does not exist are red", async () => {
      const { run } = stage();
      const yaml = installationYaml()
        .replace("instance: i-0a1b2c3d4e5f60001", "instance: i-0fffffffffffffff0")
        .replace('"shop-web-*"', "shop-web-nothing");
      const { row } = await run({ yaml });
      expect(row("shop-web", "target")[0]).toMatchObject({
        result: "red",
        found: "no instance i-0fffffffffffffff0 in eu-west-1",
      });
      expect(row("shop-web", "Elastic IP")[0]).toMatchObject({ result: "red" });
      expect(row("shop-web", "alarm shop-web-nothing")[0]).toMatchObject({ result: "red" });
      expect(row("shop-web", "DryRun stop")[0]).toMatchObject({ result: "amber" });
    });

    it("an account that a role is named for is entered by it, and everything there is asked with that session", async () => {
      const { run, home, parts } = stage();
      const sts = scripted<STSClient>(({ name }) => {
        const keys = {
          AccessKeyId: "ASIA1",
          SecretAccessKey: "s",
          SessionToken: "t",
          Expiration: new Date(Date.now() + 3.6e6),
        };
        if (name === "AssumeRoleCommand") return { Credentials: keys };
        return { Account: "123456789012", Arn: "arn:aws:iam::123456789012:role/bot" };
      });
      const keysUsed: (Credentials | undefined)[] = [];
      const entering: Partial<DoctorParts> = {
        home: () => ({ ...home, sts: sts.client }),
        region: (region, awsCallMs, credentials) => {
          keysUsed.push(credentials);
          return parts.region(region, awsCallMs);
        },
        whoIs: async (_region, _awsCallMs, credentials) => ({
          account: "111122223333",
          arn: `arn:aws:sts::111122223333:assumed-role/ec2-medic/${(await credentials()).accessKeyId}`,
        }),
      };
      const yaml = `accounts: { "111122223333": { role: "arn:aws:iam::111122223333:role/ec2-medic" } }\n${installationYaml()}`;
      const { row } = await run({ yaml, parts: entering });
      expect(row("shop-web", "account")[0]).toMatchObject({
        result: "green",
        found: "111122223333, entered as arn:aws:sts::111122223333:assumed-role/ec2-medic/ASIA1",
      });
      expect(row("shop-web", "target")[0]).toMatchObject({ result: "green" });
      // What may be done there is asked as a run would come: under a name, without which such a role only reads.
      await keysUsed[1]?.();
      expect(keysUsed).toHaveLength(2);
      const entries = sts.sent.filter(({ name }) => name === "AssumeRoleCommand");
      expect(entries.map(({ input }) => input["SourceIdentity"])).toEqual([undefined, "rule-doctor"]);
      expect(entries.map(({ input }) => input["RoleSessionName"])).toEqual(["ec2-medic", "doctor"]);
      const wrong = { ...entering, whoIs: () => Promise.resolve({ account: "999999999999", arn: "arn" }) };
      expect((await run({ yaml, parts: wrong })).row("shop-web", "account")[0]).toMatchObject({ result: "red" });
    });

    it("an account that is not the bot's own is red", async () => {
      const { run } = stage();
      const yaml = installationYaml().replace('"111122223333"', '"999999999999"');
      expect((await run({ yaml })).row("shop-web", "account")[0]).toMatchObject({
        result: "red",
        found: "the bot's credentials belong to 111122223333",
      });
    });

    it("alarms whose topic is none of those that the bot takes are amber", async () => {
      const { run } = stage();
      const { MEDIC_QUEUE_URL: _queue, ...withoutQueue } = variables;
      const of = async (topic: string) =>
        (await run({ variables: { ...withoutQueue, MEDIC_TOPIC_ARNS: topic } })).row("shop-web", "alarm shop-web-*");
      expect((await of(alarmTopic)).map(({ result }) => result)).toEqual(["green"]);
      expect((await of(mailTopic)).map(({ result }) => result)).toEqual(["amber"]);
    });

    it("a site that does not answer is red", async () => {
      const { run, account, clock } = stage();
      account.break("process-dies", "i-0a1b2c3d4e5f60001");
      await clock.advance(60_000);
      expect((await run()).row("shop-web", "probe")[0]).toMatchObject({ result: "red" });
    });
  });
});
