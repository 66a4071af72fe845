import { beforeAll, describe, expect, test } from "vitest";
import { readSessionName } from "../../infra/lib/spokeRole.ts";
import { readSession, runSession } from "../../src/aws/assumedRole.ts";
import type { RunId } from "../../src/domain/words.ts";
import { globalsSchema } from "../../src/config/schema.ts";
import {
  botRoleArn,
  everything,
  flatten,
  makeSpoke,
  lightStack,
  only,
  policiesOf,
  resourcesOf,
  statementsOf,
} from "./synthesized.ts";
import type { Resource, Statement } from "./synthesized.ts";

const reads = /^[a-z0-9-]+:(Describe|Get|List)/;

let resources: Record<string, Resource>;
let trust: Statement[];
let statements: Statement[];

const statementsIn = (from: Record<string, Resource>): Statement[] =>
  policiesOf(from).flatMap((policy) => statementsOf(policy.Properties["PolicyDocument"]));

beforeAll(() => {
  resources = resourcesOf(makeSpoke({ ...everything, externalId: "web-team-7" }));
  trust = statementsOf(only(resources, "AWS::IAM::Role").Properties["AssumeRolePolicyDocument"]);
  statements = statementsIn(resources);
});

/** What the bot itself would ask for. */
const role = { roleArn: everything.accountRoleArns, externalId: "web-team-7" };
const reading = readSession(role);
const acting = (who: string) => runSession(role, { runId: "shop/7" as RunId, who, actions: ["ec2:RebootInstances"] });

describe("the role of another account", () => {
  test("lets in the bot's role alone, with the external id", () => {
    for (const each of trust) {
      expect(each.Principal).toEqual({ AWS: botRoleArn });
      if (each.Action.includes("sts:AssumeRole"))
        expect(each.Condition["StringEquals"]).toMatchObject({ "sts:ExternalId": "web-team-7" });
    }
    const plain = resourcesOf(makeSpoke());
    expect(JSON.stringify(only(plain, "AWS::IAM::Role").Properties)).not.toContain("ExternalId");
  });

  test("lets reading in by the session name that the bot uses, and only without a source", () => {
    const [first] = trust.filter((each) => each.Condition["Null"] !== undefined);
    expect(first?.Action).toEqual(["sts:AssumeRole"]);
    expect(first?.Condition).toEqual({
      StringEquals: { "sts:RoleSessionName": reading.name, "sts:ExternalId": "web-team-7" },
      Null: { "sts:SourceIdentity": "true" },
    });
    expect(readSessionName).toBe(reading.name);
    expect(reading.sourceIdentity).toBeUndefined();
  });

  test("lets acting in under the name of a person or a rule, as the bot writes it", () => {
    const others = trust.filter((each) => each.Condition["Null"] === undefined);
    expect(others.flatMap((each) => each.Action)).toEqual(["sts:AssumeRole", "sts:SetSourceIdentity"]);
    for (const each of others) {
      const globs = [each.Condition["StringLike"]?.["sts:SourceIdentity"]].flat() as string[];
      for (const who of ["U0123ABCD", "W0123ABCD", "lifecycle-hook", "quarantine", "sweep"])
        expect(globs.some((glob) => acting(who).sourceIdentity?.startsWith(glob.replace("*", "")))).toBe(true);
      expect(globs.every((glob) => /^[a-z]+-\*$/.test(glob))).toBe(true);
    }
  });

  test("changes nothing in a session that does not say who is behind it", () => {
    const changing = statements.filter(({ Action }) => Action.some((action) => !reads.test(action)));
    expect(changing.length).toBeGreaterThan(5);
    for (const each of changing) {
      // EC2 uses keys and roles in the bot's name.
      if (each.Action.every((action) => /^(kms:|iam:PassRole$)/.test(action))) continue;
      expect(each.Condition["StringLike"]?.["aws:SourceIdentity"], JSON.stringify(each)).toEqual(["slack-*", "rule-*"]);
    }
    for (const { Action, Condition } of statements)
      if (Action.every((action) => reads.test(action))) expect(Condition["StringLike"]).toBeUndefined();
  });

  test("allows there what the bot's own role allows at home, and none of the bot's own things", () => {
    const actionsIn = (from: readonly Statement[]): string[] =>
      [...new Set(from.flatMap(({ Action }) => Action))].sort();
    const home = actionsIn(statementsIn(resourcesOf(lightStack(everything))));
    const ownThings = /^(dynamodb|sqs|sns|sts|logs|ecr|secretsmanager):|^ssm:GetParameter$/;
    expect(actionsIn(statements)).toEqual(home.filter((action) => !ownThings.test(action)));
  });

  test("leaves out an area that this account's team does not hand over", () => {
    const allowed = statementsIn(resourcesOf(makeSpoke({ recoveries: "restart" }))).flatMap(({ Action }) => Action);
    expect(allowed).toContain("ec2:RebootInstances");
    expect(allowed).not.toContain("ec2:RunInstances");
  });

  test("has the name that medic.yaml is told to use, and lives in a stack that needs no bootstrap", () => {
    const name = only(resources, "AWS::IAM::Role").Properties["RoleName"];
    expect(name).toBe("ec2-medic");
    const accounts = { "222233334444": { role: `arn:aws:iam::222233334444:role/${flatten(name ?? null)}` } };
    const written = globalsSchema.safeParse({ defaults: { channel: "C0123456789" }, accounts });
    expect(written.error?.issues ?? []).toEqual([]);
    expect(Object.values(resources).map(({ Type }) => Type)).toEqual(
      expect.arrayContaining(["AWS::IAM::Role", "AWS::IAM::ManagedPolicy"]),
    );
    expect(Object.values(resources).filter(({ Type }) => !Type.startsWith("AWS::IAM::"))).toEqual([]);
    expect(JSON.stringify(makeSpoke().templateOptions)).not.toContain("BootstrapVersion");
  });
});
