import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Stack } from "aws-cdk-lib";
import { queueActions, tableActions } from "../../infra/lib/botRole.ts";
import { recoveryStatements } from "../../infra/lib/recoveryStatements.ts";
import { watchPermissions } from "../../infra/lib/watchPermissions.ts";
import { managedTag, restartPermissions } from "../../src/recovery/permissions.ts";
import { makeApp, makeStack, ofType, only, resourcesOf, statementsOf } from "./synthesized.ts";
import type { Resource, Statement } from "./synthesized.ts";

const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const reads = /^[a-z0-9-]+:(Describe|Get|List|BatchGet|Query|Scan|Receive)/;
const tagCondition = { StringEquals: { [`aws:ResourceTag/${managedTag.key}`]: managedTag.value } };

let resources: Record<string, Resource>;
let botStatements: Statement[];
let roleStatements: Statement[];

beforeAll(() => {
  resources = resourcesOf(makeStack({ volumeKeyArns: key }));
  const policies = ofType(resources, "AWS::IAM::Policy");
  roleStatements = policies.flatMap((policy) => statementsOf(policy.Properties["PolicyDocument"]));
  const bots = policies.filter((policy) => JSON.stringify(policy.Properties["Roles"]).includes("BotRole"));
  expect(bots.length).toBeGreaterThan(0);
  botStatements = bots.flatMap((policy) => statementsOf(policy.Properties["PolicyDocument"]));
});

describe("what the bot may do", () => {
  test("every action that could change an instance is bound to the tag", () => {
    const touching = botStatements.filter((each) => each.Resource.some((resource) => resource.includes(":instance/")));
    expect(touching.flatMap((each) => each.Action)).toEqual(
      expect.arrayContaining(["ec2:RebootInstances", "ec2:StartInstances", "ec2:StopInstances"]),
    );
    for (const statement of touching) expect(statement.Condition).toEqual(tagCondition);
  });

  test("no statement allows a change on a wildcard without a condition", () => {
    for (const statement of roleStatements.filter((each) => each.Effect === "Allow")) {
      const wild = statement.Resource.some((resource) => resource.includes("*"));
      const changes = statement.Action.filter((action) => !reads.test(action));
      if (wild && Object.keys(statement.Condition).length === 0) expect(changes, JSON.stringify(statement)).toEqual([]);
    }
  });

  test("no action is a wildcard, and no principal of the stack has a managed policy", () => {
    for (const statement of roleStatements) for (const action of statement.Action) expect(action).not.toContain("*");
    for (const role of ofType(resources, "AWS::IAM::Role"))
      expect(role.Properties["ManagedPolicyArns"]).toBeUndefined();
  });

  test("nothing can be removed, no tag can be written and no role can be passed", () => {
    const allowed = roleStatements.flatMap((each) => each.Action);
    const forbidden =
      /:(Terminate|Delete(?!Item|Message)|CreateTags|DeleteTags|PassRole|AssumeRole|Put.*Policy|ScheduleKey)/;
    expect(allowed.filter((action) => forbidden.test(action))).toEqual([]);
  });

  test("a key is granted to EC2 alone, to decrypt volumes alone", () => {
    const [grant, ...more] = botStatements.filter((each) => each.Action.includes("kms:CreateGrant"));
    expect(more).toEqual([]);
    expect(grant?.Action).toEqual(["kms:CreateGrant"]);
    expect(grant?.Resource).toEqual([key]);
    expect(grant?.Condition["Bool"]).toEqual({ "kms:GrantIsForAWSResource": "true" });
    expect(grant?.Condition["ForAllValues:StringEquals"]).toEqual({
      "kms:GrantOperations": ["Decrypt"],
      "kms:EncryptionContextKeys": ["aws:ebs:id"],
    });
    expect(grant?.Condition["Null"]).toEqual({ "kms:GrantOperations": "false", "kms:EncryptionContextKeys": "false" });
  });

  test("without keys of their own a team gives the bot no permission on any key", () => {
    const plain = resourcesOf(makeStack());
    expect(JSON.stringify(ofType(plain, "AWS::IAM::Policy"))).not.toContain("kms:");
  });

  test("only ECS tasks of this account may take the bot's role", () => {
    const role = only(resources, "AWS::IAM::Role", "what the running bot may do");
    const [trust, ...more] = statementsOf(role.Properties["AssumeRolePolicyDocument"]);
    expect(more).toEqual([]);
    expect(trust?.Principal).toEqual({ Service: "ecs-tasks.amazonaws.com" });
    expect(trust?.Condition["StringEquals"]).toEqual({ "aws:SourceAccount": { Ref: "AWS::AccountId" } });
  });

  test("instances of other regions are out of reach until a team names those regions", () => {
    const arns = (statements: Statement[]): string[] =>
      statements.flatMap((each) => each.Resource).filter((resource) => resource.includes(":instance/"));
    expect(arns(botStatements)).toEqual(["arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:instance/*"]);
    const two = ofType(resourcesOf(makeStack({ serviceRegions: "eu-west-1,eu-central-1" })), "AWS::IAM::Policy");
    expect(arns(two.flatMap((policy) => statementsOf(policy.Properties["PolicyDocument"]))).sort()).toEqual([
      "arn:${AWS::Partition}:ec2:eu-central-1:${AWS::AccountId}:instance/*",
      "arn:${AWS::Partition}:ec2:eu-west-1:${AWS::AccountId}:instance/*",
    ]);
  });

  test("a change that is not bound to the tag stops the synthesis", () => {
    const stack = new Stack(makeApp(), "Probe");
    const reach = { serviceRegions: [], volumeKeyArns: [] };
    for (const resource of ["any", "instance"] as const)
      expect(() =>
        recoveryStatements(stack, [{ action: "ec2:RebootInstances", resource, taggedOnly: false }], reach),
      ).toThrow("ec2:RebootInstances could change something and is not bound to the tag ec2-medic:managed");
  });
});

