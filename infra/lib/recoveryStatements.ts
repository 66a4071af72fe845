/**
 * Turns the lists that stand beside the recoveries into policy statements. What changes something is bound: to the tag of what
 * exists, to the tag that what is made must carry, or to what a team names itself. What is bound to nothing must be a read, or
 * this refuses.
 */
import { Stack, Token } from "aws-cdk-lib";
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
  /** Records that may move, as IAM compares them: small letters, no dot at the end. Empty: every record of those zones. */
  readonly recordNames: readonly string[];
  /** The most that the maximum of a group may be raised to; undefined: what medic.yaml allows. */
  readonly groupSizeMax: number | undefined;
  /** Changes only in sessions that name who ordered them: of roles that the bot takes in other accounts. */
  readonly namedSessions?: true;
}

/** How the bot names who is behind a session: a person by their Slack id, or a rule. */
export const sessionSources = ["slack-*", "rule-*"] as const;

const reads = /^[a-z0-9-]+:(Describe|Get|List)[A-Za-z]+$/;

/** Used by a launch and changed by nothing: they need no tag. An image and a snapshot are the owner's own by their account. */
const parts: ReadonlySet<IamResource> = new Set(["subnet", "securityGroup", "keyPair", "image", "snapshot"]);
const uses: ReadonlySet<string> = new Set([
  "ec2:RunInstances",
  "ec2:RegisterImage",
  "ec2:CreateVolume",
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
 * @throws Error for an action that could change something and is bound to nothing, or that nothing could ever be allowed by.
 */
export function recoveryStatements(scope: Construct, actions: readonly IamAction[], reach: Reach): PolicyStatement[] {
  for (const each of actions) assertBound(each);
  const groups = new Map<string, { readonly of: IamAction; readonly actions: Set<string> }>();
  for (const each of actions) {
    const key = `${each.resource} ${JSON.stringify(conditionsOf(scope, each, reach))}`;
    const group = groups.get(key) ?? { of: each, actions: new Set<string>() };
    group.actions.add(each.action);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ of, actions: names }) => {
    const resources = arnsOf(placeOf(scope), of.resource, reach);
    if (resources.length === 0) return [];
    const conditions = conditionsOf(scope, of, reach);
    return [new PolicyStatement({ actions: [...names].sort(), resources, conditions })];
  });
}

/** Every ARN with a wildcard in those statements, as cdk-nag writes it, with the reason why it is one. */
export function wildcardsOf(
  scope: Construct,
  actions: readonly IamAction[],
  reach: Reach,
): { readonly arn: string; readonly reason: string }[] {
  const reasons = new Map<string, string>();
  for (const each of actions)
    for (const arn of arnsOf(placeAsNagSays(scope), each.resource, reach))
      if (arn.includes("*")) reasons.set(arn, reasonFor(each));
  return [...reasons].map(([arn, reason]) => ({ arn, reason }));
}

function reasonFor({ resource }: IamAction): string {
  if (resource === "any") return "Reads alone; AWS takes no narrower resource for these actions.";
  if (resource === "dnsChange" || resource === "healthCheck")
    return "Changes and health checks have no tags to ask for; they are allowed to teams alone that name a hosted zone.";
  return "Which ones is said by the tag in the statement's condition, so that services come and go without a deployment; what a launch uses and does not change needs none.";
}

/** Replaced together with a disk: the new root volume has no tag yet, and the machine and the task beside it are bound. */
const isNewRoot = ({ action, resource }: IamAction): boolean =>
  action === "ec2:CreateReplaceRootVolumeTask" && resource === "volume";

function assertBound(each: IamAction): void {
  const { action, resource, taggedOnly } = each;
  const isMade = each.madeTagged === true || each.onlyWhenCreating !== undefined;
  const isPart = (parts.has(resource) && uses.has(action)) || isNewRoot(each);
  const bound = reads.test(action) || named.has(resource) || (resource !== "any" && (taggedOnly || isMade || isPart));
  if (!bound) throw new Error(`${action} could change something and is not bound to the tag ${managedTag.key}`);
  if (resource === "any" && taggedOnly) throw new Error(`${action} has no resource whose tag could be asked`);
  if (isMade && taggedOnly)
    throw new Error(
      `${action} makes a ${resource}: nothing that is only being made has a tag yet, so that it would always be refused`,
    );
}

type Conditions = Record<string, Record<string, unknown>>;

