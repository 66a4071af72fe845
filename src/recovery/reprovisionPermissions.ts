/**
 * What building machines anew needs AWS to allow. What exists is touched only where it carries the managed tag; what is made is made
 * with it in the same request, and tags are written only then, and on what is managed already: the bot's reach never grows.
 */
import { drillTag, replacedByTag } from "../ports/compute.ts";
import { restoresEncrypted } from "./permissions.ts";
import type { IamAction } from "./permissions.ts";

const read = (action: string): IamAction => ({ action, resource: "any", taggedOnly: false });

/** User data may hold secrets, so that even this read stays within the tag. */
const readsBuild: IamAction = { action: "ec2:DescribeInstanceAttribute", resource: "instance", taggedOnly: true };

/** Reads of every plan that builds. */
const buildReads: readonly IamAction[] = [
  read("ec2:DescribeInstances"),
  readsBuild,
  read("ec2:DescribeInstanceStatus"),
  read("ec2:DescribeInstanceTypeOfferings"),
  read("ec2:DescribeImages"),
  read("ec2:DescribeSnapshots"),
  read("ec2:DescribeSubnets"),
  read("ec2:DescribeSecurityGroups"),
];

/** RunInstances asks for every kind of thing that a launch touches. Subnets, groups and keys are named by their owners and not tagged. */
const launches: readonly IamAction[] = [
  { action: "ec2:RunInstances", resource: "instance", taggedOnly: false, madeTagged: true },
  { action: "ec2:RunInstances", resource: "volume", taggedOnly: false, madeTagged: true },
  { action: "ec2:RunInstances", resource: "networkInterface", taggedOnly: false, madeTagged: true },
  { action: "ec2:RunInstances", resource: "image", taggedOnly: false },
  { action: "ec2:RunInstances", resource: "snapshot", taggedOnly: false },
  { action: "ec2:RunInstances", resource: "subnet", taggedOnly: false },
  { action: "ec2:RunInstances", resource: "securityGroup", taggedOnly: false },
  { action: "ec2:RunInstances", resource: "keyPair", taggedOnly: false },
  { action: "ec2:CreateTags", resource: "instance", taggedOnly: false, onlyWhenCreating: ["RunInstances"] },
  { action: "ec2:CreateTags", resource: "volume", taggedOnly: false, onlyWhenCreating: ["RunInstances"] },
  { action: "ec2:CreateTags", resource: "networkInterface", taggedOnly: false, onlyWhenCreating: ["RunInstances"] },
  { action: "ec2:RegisterImage", resource: "image", taggedOnly: false, madeTagged: true },
  { action: "ec2:RegisterImage", resource: "snapshot", taggedOnly: false },
  { action: "ec2:CreateTags", resource: "image", taggedOnly: false, onlyWhenCreating: ["RegisterImage"] },
];

const passesRole: IamAction = { action: "iam:PassRole", resource: "instanceRole", taggedOnly: false };

const fences: readonly IamAction[] = [
  { action: "ec2:StopInstances", resource: "instance", taggedOnly: true },
  // Who took its place is written on the old one.
  { action: "ec2:CreateTags", resource: "instance", taggedOnly: true, onlyTagKeys: [replacedByTag] },
];

const movesAddress: readonly IamAction[] = [
  read("ec2:DescribeAddresses"),
  { action: "ec2:AssociateAddress", resource: "elasticIp", taggedOnly: true },
  { action: "ec2:AssociateAddress", resource: "instance", taggedOnly: true },
  { action: "ec2:AssociateAddress", resource: "networkInterface", taggedOnly: true },
  { action: "ec2:DisassociateAddress", resource: "elasticIp", taggedOnly: true },
  { action: "ec2:DisassociateAddress", resource: "networkInterface", taggedOnly: true },
];

const movesRecord: readonly IamAction[] = [
  { action: "route53:ListResourceRecordSets", resource: "hostedZone", taggedOnly: false },
  { action: "route53:ChangeResourceRecordSets", resource: "hostedZone", taggedOnly: false },
  { action: "route53:GetChange", resource: "dnsChange", taggedOnly: false },
];

const movesTargets: readonly IamAction[] = [
  read("elasticloadbalancing:DescribeTargetHealth"),
  { action: "elasticloadbalancing:RegisterTargets", resource: "targetGroup", taggedOnly: true },
  { action: "elasticloadbalancing:DeregisterTargets", resource: "targetGroup", taggedOnly: true },
];

const replacesRoot: readonly IamAction[] = [
  { action: "ec2:CreateReplaceRootVolumeTask", resource: "instance", taggedOnly: true },
  { action: "ec2:CreateReplaceRootVolumeTask", resource: "volume", taggedOnly: false },
  { action: "ec2:CreateReplaceRootVolumeTask", resource: "snapshot", taggedOnly: false },
  { action: "ec2:CreateReplaceRootVolumeTask", resource: "replaceRootVolumeTask", taggedOnly: false, madeTagged: true },
  {
    action: "ec2:CreateTags",
    resource: "replaceRootVolumeTask",
    taggedOnly: false,
    onlyWhenCreating: ["CreateReplaceRootVolumeTask"],
  },
  read("ec2:DescribeReplaceRootVolumeTasks"),
];

export const reprovisionPermissions: readonly IamAction[] = [
  ...buildReads,
  read("cloudwatch:DescribeAlarms"),
  ...launches,
  ...restoresEncrypted,
  passesRole,
  ...fences,
  ...movesAddress,
  ...movesRecord,
  ...movesTargets,
  ...replacesRoot,
];

/** Into a region that was prepared: the same, without target groups and without replacing disks in place. */
export const reprovisionDrPermissions: readonly IamAction[] = [
  ...buildReads,
  ...launches,
  ...restoresEncrypted,
  passesRole,
  ...fences,
  ...movesAddress,
  ...movesRecord,
];

/** Launches beside the service, with no role and no address, and terminates only what carries the drill's own tag. */
export const drillPermissions: readonly IamAction[] = [
  ...buildReads,
  ...launches,
  ...restoresEncrypted,
  { action: "ec2:TerminateInstances", resource: "instance", taggedOnly: true, alsoTagged: drillTag },
];

/** Deletes snapshots that are managed, nothing else. */
export const prunePermissions: readonly IamAction[] = [
  read("ec2:DescribeSnapshots"),
  read("ec2:DescribeImages"),
  { action: "ec2:DeleteSnapshot", resource: "snapshot", taggedOnly: true },
];

/** The snapshot keeper, a loop of its own: makes and copies, and never deletes. */
export const keeperPermissions: readonly IamAction[] = [
  read("ec2:DescribeSnapshots"),
  read("ec2:DescribeInstances"),
  readsBuild,
  read("ec2:DescribeImages"),
  { action: "ec2:CreateSnapshot", resource: "volume", taggedOnly: true },
  { action: "ec2:CreateSnapshot", resource: "snapshot", taggedOnly: false, madeTagged: true },
  // EC2 judges the copy, which does not exist yet, and what it is a copy of.
  { action: "ec2:CopySnapshot", resource: "snapshot", taggedOnly: false, madeTagged: true },
  { action: "ec2:CopySnapshot", resource: "snapshot", taggedOnly: true },
  {
    action: "ec2:CreateTags",
    resource: "snapshot",
    taggedOnly: false,
    onlyWhenCreating: ["CreateSnapshot", "CopySnapshot"],
  },
  ...restoresEncrypted,
];