describe("permissions and code agree", () => {
  test("each declared permission is in the policy, and the policy holds nothing else", () => {
    const declared = [...watchPermissions, ...restartPermissions].map((each) => each.action);
    const own = [...tableActions, ...queueActions, "sns:Publish", "ssm:GetParameter"];
    const allowed = new Set(botStatements.flatMap((each) => each.Action));
    expect([...allowed].sort()).toEqual([...new Set([...declared, ...own])].sort());
  });

  test("the table allows exactly the operations that the store sends, but those that make or change a table", () => {
    const sent = [...readFileSync("src/store/dynamoCalls.ts", "utf8").matchAll(/client\.(\w+)\(/g)]
      .map(([, operation = ""]) => `dynamodb:${operation.charAt(0).toUpperCase()}${operation.slice(1)}`)
      .filter((action) => action !== "dynamodb:CreateTable" && action !== "dynamodb:UpdateTable");
    expect([...tableActions].sort()).toEqual([...new Set(sent)].sort());
  });

  test("every operation that an adapter sends is allowed, and nothing is allowed that none sends", () => {
    const withoutPermission = [
      // AWS answers this to whoever asks.
      "sts:GetCallerIdentity",
      // For the door of `POST /sns`, which this deployment does not open: its topic feeds the queue.
      "sns:ConfirmSubscription",
    ];
    const sent = new Set(sentByAdapters().filter((action) => !withoutPermission.includes(action)));
    // The store's are compared above; EC2 asks for the grant of a key in the bot's name.
    const allowed = botStatements.flatMap((each) => each.Action);
    const toCompare = new Set(allowed.filter((action) => !/^(dynamodb:|kms:CreateGrant)/.test(action)));
    expect(
      [...sent].filter((action) => !toCompare.has(action)),
      "sent and not allowed",
    ).toEqual([]);
    expect(
      [...toCompare].filter((action) => !sent.has(action)),
      "allowed and never sent",
    ).toEqual([]);
  });

  test("each permission is an operation that AWS knows by this name", async () => {
    const known = await knownOperations();
    const declared = [...watchPermissions, ...restartPermissions].map((each) => each.action);
    // The bot never calls KMS itself: EC2 asks for this grant in its name.
    const unknown = [...declared, ...tableActions, ...queueActions, "sns:Publish", "ssm:GetParameter"].filter(
      (action) => action !== "kms:CreateGrant" && !known.has(action),
    );
    expect(unknown).toEqual([]);
  });
});

/** IAM's prefix of each SDK client that the bot has. */
const prefixes: Readonly<Record<string, string>> = {
  "client-auto-scaling": "autoscaling",
  "client-cloudwatch": "cloudwatch",
  "client-dynamodb": "dynamodb",
  "client-ec2": "ec2",
  "client-elastic-load-balancing-v2": "elasticloadbalancing",
  "client-route-53": "route53",
  "client-sns": "sns",
  "client-sqs": "sqs",
  "client-ssm": "ssm",
  "client-sts": "sts",
};

async function knownOperations(): Promise<Set<string>> {
  const known = new Set<string>();
  for (const [client, prefix] of Object.entries(prefixes)) {
    const exported = Object.keys((await import(`@aws-sdk/${client}`)) as object);
    for (const name of exported) if (name.endsWith("Command")) known.add(`${prefix}:${name.replace(/Command$/, "")}`);
  }
  return known;
}

/** Every `…Command` that an adapter imports from an SDK client, as IAM names it. */
function sentByAdapters(): string[] {
  const files = ["src/aws", "src/mail"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  );
  const imports = /import (?!type)\{([^}]*)\} from "@aws-sdk\/(client-[\w-]+)"/g;
  return files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => [...readFileSync(file, "utf8").matchAll(imports)])
    .flatMap(([, names = "", client = ""]) =>
      [...names.matchAll(/\b(\w+)Command\b/g)].map(
        ([, operation = ""]) => `${prefixes[client] ?? client}:${operation}`,
      ),
    );
}
