import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Stack } from "aws-cdk-lib";
import { accountActions, queueActions, tableActions } from "../../infra/lib/botRole.ts";
import { areaNames, actionsOfArea, declaring } from "../../infra/lib/areas.ts";
import { recoveryStatements } from "../../infra/lib/recoveryStatements.ts";
import type { Reach } from "../../infra/lib/recoveryStatements.ts";
import { watchPermissions } from "../../infra/lib/watchPermissions.ts";
import { drillTag } from "../../src/ports/compute.ts";
import { managedTag } from "../../src/recovery/permissions.ts";
import type { IamAction } from "../../src/recovery/permissions.ts";
import {
  everything,
  flatten,
  makeApp,
  lightStack,
  ofType,
  only,
  policiesOf,
  resourcesOf,
  statementsOf,
} from "./synthesized.ts";
import type { Json, Resource, Statement } from "./synthesized.ts";

const key = everything.volumeKeyArns;
const reads = /^[a-z0-9-]+:(Describe|Get|List|BatchGet|Query|Scan|Receive)/;
const ofManaged = `aws:ResourceTag/${managedTag.key}`;
const nowhere: Reach = {
  serviceRegions: [],
  volumeKeyArns: [],
  hostedZoneIds: [],
  recordNames: [],
  routingControlArns: [],
  instanceRoleArns: [],
  groupSizeMax: undefined,
};

let resources: Record<string, Resource>;
let botStatements: Statement[];
let roleStatements: Statement[];

const policiesOfBot = (from: Record<string, Resource>): Resource[] =>
  policiesOf(from).filter((policy) => JSON.stringify(policy.Properties["Roles"]).includes("BotRole"));

const statementsOfBot = (from: Record<string, Resource>): Statement[] =>
  policiesOfBot(from).flatMap((policy) => statementsOf(policy.Properties["PolicyDocument"]));

const actionsOf = (statements: readonly Statement[]): Set<string> => new Set(statements.flatMap((each) => each.Action));

/** Every statement that allows an action, on resources of this kind when one is named. */
const allowing = (action: string, kind = ""): Statement[] =>
  botStatements.filter(
    (each) => each.Action.includes(action) && each.Resource.some((resource) => resource.includes(kind)),
  );

beforeAll(() => {
  resources = resourcesOf(lightStack(everything));
  roleStatements = policiesOf(resources).flatMap((policy) => statementsOf(policy.Properties["PolicyDocument"]));
  botStatements = statementsOfBot(resources);
  expect(botStatements.length).toBeGreaterThan(0);
});

