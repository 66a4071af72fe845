import { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { readSettings, readSpokeSettings } from "../../infra/lib/settings.ts";
import { botRoleArn } from "./synthesized.ts";

const read = (context: Record<string, unknown>) => readSettings(new App({ context }).node);

describe("settings of a deployment", () => {
  test("a deployment needs none", () => {
    expect(read({})).toEqual({
      name: "ec2-medic",
      configFile: "medic.yaml",
      image: undefined,
      slackSecret: "ec2-medic/slack",
      mailTo: [],
      workers: 1,
      serviceRegions: [],
      volumeKeyArns: [],
      hostedZoneIds: [],
      recordNames: [],
      routingControlArns: [],
      instanceRoleArns: [],
      groupSizeMax: undefined,
      recoveries: ["restart", "failover", "groups", "group-size", "hooks", "reprovision", "drill", "snapshots"],
      accountRoleArns: [],
      network: undefined,
    });
  });

  test("lists are written with commas, as a command line allows", () => {
    expect(read({ mailTo: "a@example.com, b@example.com", workers: "2" })).toMatchObject({
      mailTo: ["a@example.com", "b@example.com"],
      workers: 2,
    });
  });

  test("all problems are said at once, each with what would be right", () => {
    const wrong = {
      name: "My Bot",
      workers: "0",
      mailTo: "nobody",
      serviceRegions: "europe",
      config: "../medic.yaml",
      publicIp: "yes",
      hostedZoneIds: "example.com",
      recordNames: "Shop.example.com.",
      routingControlArns: "arn:aws:route53-recovery-control::123456789012:cluster/1",
      instanceRoleArns: "arn:aws:iam::123456789012:instance-profile/web",
      accountRoleArns: "222233334444",
      groupSizeMax: "many",
      recoveries: "everything",
    };
    const message = messageOf(() => read(wrong));
    for (const [key, value] of Object.entries(wrong)) expect(message).toContain(`${key} is "${value}"; needed: `);
    expect(message.split("\n")).toHaveLength(1 + Object.keys(wrong).length);
  });

  test("a token where the secret's name belongs is refused before it gets into a template", () => {
    expect(messageOf(() => read({ slackSecret: "xoxb-1-2-3" }))).toContain("never the token itself");
  });

  test("two bots in one account have two Slack apps", () => {
    expect(read({ name: "medic-two" }).slackSecret).toBe("medic-two/slack");
  });

  test("a list where one value belongs is refused", () => {
    expect(messageOf(() => read({ workers: "2,3" }))).toContain("workers holds 2 values; needed: one");
  });

  test("areas are chosen by name, and stand in one order however they are written", () => {
    expect(read({ recoveries: "failover, restart" }).recoveries).toEqual(["restart", "failover"]);
  });

  test("record names without their zone are refused: nothing would be narrowed", () => {
    expect(messageOf(() => read({ recordNames: "shop.example.com" }))).toContain("hostedZoneIds, which is empty");
  });

  test("the role of another account needs to know the bot's role, and is called as medic.yaml would call it", () => {
    const spoke = (context: Record<string, unknown>) => readSpokeSettings(new App({ context }).node);
    expect(spoke({ botRoleArn, recoveries: "restart" })).toMatchObject({
      roleName: "ec2-medic",
      botRoleArn,
      externalId: undefined,
      recoveries: ["restart"],
    });
    expect(messageOf(() => spoke({ botRoleArn: "" }))).toContain(
      "botRoleArn is missing; needed: the output BotRoleArn",
    );
    expect(messageOf(() => spoke({ botRoleArn: "123456789012" }))).toContain('botRoleArn is "123456789012"; needed: ');
  });

  test("a network without subnets is refused", () => {
    expect(messageOf(() => read({ vpcId: "vpc-0a1b2c3d" }))).toContain("vpcId and subnetIds belong together");
  });
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("nothing was refused");
}
