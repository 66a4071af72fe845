import { Queue } from "aws-cdk-lib/aws-sqs";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import type { Stack } from "aws-cdk-lib";
import { everything, lightStack, makeSpoke, makeStack } from "./synthesized.ts";

function findings(stack: Stack): string[] {
  return new AwsSolutionsChecks(stack).validateScope(stack).violations.map((each) => each.ruleName);
}

describe("cdk-nag's AwsSolutions rules", () => {
  test("find nothing that is not fixed or acknowledged with a reason", () => {
    expect(findings(makeStack())).toEqual([]);
  });

  test("find nothing in a given network, with keys and other regions either", () => {
    const context = {
      ...everything,
      vpcId: "vpc-0a1b2c3d",
      subnetIds: "subnet-0a1b2c3d",
      serviceRegions: "eu-west-1,eu-central-1",
      slackSecret: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:bots/medic-AbCdEf",
      workers: "2",
    };
    expect(findings(makeStack(context))).toEqual([]);
  });

  test("find nothing when areas are left out, or in the role of another account", () => {
    expect(findings(lightStack({ recoveries: "restart" }))).toEqual([]);
    expect(findings(makeSpoke())).toEqual([]);
    expect(findings(makeSpoke({ ...everything, serviceRegions: "eu-west-1,eu-central-1" }))).toEqual([]);
  });

  test("do look: an unprotected queue is found", () => {
    const stack = makeStack();
    new Queue(stack, "Careless");
    expect(findings(stack)).toEqual(expect.arrayContaining(["AwsSolutions-SQS3", "AwsSolutions-SQS4"]));
  });

  test("every acknowledgement says why in a whole sentence", () => {
    const stack = makeStack();
    const reasons = stack.node.findAll().flatMap((construct) =>
      construct.node.metadata
        .filter((entry) => entry.type === "aws:cdk:acknowledged-rules")
        .map((entry) => entry.data as Record<string, unknown>)
        .map((data) => JSON.stringify(data)),
    );
    expect(reasons.length).toBeGreaterThan(5);
    for (const reason of reasons) expect(reason).toMatch(/[A-Z][^"]{40,}\./);
  });
});