function conditionsOf(scope: Construct, each: IamAction, reach: Reach): Conditions {
  // EC2 uses keys and roles in the bot's name: whether it hands a session's source on is not promised anywhere.
  if (each.resource === "volumeKey") return volumeKeyConditions(scope, each);
  if (each.resource === "instanceRole") return { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } };
  const isNamed = reach.namedSessions === true && !reads.test(each.action);
  return {
    ...equalConditions(each, reach),
    ...(isNamed ? { StringLike: { "aws:SourceIdentity": [...sessionSources] } } : {}),
    ...narrowed(each, reach),
  };
}

function equalConditions(each: IamAction, { serviceRegions }: Reach): Conditions {
  const { action, resource, taggedOnly, madeTagged, onlyWhenCreating, alsoTagged, onlyTagKeys } = each;
  // Systems Manager documents its own key for the tags of instances.
  const ofResource = action.startsWith("ssm:") ? "ssm:resourceTag" : "aws:ResourceTag";
  const equals: Record<string, unknown> = {
    ...(taggedOnly ? { [`${ofResource}/${managedTag.key}`]: managedTag.value } : {}),
    ...(alsoTagged ? { [`${ofResource}/${alsoTagged.key}`]: alsoTagged.value } : {}),
    ...(madeTagged ? { [`aws:RequestTag/${managedTag.key}`]: managedTag.value } : {}),
    ...(onlyWhenCreating ? { "ec2:CreateAction": [...onlyWhenCreating] } : {}),
    ...(serviceRegions.length > 1 && regional.has(resource) ? { "aws:RequestedRegion": [...serviceRegions] } : {}),
  };
  return {
    ...(Object.keys(equals).length > 0 ? { StringEquals: equals } : {}),
    ...(onlyTagKeys ? { "ForAllValues:StringEquals": { "aws:TagKeys": [...onlyTagKeys] } } : {}),
  };
}

/** What single actions can be narrowed by beside tags. */
function narrowed({ action }: IamAction, { recordNames, groupSizeMax }: Reach): Conditions {
  switch (action) {
    case "route53:ChangeResourceRecordSets": {
      const names =
        recordNames.length > 0 ? { "route53:ChangeResourceRecordSetsNormalizedRecordNames": [...recordNames] } : {};
      // Records are pointed elsewhere; none is made beside the others or taken away.
      return { "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsActions": ["UPSERT"], ...names } };
    }
    case "route53-recovery-cluster:UpdateRoutingControlStates":
      return { BoolIfExists: { "route53-recovery-cluster:AllowSafetyRulesOverrides": "false" } };
    case "autoscaling:UpdateAutoScalingGroup":
      return groupSizeMax === undefined
        ? {}
        : { NumericLessThanEquals: { "autoscaling:MaxSize": String(groupSizeMax) } };
    default:
      return {};
  }
}

interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

function placeOf(scope: Construct): Place {
  const { partition, region, account } = Stack.of(scope);
  return { partition, region, account };
}

function placeAsNagSays(scope: Construct): Place {
  const { partition, region, account } = placeOf(scope);
  const said = (value: string, name: string): string => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  return {
    partition: said(partition, "Partition"),
    region: said(region, "Region"),
    account: said(account, "AccountId"),
  };
}

/** Have a region in their ARN. */
const regional: ReadonlySet<IamResource> = new Set([
  "instance",
  "elasticIp",
  "networkInterface",
  "volume",
  "subnet",
  "securityGroup",
  "keyPair",
  "replaceRootVolumeTask",
  "snapshot",
  "image",
  "autoScalingGroup",
  "targetGroup",
  "shellDocument",
  "alarm",
]);

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

function arnsOf({ partition, region: own, account }: Place, resource: IamResource, reach: Reach): string[] {
  // Several regions stand in the statement's condition: written out in every ARN they would outgrow a policy.
  const [region = own, ...more] = reach.serviceRegions;
  const inRegions = (service: string, name: string, owner = account): string[] => [
    `arn:${partition}:${service}:${more.length > 0 ? "*" : region}:${owner}:${name}`,
  ];
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

/** Only through EC2, and a grant only to EC2: to decrypt volumes, or for what is made where something is made. */
function volumeKeyConditions(scope: Construct, { action, forNewVolumes }: IamAction): Conditions {
  const throughEc2 = { StringLike: { "kms:ViaService": `ec2.*.${Stack.of(scope).urlSuffix}` } };
  if (action !== "kms:CreateGrant") return throughEc2;
  const toEc2 = { Bool: { "kms:GrantIsForAWSResource": "true" }, ...throughEc2 };
  if (forNewVolumes) return toEc2;
  return {
    ...toEc2,
    "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt"], "kms:EncryptionContextKeys": ["aws:ebs:id"] },
    // ForAllValues is also true for a request that names none at all.
    Null: { "kms:GrantOperations": "false", "kms:EncryptionContextKeys": "false" },
  };
}