describe("what the bot may do", () => {
  test("whatever it changes is bound: to the tag, to being made with it, to a launch, or to what the team names", () => {
    const named = [
      ...[everything.volumeKeyArns, everything.routingControlArns, everything.instanceRoleArns],
      ...[everything.accountRoleArns, "hostedzone/Z0123456789ABC", "healthcheck/*", "document/AWS-RunShellScript"],
    ];
    // Nothing of these is changed by a launch or a restore; the new machine beside them is bound.
    const parts = /^ec2:(RunInstances|RegisterImage|CreateVolume|CreateReplaceRootVolumeTask)$/;
    const partKinds = /:(image|snapshot|subnet|security-group|key-pair)\/\*$/;
    const seen = new Set<string>();
    for (const { Action, Resource, Condition } of botStatements) {
      const bound = Object.entries(Condition["StringEquals"] ?? {}).some(
        ([name, value]) =>
          (/^(aws:ResourceTag|aws:RequestTag|ssm:resourceTag)\/ec2-medic:managed$/.test(name) && value === "true") ||
          name === "ec2:CreateAction",
      );
      for (const action of Action.filter((each) => !reads.test(each) && !/^(dynamodb|sqs|sns):/.test(each)))
        for (const resource of Resource) {
          const isNamed = named.some((each) => resource.endsWith(each));
          const isPart = parts.test(action) && partKinds.test(resource);
          const isNewRoot = action === "ec2:CreateReplaceRootVolumeTask" && resource.endsWith(":volume/*");
          expect(bound || isNamed || isPart || isNewRoot, `${action} on ${resource}`).toBe(true);
          seen.add(action);
        }
    }
    expect([...seen]).toEqual(expect.arrayContaining(["ec2:RebootInstances", "ec2:RunInstances", "iam:PassRole"]));
  });

  test("no statement allows a change on a wildcard without a condition, but what a launch uses and does not change", () => {
    const used = ["ec2:RunInstances", "ec2:RegisterImage", "ec2:CreateReplaceRootVolumeTask"];
    const withoutTags = ["route53:UpdateHealthCheck"];
    for (const statement of roleStatements.filter((each) => each.Effect === "Allow")) {
      const wild = statement.Resource.some((resource) => resource.includes("*"));
      const changes = statement.Action.filter((action) => !reads.test(action));
      if (!wild || Object.keys(statement.Condition).length > 0) continue;
      expect(
        changes.filter((action) => ![...used, ...withoutTags].includes(action)),
        JSON.stringify(statement),
      ).toEqual([]);
    }
  });

  test("no action is a wildcard, and no principal of the stack has a policy that AWS writes", () => {
    for (const statement of roleStatements) for (const action of statement.Action) expect(action).not.toContain("*");
    for (const role of ofType(resources, "AWS::IAM::Role"))
      expect(role.Properties["ManagedPolicyArns"]).toBeUndefined();
  });

  test("nothing is deleted but snapshots that carry the tag, nothing terminated but drills, no tag taken away", () => {
    const removing =
      /:(Terminate(?!InstanceInAutoScalingGroup)|Delete(?!Item|Message)|Put.*Policy|ScheduleKey|Release)/;
    const found = [...actionsOf(roleStatements)].filter((action) => removing.test(action));
    expect(found.filter((action) => !["ec2:TerminateInstances", "ec2:DeleteSnapshot"].includes(action))).toEqual([]);
    for (const { Condition } of allowing("ec2:TerminateInstances"))
      expect(Condition["StringEquals"]).toMatchObject({
        [ofManaged]: managedTag.value,
        [`aws:ResourceTag/${drillTag.key}`]: drillTag.value,
      });
    for (const { Condition } of allowing("ec2:DeleteSnapshot"))
      expect(Condition["StringEquals"]).toEqual({ [ofManaged]: managedTag.value });
  });

  test("tags are written on what is being made, and on what exists only the two marks of an old machine", () => {
    const tagging = allowing("ec2:CreateTags");
    expect(tagging.length).toBeGreaterThan(1);
    for (const { Condition } of tagging) {
      const creating = Condition["StringEquals"]?.["ec2:CreateAction"];
      if (creating !== undefined) continue;
      expect(Condition["StringEquals"]).toEqual({ [ofManaged]: managedTag.value });
      const keys = [Condition["ForAllValues:StringEquals"]?.["aws:TagKeys"]].flat();
      for (const each of keys) expect(["ec2-medic:replaced-by", "ec2-medic:quarantined"]).toContain(each);
      expect(keys).not.toHaveLength(0);
    }
  });

  test("what a launch makes carries the tag from its first moment: machine, disks and interface", () => {
    for (const kind of ["instance/*", "volume/*", "network-interface/*"]) {
      const statements = allowing("ec2:RunInstances", `:${kind}`);
      expect(statements, kind).not.toEqual([]);
      for (const { Condition } of statements)
        expect(Condition).toEqual({ StringEquals: { [`aws:RequestTag/${managedTag.key}`]: managedTag.value } });
    }
  });

  test("an address moves only where address, machine and interface all carry the tag", () => {
    for (const kind of ["elastic-ip/*", "instance/*", "network-interface/*"]) {
      const statements = allowing("ec2:AssociateAddress", `:${kind}`);
      expect(statements, kind).not.toEqual([]);
      for (const { Condition } of statements) expect(Condition).toEqual({ StringEquals: { [ofManaged]: "true" } });
    }
  });

  test("a role is passed to EC2 alone, and only one that the team names", () => {
    for (const { Resource, Condition } of allowing("iam:PassRole")) {
      expect(Resource).toEqual([everything.instanceRoleArns]);
      expect(Condition).toEqual({ StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } });
    }
    expect(actionsOf(statementsOfBot(resourcesOf(lightStack())))).not.toContain("iam:PassRole");
  });

  test("records are pointed elsewhere, never made or removed, in the zones and under the names that the team says", () => {
    const changing = allowing("route53:ChangeResourceRecordSets");
    expect(changing).not.toEqual([]);
    for (const { Resource, Condition } of changing) {
      expect(Resource).toEqual(["arn:${AWS::Partition}:route53:::hostedzone/Z0123456789ABC"]);
      expect(Condition).toEqual({
        "ForAllValues:StringEquals": {
          "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
          "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["shop.example.com"],
        },
      });
    }
    const plain = [...actionsOf(statementsOfBot(resourcesOf(lightStack())))];
    expect(plain.filter((action) => /^route53/.test(action))).toEqual([]);
  });

  test("safety rules of routing controls are never overridden", () => {
    const [update] = allowing("route53-recovery-cluster:UpdateRoutingControlStates");
    expect(update?.Condition).toEqual({
      BoolIfExists: { "route53-recovery-cluster:AllowSafetyRulesOverrides": "false" },
    });
  });

  test("a shell line is sent by AWS's own document to machines that carry the tag", () => {
    const [toMachine] = allowing("ssm:SendCommand", ":instance/");
    expect(toMachine?.Condition).toEqual({ StringEquals: { "ssm:resourceTag/ec2-medic:managed": "true" } });
    const others = allowing("ssm:SendCommand")
      .flatMap(({ Resource }) => Resource)
      .filter((arn) => !/:instance\//.test(arn));
    expect(new Set(others.map((arn) => arn.split(":").at(-1)))).toEqual(new Set(["document/AWS-RunShellScript"]));
  });

  test("the maximum of a group can be capped for the bot", () => {
    for (const { Condition } of allowing("autoscaling:UpdateAutoScalingGroup"))
      expect(Condition["NumericLessThanEquals"]).toEqual({ "autoscaling:MaxSize": "20" });
  });

  test("to start a machine, a key is granted to EC2 alone, to decrypt volumes alone", () => {
    const grants = statementsOfBot(resourcesOf(lightStack({ volumeKeyArns: key, recoveries: "restart" }))).filter(
      (each) => each.Action.includes("kms:CreateGrant"),
    );
    const [grant, ...more] = grants;
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

  test("every use of a key goes through EC2, and every grant goes to an AWS service", () => {
    const uses = botStatements.filter((each) => each.Action.some((action) => action.startsWith("kms:")));
    expect(uses.length).toBeGreaterThan(1);
    for (const { Action, Resource, Condition } of uses) {
      expect(Resource).toEqual([key]);
      expect(JSON.stringify(Condition["StringLike"]?.["kms:ViaService"])).toContain("ec2.*.");
      if (Action.includes("kms:CreateGrant"))
        expect(Condition["Bool"]).toEqual({ "kms:GrantIsForAWSResource": "true" });
    }
  });

  test("without keys of their own a team gives the bot no permission on any key", () => {
    const plain = resourcesOf(lightStack());
    expect(JSON.stringify(policiesOf(plain))).not.toContain("kms:");
  });

  test("other accounts are entered only by the roles that the team names, with a name in the session", () => {
    const [enter, ...more] = allowing("sts:AssumeRole");
    expect(more).toEqual([]);
    expect(enter?.Action).toEqual([...accountActions]);
    expect(enter?.Resource).toEqual([everything.accountRoleArns]);
    expect(
      [...actionsOf(statementsOfBot(resourcesOf(lightStack())))].filter((each) => each.startsWith("sts:")),
    ).toEqual([]);
  });

  test("only ECS tasks of this account may take the bot's role", () => {
    const role = only(resources, "AWS::IAM::Role", "what the running bot may do");
    const [trust, ...more] = statementsOf(role.Properties["AssumeRolePolicyDocument"]);
    expect(more).toEqual([]);
    expect(trust?.Principal).toEqual({ Service: "ecs-tasks.amazonaws.com" });
    expect(trust?.Condition["StringEquals"]).toEqual({ "aws:SourceAccount": { Ref: "AWS::AccountId" } });
  });

  test("machines of other regions are out of reach until a team names those regions", () => {
    const regionsOf = (statements: Statement[]): string[] => {
      const arns = statements.flatMap((each) => each.Resource).filter((resource) => /:ec2:.*\/\*$/.test(resource));
      return [
        ...new Set(arns.map((arn) => arn.split(":ec2:")[1]?.replace(/:(\$\{AWS::AccountId\})?:[\w-]+\/\*$/, "") ?? "")),
      ];
    };
    expect(regionsOf(statementsOfBot(resourcesOf(lightStack())))).toEqual(["${AWS::Region}"]);
    const two = statementsOfBot(resourcesOf(lightStack({ ...everything, serviceRegions: "eu-west-1,eu-central-1" })));
    const acrossRegions = two.filter(({ Resource }) =>
      Resource.some((arn) => /:(ec2|autoscaling|elasticloadbalancing|ssm):\*:/.test(arn)),
    );
    expect(acrossRegions.length).toBeGreaterThan(10);
    for (const { Condition } of acrossRegions)
      expect(Condition["StringEquals"]).toMatchObject({ "aws:RequestedRegion": ["eu-west-1", "eu-central-1"] });
    expect(regionsOf(two)).toEqual(["*"]);
  });

  test("a change that is not bound to the tag stops the synthesis", () => {
    const stack = new Stack(makeApp(), "Probe");
    const made = (each: IamAction) => () => recoveryStatements(stack, [each], nowhere);
    const refusal = "ec2:RebootInstances could change something and is not bound to the tag ec2-medic:managed";
    for (const resource of ["any", "instance"] as const)
      expect(made({ action: "ec2:RebootInstances", resource, taggedOnly: false })).toThrow(refusal);
    // A launch uses a subnet; whoever would change it must ask for its tag.
    expect(made({ action: "ec2:ModifySubnetAttribute", resource: "subnet", taggedOnly: false })).toThrow(
      "is not bound",
    );
    expect(made({ action: "ec2:RunInstances", resource: "volume", taggedOnly: false })).toThrow("is not bound");
  });

  test("a permission that could never be used stops the synthesis: nothing that is being made has a tag yet", () => {
    const stack = new Stack(makeApp(), "Probe");
    const made: IamAction = { action: "ec2:CreateVolume", resource: "volume", taggedOnly: true, madeTagged: true };
    expect(() => recoveryStatements(stack, [made], nowhere)).toThrow("it would always be refused");
  });
});

describe("permissions and code agree", () => {
  const declared = (): string[] =>
    [...watchPermissions, ...declaring.flatMap(({ permissions }) => permissions)].map(({ action }) => action);
  const own = [...tableActions, ...queueActions, ...accountActions, "sns:Publish", "ssm:GetParameter"];

  test("each declared permission is in the policies, and they hold nothing else", () => {
    expect([...actionsOf(botStatements)].sort()).toEqual([...new Set([...declared(), ...own])].sort());
  });

  test("each declared permission is there on every kind of thing that it names", () => {
    for (const { id, permissions } of declaring)
      for (const each of permissions) {
        const statements = recoveryStatements(new Stack(makeApp(), "Probe"), [each], {
          ...nowhere,
          ...reachOfEverything,
        });
        expect(statements, `${id}: ${each.action} on ${each.resource}`).toHaveLength(1);
        const [wanted] = statements.map((statement) => statement.toStatementJson() as { Resource: unknown });
        const kind = /:([a-z-]+\/[^"]*)/.exec(JSON.stringify(wanted?.Resource))?.[1] ?? "*";
        expect(allowing(each.action, kind), `${id}: ${each.action} on ${kind}`).not.toEqual([]);
      }
  });

  test("the table allows exactly the operations that the store sends, but those that make or change a table", () => {
    const sent = [...readFileSync("src/store/dynamoCalls.ts", "utf8").matchAll(/client\.(\w+)\(/g)]
      .map(([, operation = ""]) => `dynamodb:${operation.charAt(0).toUpperCase()}${operation.slice(1)}`)
      .filter((action) => !/:(CreateTable|UpdateTable|DescribeTimeToLive|UpdateTimeToLive)$/.test(action));
    expect([...tableActions].sort()).toEqual([...new Set(sent)].sort());
  });

  test("every operation that an adapter sends is allowed, and nothing is allowed that none sends", () => {
    const withoutPermission = [
      // AWS answers this to whoever asks.
      "sts:GetCallerIdentity",
      // For the door of `POST /sns`, which this deployment does not open: its topic feeds the queue.
      "sns:ConfirmSubscription",
      // Adapters know them, and no recovery orders them: members leave by TerminateInstanceInAutoScalingGroup.
      "autoscaling:SetInstanceHealth",
      "autoscaling:CancelInstanceRefresh",
    ];
    const sent = new Set(sentByAdapters());
    expect(withoutPermission.filter((action) => !sent.has(action))).toEqual([]);
    // The store's are compared above; the others IAM checks beside a call, in the bot's name and without a call of its own.
    const withoutCall = /^(dynamodb:|kms:|iam:PassRole$|sts:SetSourceIdentity$)/;
    const toCompare = [...actionsOf(botStatements)].filter((action) => !withoutCall.test(action));
    expect(
      [...sent].filter((action) => !withoutPermission.includes(action) && !toCompare.includes(action)),
      "sent and not allowed",
    ).toEqual([]);
    expect(
      toCompare.filter((action) => !sent.has(action) || withoutPermission.includes(action)),
      "allowed and never sent",
    ).toEqual([]);
  });

  test("each permission is an operation that AWS knows by this name", async () => {
    const known = await knownOperations();
    // Actions of IAM's own, and of KMS, which EC2 asks in the bot's name: the bot has no client for them.
    const known2 = new Set(["iam:PassRole", "sts:SetSourceIdentity", "kms:ReEncryptFrom", "kms:ReEncryptTo"]);
    const ofKms = ["CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext"].map(
      (name) => `kms:${name}`,
    );
    const all = [...declared(), ...own].filter((action) => !known.has(action));
    expect(all.filter((action) => !known2.has(action) && !ofKms.includes(action))).toEqual([]);
  });
});

describe("areas", () => {
  test("whatever declares permissions has an area, and what has none stops the synthesis with words", () => {
    for (const area of areaNames) expect(() => actionsOfArea(area)).not.toThrow();
    const lost = [...declaring, { id: "teleport@1", permissions: [] }];
    expect(() => actionsOfArea("restart", lost)).toThrow(
      "teleport@1 declares permissions and belongs to no area, so that no policy would allow them: name one of restart",
    );
  });

  test("every list is in at least one area, and together they are all that is declared", () => {
    const inAreas = new Set(areaNames.flatMap((area) => actionsOfArea(area)));
    for (const { id, permissions } of declaring) for (const each of permissions) expect(inAreas, id).toContain(each);
  });

  test.each(areaNames)("leaving out %s leaves out every change that no other area makes", (area) => {
    const rest = areaNames.filter((each) => each !== area);
    const allowed = actionsOf(statementsOfBot(resourcesOf(lightStack({ ...everything, recoveries: rest.join(",") }))));
    const others = new Set(rest.flatMap((each) => actionsOfArea(each)).map(({ action }) => action));
    const alone = actionsOfArea(area).filter(({ action }) => !others.has(action) && !reads.test(action));
    expect(alone.filter(({ action }) => allowed.has(action))).toEqual([]);
  });

  test("a team that only restarts gives nothing but that, and the reads", () => {
    const allowed = actionsOf(statementsOfBot(resourcesOf(lightStack({ recoveries: "restart" }))));
    const changes = [...allowed].filter((action) => !reads.test(action) && !/^(dynamodb|sqs|sns):/.test(action));
    expect(changes.sort()).toEqual(["ec2:RebootInstances", "ec2:StartInstances", "ec2:StopInstances"]);
    expect(allowed).not.toContain("ec2:DescribeInstanceAttribute");
  });
});

describe("IAM's limits", () => {
  test("hold with everything switched on, in four regions and with several keys, zones and roles", () => {
    for (const context of [{}, everything, manyThings]) {
      const policies = policiesOfBot(resourcesOf(lightStack(context)));
      const inline = policies.filter(({ Type }) => Type === "AWS::IAM::Policy");
      const managed = policies.filter(({ Type }) => Type === "AWS::IAM::ManagedPolicy");
      expect(managed.length).toBeGreaterThan(0);
      expect(managed.length).toBeLessThanOrEqual(10);
      for (const policy of managed) expect(charactersIn(policy)).toBeLessThanOrEqual(6144);
      expect(inline.map(charactersIn).reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(10_240);
    }
  });

  test("stop the synthesis where the policies would outgrow them", () => {
    const keys = Array.from({ length: 40 }, (_, index) => `${key}${index}`).join(",");
    expect(() => lightStack({ volumeKeyArns: keys })).toThrow(
      /would fill \d+ managed policies, and IAM attaches 10 to a role: name fewer keys/,
    );
  });
});

const reachOfEverything = {
  volumeKeyArns: [everything.volumeKeyArns],
  hostedZoneIds: [everything.hostedZoneIds],
  routingControlArns: [everything.routingControlArns],
  instanceRoleArns: [everything.instanceRoleArns],
};

const numbered = (arn: string): string => [1, 2, 3].map((each) => `${arn}${each}`).join(",");

const manyThings = {
  ...everything,
  serviceRegions: "ap-northeast-1,ap-southeast-2,ap-south-1,eu-west-1",
  volumeKeyArns: numbered(everything.volumeKeyArns),
  hostedZoneIds: numbered(everything.hostedZoneIds),
  instanceRoleArns: numbered(everything.instanceRoleArns),
  accountRoleArns: numbered(everything.accountRoleArns),
};

/** As IAM counts: without white space, and references at the length of the longest thing that AWS puts there. */
function charactersIn(policy: Resource): number {
  const isReference = (value: unknown): value is Json =>
    typeof value === "object" && value !== null && ("Ref" in value || "Fn::Join" in value || "Fn::GetAtt" in value);
  const whole = JSON.stringify(policy.Properties["PolicyDocument"], (_key, value: unknown) =>
    isReference(value) ? flatten(value) : value,
  );
  const longest: Readonly<Record<string, number>> = { Partition: 10, Region: 14, AccountId: 12, URLSuffix: 16 };
  // What is not AWS's own is an ARN or a name of this stack: 80 characters are more than any of them has.
  return whole.replaceAll(/\$\{([^}]*)\}/g, (_all, name: string) =>
    "x".repeat(longest[name.replace("AWS::", "")] ?? 80),
  ).length;
}

/** IAM's prefix of each SDK client that the bot has. */
const prefixes: Readonly<Record<string, string>> = {
  "client-auto-scaling": "autoscaling",
  "client-cloudwatch": "cloudwatch",
  "client-dynamodb": "dynamodb",
  "client-ec2": "ec2",
  "client-elastic-load-balancing-v2": "elasticloadbalancing",
  "client-route-53": "route53",
  "client-route53-recovery-cluster": "route53-recovery-cluster",
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
