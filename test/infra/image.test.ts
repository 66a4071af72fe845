import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { flatten, makeStack, ofType, only, resourcesOf, statementsOf } from "./synthesized.ts";
import type { Json } from "./synthesized.ts";

const dockerfile = readFileSync("infra/Dockerfile", "utf8");
const instructions = dockerfile.split("\n").filter((line) => /^[A-Z]+ /.test(line));

describe("the bot's image", () => {
  test("is made of exactly what the Dockerfile copies, and of no secret, data or history that lies around", () => {
    const stack = makeStack();
    resourcesOf(stack);
    const { outdir } = App.of(stack) as App;
    const [asset, ...more] = readdirSync(outdir).filter((name) => name.startsWith("asset."));
    expect(more).toEqual([]);
    const inside = readdirSync(join(outdir, asset ?? ""));
    for (const name of [".git", ".env", "node_modules", "data", "test", "docs"]) expect(inside).not.toContain(name);
    const copied = instructions
      .filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
      .flatMap((line) => line.split(/\s+/).slice(1, -1))
      .filter((source) => !source.startsWith("$") && existsSync(source));
    expect(copied).toEqual(expect.arrayContaining(["package.json", "package-lock.json", "src"]));
    for (const source of copied) expect(inside, `${source} is copied and must be let in`).toContain(source);
  });

  test("runs the bot as an unprivileged user on the Node version that production has", () => {
    const from = instructions.filter((line) => line.startsWith("FROM "));
    expect(from).toEqual(["FROM node:24-slim AS build", "FROM node:24-slim"]);
    const last = instructions.slice(instructions.lastIndexOf("FROM node:24-slim"));
    expect(last).toContain("USER node");
    expect(last.at(-1)).toBe('CMD ["node", "bin/ec2-medic.js", "start"]');
    expect(dockerfile).not.toMatch(/TOKEN|SECRET|--privileged|curl .*\| *sh/);
  });

  test("may be one that a team has built elsewhere, which ECS may then pull", () => {
    const image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/ec2-medic:1.2.3";
    const resources = resourcesOf(makeStack({ image }));
    const [bot] = only(resources, "AWS::ECS::TaskDefinition").Properties["ContainerDefinitions"] as { Image: Json }[];
    expect(flatten(bot?.Image ?? null)).toBe(image.replace("amazonaws.com", "${AWS::URLSuffix}"));
    const pull = ofType(resources, "AWS::IAM::Policy")
      .flatMap((policy) => statementsOf(policy.Properties["PolicyDocument"]))
      .find((each) => each.Action.includes("ecr:BatchGetImage"));
    expect(pull?.Resource).toEqual(["arn:${AWS::Partition}:ecr:eu-west-1:123456789012:repository/team/ec2-medic"]);
  });

  test("may come from any other registry without a permission", () => {
    const resources = resourcesOf(makeStack({ image: "registry.example.com/ec2-medic:1" }));
    const [bot] = only(resources, "AWS::ECS::TaskDefinition").Properties["ContainerDefinitions"] as { Image: Json }[];
    expect(bot?.Image).toBe("registry.example.com/ec2-medic:1");
    expect(JSON.stringify(ofType(resources, "AWS::IAM::Policy"))).not.toContain("ecr:");
  });
});
