/**
 * Turns the lists that stand beside the recoveries into policy statements. What changes something is bound: to the tag of what
 * exists, to the tag that what is made must carry, or to what a team names itself. What is bound to nothing must be a read, or
 * this refuses.
 */
import { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { managedTag } from "../../src/recovery/permissions.ts";
import type { IamAction, IamResource } from "../../src/recovery/permissions.ts";

export interface Reach {
  /** Regions whose instances may be touched; empty means the stack's own. */
  readonly serviceRegions: readonly string[];
  /** Keys of encrypted volumes; empty leaves the permission out. */
  readonly volumeKeyArns: readonly string[];
  /** Hosted zones whose records may move; empty leaves the permissions out. */
  readonly hostedZoneIds: readonly string[];
  /** ARC routing controls; empty leaves the permissions out. */
  readonly routingControlArns: readonly string[];
  /** Roles of the instance profiles with which instances are built anew; empty: only instances without one are. */
  readonly instanceRoleArns: readonly string[];
}

const reads = /^[a-z0-9-]+:(Describe|Get|List)[A-Za-z]+$/;

/** Used by a launch and changed by nothing: they need no tag. An image and a snapshot are the owner's own by their account. */
const parts: ReadonlySet<IamResource> = new Set(["subnet", "securityGroup", "keyPair", "image", "snapshot"]);
const uses: ReadonlySet<string> = new Set([
  "ec2:RunInstances",
  "ec2:RegisterImage",
  "ec2:CreateVolume",
  "ec2:CopySnapshot",
  "ec2:CreateReplaceRootVolumeTask",
]);
/** Named one by one by the team, or by AWS itself. */
const named: ReadonlySet<IamResource> = new Set([
  "volumeKey",
  "hostedZone",
  "healthCheck",
  "routingControl",
  "instanceRole",
  "shellDocument",
]);

/**
 * One statement for each kind of resource and condition; the same action named by two lists stands once. Kinds of which the team
 * names none are left out.
 * @throws Error for an action that could change something and is bound to nothing.
 */
export function recoveryStatements(scope: Construct, actions: readonly IamAction[], reach: Reach): PolicyStatement[] {
  for (const each of actions) assertBound(each);
  const groups = new Map<string, { readonly of: IamAction; readonly actions: Set<string> }>();
  for (const each of actions) {
    const key = `${each.resource} ${JSON.stringify(conditionsOf(scope, each))}`;
    const group = groups.get(key) ?? { of: each, actions: new Set<string>() };
    group.actions.add(each.action);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ of, actions: names }) => {
    const resources = arnsOf(scope, of.resource, reach);
    if (resources.length === 0) return [];
    return [
      new PolicyStatement({ actions: [...names].sort(), resources, conditions: conditionsOf(scope, of) }),
    ];
  });
}

function assertBound(each: IamAction): void {
  const { action, resource, taggedOnly } = each;
  const isPart = parts.has(resource) && uses.has(action);
  const bound =
    reads.test(action) ||
    named.has(resource) ||
    (resource !== "any" && (taggedOnly || each.madeTagged === true || each.onlyWhenCreating !== undefined || isPart));
  if (!bound) throw new Error(`${action} could change something and is not bound to the tag ${managedTag.key}`);
  if (resource === "any" && taggedOnly) throw new Error(`${action} has no resource whose tag could be asked`);
}

function conditionsOf(scope: Construct, each: IamAction): Record<string, Record<string, unknown>> {
  const { resource, taggedOnly, madeTagged, onlyWhenCreating, alsoTagged, onlyTagKeys } = each;
  if (resource === "volumeKey") return volumeKeyConditions(scope);
  const equals: Record<string, unknown> = {
    ...(taggedOnly ? { [`aws:ResourceTag/${managedTag.key}`]: managedTag.value } : {}),
    ...(alsoTagged ? { [`aws:ResourceTag/${alsoTagged.key}`]: alsoTagged.value } : {}),
    ...(madeTagged ? { [`aws:RequestTag/${managedTag.key}`]: managedTag.value } : {}),
    ...(onlyWhenCreating ? { "ec2:CreateAction": [...onlyWhenCreating] } : {}),
    ...(resource === "instanceRole" ? { "iam:PassedToService": "ec2.amazonaws.com" } : {}),
  };
  return {
    ...(Object.keys(equals).length > 0 ? { StringEquals: equals } : {}),
    ...(onlyTagKeys ? { "ForAllValues:StringEquals": { "aws:TagKeys": [...onlyTagKeys] } } : {}),
  };
}

/** `ec2` kinds by their name in ARNs; images and snapshots belong to no account there. */
const ec2Names: Readonly<Partial<Record<IamResource, string>>> = {
  instance: "instance",
  elasticIp: "elastic-ip",
  networkInterface: "network-interface",
  volume: "volume",
  subnet: "subnet",
  securityGroup: "security-group",
  keyPair: "key-pair",
  replaceRootVolumeTask: "replace-root-volume-task",
};

function arnsOf(scope: Construct, resource: IamResource, reach: Reach): string[] {
  const { partition, region: own, account } = Stack.of(scope);
  const regions = reach.serviceRegions.length === 0 ? [own] : reach.serviceRegions;
  const inRegions = (service: string, name: string, owner = account): string[] =>
    regions.map((region) => `arn:${partition}:${service}:${region}:${owner}:${name}`);
  const ec2 = ec2Names[resource];
  if (ec2 !== undefined) return inRegions("ec2", `${ec2}/*`);
  switch (resource) {
    case "snapshot":
    case "image":
      return inRegions("ec2", `${resource}/*`, "");
    case "autoScalingGroup":
      return inRegions("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*");
    case "targetGroup":
      return inRegions("elasticloadbalancing", "targetgroup/*/*");
    case "shellDocument":
      return inRegions("ssm", "document/AWS-RunShellScript", "");
    case "alarm":
      return inRegions("cloudwatch", "alarm:*");
    case "volumeKey":
      return [...reach.volumeKeyArns];
    case "routingControl":
      return [...reach.routingControlArns];
    case "instanceRole":
      return [...reach.instanceRoleArns];
    case "hostedZone":
      return reach.hostedZoneIds.map((id) => `arn:${partition}:route53:::hostedzone/${id}`);
    // Route 53 has no tags to ask for here: whoever names a zone has given its checks and changes along.
    case "dnsChange":
      return reach.hostedZoneIds.length === 0 ? [] : [`arn:${partition}:route53:::change/*`];
    case "healthCheck":
      return reach.hostedZoneIds.length === 0 ? [] : [`arn:${partition}:route53:::healthcheck/*`];
    default:
      return ["*"];
  }
}

/** Only EC2, on the bot's behalf, only to decrypt volumes: a grant for anything else is refused. */
function volumeKeyConditions(scope: Construct): Record<string, Record<string, unknown>> {
  return {
    Bool: { "kms:GrantIsForAWSResource": "true" },
    StringLike: { "kms:ViaService": `ec2.*.${Stack.of(scope).urlSuffix}` },
    "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt"], "kms:EncryptionContextKeys": ["aws:ebs:id"] },
    // ForAllValues is also true for a request that names none at all.
    Null: { "kms:GrantOperations": "false", "kms:EncryptionContextKeys": "false" },
  };
}
