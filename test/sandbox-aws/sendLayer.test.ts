import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeAlarmsCommand, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeVpcsCommand,
  DescribeAddressesCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  EC2ServiceException,
  GetConsoleOutputCommand,
  paginateDescribeInstances,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { PublishCommand } from "@aws-sdk/client-sns";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { createMailbox } from "../../sandbox/aws/mailbox.ts";
import { sendLayer } from "../../sandbox/aws/sendLayer.ts";
import { api, startingAccount, startAt, web } from "../memory/startingAccount.ts";

const refusal = async (call: Promise<unknown>): Promise<EC2ServiceException> => {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof EC2ServiceException) return error;
  throw new Error(`not refused by EC2: ${String(error)}`);
};

describe("the simulated account behind the SDK's clients", () => {
  it("answers DescribeInstances in the SDK's shape, by id, by filter and through the SDK's own paginator", async () => {
    const { account } = startingAccount();
    const { ec2 } = sendLayer(account);
    const byId = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [web] }));
    expect(byId.Reservations?.[0]?.Instances?.[0]).toMatchObject({
      InstanceId: web,
      State: { Code: 16, Name: "running" },
      PublicIpAddress: "198.51.100.7",
      Tags: [{ Key: "Name", Value: "web" }],
    });
    const byTag = await ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: "tag:Name", Values: ["ap*"] }] }));
    expect(byTag.Reservations?.map((each) => each.Instances?.[0]?.InstanceId)).toEqual([api]);
    const paged: string[] = [];
    for await (const each of paginateDescribeInstances({ client: ec2, pageSize: 1 }, {})) {
      paged.push(...(each.Reservations ?? []).flatMap((r) => (r.Instances ?? []).map((i) => i.InstanceId ?? "")));
    }
    expect(paged).toEqual([web, api]);
  });

  it("shows status checks, impaired since when, and only running instances unless asked for all", async () => {
    const { account, clock } = startingAccount();
    const { ec2 } = sendLayer(account);
    account.break("kernel-hangs", web);
    await clock.advance(60_000);
    const answer = await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [web] }));
    expect(answer.InstanceStatuses?.[0]).toMatchObject({
      SystemStatus: { Status: "ok" },
      InstanceStatus: { Status: "impaired", Details: [{ ImpairedSince: new Date(startAt + 45_000) }] },
    });
    await ec2.send(new StopInstancesCommand({ InstanceIds: [api] }));
    const running = await ec2.send(new DescribeInstanceStatusCommand({}));
    expect(running.InstanceStatuses?.map((each) => each.InstanceId)).toEqual([web]);
    const all = await ec2.send(new DescribeInstanceStatusCommand({ IncludeAllInstances: true }));
    expect(all.InstanceStatuses).toHaveLength(2);
  });

  it("stops and starts, with previous and current state, and writes down who asked", async () => {
    const { account, clock } = startingAccount();
    const { ec2 } = sendLayer(account, { who: "worker-1" });
    const stopped = await ec2.send(new StopInstancesCommand({ InstanceIds: [web] }));
    expect(stopped.StoppingInstances?.[0]).toMatchObject({
      PreviousState: { Name: "running" },
      CurrentState: { Name: "stopping" },
    });
    await clock.advance(60_000);
    await ec2.send(new StartInstancesCommand({ InstanceIds: [web] }));
    expect(account.writes.map((each) => `${each.who} ${each.operation} ${each.outcome}`)).toEqual([
      "worker-1 StopInstances accepted",
      "worker-1 StartInstances accepted",
    ]);
  });

  it("refuses with the SDK's exceptions: wrong state, unknown id, throttling, dry run", async () => {
    const { account } = startingAccount();
    const { ec2, cloudwatch } = sendLayer(account);
    expect((await refusal(ec2.send(new RebootInstancesCommand({ InstanceIds: [web], DryRun: true })))).name).toBe(
      "DryRunOperation",
    );
    expect(account.countOf(web).reboots).toBe(0);
    const unknown = await refusal(ec2.send(new DescribeInstancesCommand({ InstanceIds: ["i-0"] })));
    expect([unknown.name, unknown.$metadata.httpStatusCode]).toEqual(["InvalidInstanceID.NotFound", 400]);
    await ec2.send(new StopInstancesCommand({ InstanceIds: [web] }));
    const wrong = await refusal(ec2.send(new StartInstancesCommand({ InstanceIds: [web] })));
    expect(wrong.name).toBe("IncorrectInstanceState");
    account.faults.throttledCalls = 2;
    const throttled = await refusal(ec2.send(new DescribeInstancesCommand({})));
    expect([throttled.name, throttled.$fault]).toEqual(["RequestLimitExceeded", "server"]);
    await expect(cloudwatch.send(new DescribeAlarmsCommand({}))).rejects.toMatchObject({ name: "Throttling" });
  });

  it("names a command that it does not answer", async () => {
    const { account } = startingAccount();
    const { ec2 } = sendLayer(account);
    await expect(ec2.send(new DescribeVpcsCommand({}))).rejects.toThrow(
      "the simulated account does not answer EC2 DescribeVpcsCommand",
    );
  });

  it("shows alarms by state, name and prefix, in pages, and metric points in either order", async () => {
    const { account, clock } = startingAccount();
    const { cloudwatch } = sendLayer(account);
    account.break("kernel-hangs", web);
    await clock.advance(5 * 60_000);
    const bad = await cloudwatch.send(new DescribeAlarmsCommand({ StateValue: "ALARM" }));
    expect(bad.MetricAlarms?.map((each) => each.AlarmName)).toEqual(["web instance check", "web canary"]);
    expect(bad.MetricAlarms?.[0]?.StateTransitionedTimestamp).toBeInstanceOf(Date);
    const first = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: "web", MaxRecords: 2 }));
    expect(first.MetricAlarms).toHaveLength(2);
    const second = await cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: "web", MaxRecords: 2, NextToken: first.NextToken }),
    );
    expect([second.MetricAlarms?.length, second.NextToken]).toEqual([1, undefined]);
    const Metric = {
      Namespace: "AWS/EC2",
      MetricName: "StatusCheckFailed_Instance",
      Dimensions: [{ Name: "InstanceId", Value: web }],
    };
    const data = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(startAt),
        EndTime: new Date(startAt + 3 * 60_000),
        MetricDataQueries: [{ Id: "m", MetricStat: { Metric, Period: 60, Stat: "Maximum" } }],
      }),
    );
    expect(data.MetricDataResults?.[0]?.Timestamps?.[0]).toEqual(new Date(startAt + 2 * 60_000));
    expect(data.MetricDataResults?.[0]?.Values).toEqual([1, 1, 1]);
  });

  it("answers the small reads: addresses, console, groups, target health, identity, parameter", async () => {
    const arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1";
    const { account, clock } = startingAccount({
      groups: [
        {
          name: "web-asg",
          min: 1,
          max: 1,
          desired: 1,
          instanceIds: [web],
          suspended: ["AZRebalance"],
          targetGroupArns: [arn],
        },
      ],
    });
    const clients = sendLayer(account, { parameters: new Map([["/medic/autopilot", "on"]]) });
    const addresses = await clients.ec2.send(
      new DescribeAddressesCommand({ Filters: [{ Name: "instance-id", Values: [web] }] }),
    );
    expect(addresses.Addresses?.[0]).toMatchObject({ AllocationId: "eipalloc-1", InstanceId: web });
    const consoleOutput = await clients.ec2.send(new GetConsoleOutputCommand({ InstanceId: web }));
    expect(Buffer.from(consoleOutput.Output ?? "", "base64").toString()).toContain("web login:");
    const groups = await clients.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    expect(groups.AutoScalingGroups?.[0]).toMatchObject({ SuspendedProcesses: [{ ProcessName: "AZRebalance" }] });
    account.break("process-dies", web);
    await clock.advance(65_000);
    const health = await clients.elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
    expect(health.TargetHealthDescriptions?.[0]?.TargetHealth).toEqual({
      State: "unhealthy",
      Reason: "Target.FailedHealthChecks",
    });
    expect((await clients.sts.send(new GetCallerIdentityCommand({}))).Account).toBe("111122223333");
    expect((await clients.ssm.send(new GetParameterCommand({ Name: "/medic/autopilot" }))).Parameter?.Value).toBe("on");
    await expect(clients.ssm.send(new GetParameterCommand({ Name: "/none" }))).rejects.toMatchObject({
      name: "ParameterNotFound",
    });
  });

  it("puts mail into the mailbox and refuses a subject that SNS refuses", async () => {
    const { account, clock } = startingAccount();
    const TopicArn = "arn:aws:sns:eu-west-1:111122223333:mail";
    const mailbox = createMailbox(TopicArn, () => clock.now());
    const { sns } = sendLayer(account, { mailbox });
    await sns.send(new PublishCommand({ TopicArn, Subject: "shop-web is down", Message: "…" }));
    expect(mailbox.mails).toEqual([{ at: startAt, subject: "shop-web is down", body: "…" }]);
    await expect(
      sns.send(new PublishCommand({ TopicArn, Subject: "shop-web\nis down", Message: "…" })),
    ).rejects.toMatchObject({ name: "InvalidParameter" });
  });
});
