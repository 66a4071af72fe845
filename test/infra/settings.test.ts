import { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { readSettings } from "../../infra/lib/settings.ts";

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
