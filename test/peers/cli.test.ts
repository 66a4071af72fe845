import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CreateTagsCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPretendSlack, type PretendSlack } from "../../sandbox/slack/server.ts";
import { countedIds, createWorkspace } from "../../sandbox/slack/workspace.ts";
import { channelIds, people } from "../../sandbox/slack/workspace-state.ts";
import type { Row } from "../../src/cli/doctor/row.ts";
import { runMedic } from "../cli/runMedic.ts";
import { hasMoto, motoInstall, startMoto, type Moto } from "./moto.ts";
import { requirePeer } from "./peer.ts";

const withMoto = requirePeer("moto_server", hasMoto(), motoInstall);
const region = "eu-west-1";

withMoto("the commands that look at what is live, as processes of their own (moto, pretend Slack)", () => {
  let moto: Moto;
  let slack: PretendSlack;
  let site: Server;
  let directory: string;
  let env: Record<string, string>;
  let instanceId: string;
  const topic = "arn:aws:sns:eu-west-1:123456789012:alarms";

  beforeAll(async () => {
    const workspace = createWorkspace({ now: () => Date.now(), ids: countedIds() });
    [moto, slack, directory] = await Promise.all([
      startMoto(),
      startPretendSlack({ workspace }),
      mkdtemp(join(tmpdir(), "medic-cli-")),
    ]);
    site = createServer((_request, response) => response.end("up"));
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    const shared = { region, endpoint: moto.endpoint, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    const ec2 = new EC2Client(shared);
    const run = new RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1 });
    instanceId = (await ec2.send(run)).Instances?.[0]?.InstanceId ?? "";
    const Tags = [
      { Key: "Name", Value: "Web Front" },
      { Key: "ec2-medic:service", Value: "shop-web" },
    ];
    await ec2.send(new CreateTagsCommand({ Resources: [instanceId], Tags }));
    await new CloudWatchClient(shared).send(
      new PutMetricAlarmCommand({
        AlarmName: "shop-web-status",
        Namespace: "AWS/EC2",
        MetricName: "StatusCheckFailed",
        Dimensions: [{ Name: "InstanceId", Value: instanceId }],
        Statistic: "Maximum",
        Period: 60,
        EvaluationPeriods: 2,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        AlarmActions: [topic],
        OKActions: [topic],
      }),
    );
    const queue = await new SQSClient(shared).send(new CreateQueueCommand({ QueueName: "medic" }));
    const parameter = { Name: "/ec2-medic/autopilot", Value: "on", Type: "String" as const };
    await new SSMClient(shared).send(new PutParameterCommand(parameter));
    env = {
      ...moto.environment,
      SLACK_BOT_TOKEN: "xoxb-sandbox",
      SLACK_APP_TOKEN: "xapp-sandbox",
      SLACK_API_URL: slack.apiUrl,
      MEDIC_QUEUE_URL: queue.QueueUrl ?? "",
    };
  });

  afterAll(async () => {
    await new Promise((resolve) => site?.close(resolve));
    await Promise.all([moto?.stop(), slack?.stop()]);
    await rm(directory, { recursive: true, force: true });
  });

  const write = async (elsewhere = "") => {
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
    const yaml = `
defaults: { region: ${region}, channel: ${channelIds.opsAlerts}, approvers: { users: [${people.mira}] } }
killSwitch: { parameter: /ec2-medic/autopilot }
services:
  shop-web:
    description: The web shop
    pattern: instance
    target: { tag: "ec2-medic:service=shop-web" }
    probe: { url: "${url}" }
    alarms: [shop-web-*]
    ladders: { os: [{ recovery: restart, mode: approve }] }
${elsewhere}`;
    await writeFile(join(directory, "medic.yaml"), yaml);
  };

  describe("medic doctor", () => {
    it("asks everything live and ends with 0 when nothing is red", async () => {
      await write();
      const { code, out, err } = await runMedic(["doctor", "--json"], { env, cwd: directory });
      const rows = JSON.parse(out) as Row[];
      expect(rows.filter(({ result }) => result === "red")).toEqual([]);
      expect(code).toBe(0);
      expect(err).toBe("");
      const found = (area: string, what: string) => rows.find((row) => row.area === area && row.what === what);
      expect(found("aws", "identity")?.found).toContain("123456789012");
      expect(found("aws", "queue")?.result).toBe("green");
      expect(found("aws", "kill switch")?.result).toBe("green");
      expect(found("shop-web", "target")?.found).toContain(`${instanceId} is running`);
      expect(found("shop-web", "DryRun reboot")?.result).toBe("green");
      expect(found("shop-web", "probe")?.found).toContain("200");
      expect(found("shop-web", "alarm shop-web-*")?.found).toContain("shop-web-status");
    });

    it("is red, and comes to its end, while AWS and Slack are not there at all", async () => {
      await write();
      const nobody = { AWS_ENDPOINT_URL: "http://127.0.0.1:1", SLACK_API_URL: "http://127.0.0.1:1/api/" };
      const { code, out } = await runMedic(["doctor"], { env: { ...env, ...nobody }, cwd: directory });
      expect(code).toBe(1);
      expect(out).toContain("did not answer: connect ECONNREFUSED 127.0.0.1:1");
      expect(out).toMatch(/^red {4}slack/m);
    });
  });

  describe("medic discover", () => {
    it("drafts a file that medic check accepts", async () => {
      const drafted = await runMedic(["discover"], { env, cwd: directory });
      expect(drafted.code).toBe(0);
      expect(drafted.out).toContain("tag: ec2-medic:service=shop-web");
      await writeFile(join(directory, "drafted.yaml"), drafted.out);
      const checked = await runMedic(["check", "drafted.yaml"], { cwd: directory });
      expect(checked.code).toBe(0);
      expect(checked.out).toContain("no approvers");
      expect(checked.out).toContain("drafted.yaml is right, 1 service.");
    });
  });

  describe("medic test-card", () => {
    it("posts where the service's cards come", async () => {
      await write();
      const { code, out } = await runMedic(["test-card", "shop-web"], { env, cwd: directory });
      expect(code).toBe(0);
      expect(out).toContain(`posted in ${channelIds.opsAlerts}`);
      expect(slack.workspace.messages(channelIds.opsAlerts).map(({ text }) => text)).toEqual([
        expect.stringContaining("Test card of shop-web"),
      ]);
    });
  });
});
