/** What the recoveries of groups need AWS to allow. Groups carry the managed tag like instances do. */
import type { IamAction } from "./permissions.ts";

const reads: readonly IamAction[] = [
  { action: "autoscaling:DescribeAutoScalingGroups", resource: "any", taggedOnly: false },
  { action: "autoscaling:DescribeScalingActivities", resource: "any", taggedOnly: false },
  { action: "elasticloadbalancing:DescribeTargetHealth", resource: "any", taggedOnly: false },
  { action: "ec2:DescribeInstances", resource: "any", taggedOnly: false },
  { action: "ec2:DescribeInstanceStatus", resource: "any", taggedOnly: false },
];
const policies: IamAction = { action: "autoscaling:DescribePolicies", resource: "any", taggedOnly: false };
const refreshes: IamAction = { action: "autoscaling:DescribeInstanceRefreshes", resource: "any", taggedOnly: false };
const onGroup = (action: string): IamAction => ({ action, resource: "autoScalingGroup", taggedOnly: true });

export const scaleOutPermissions: readonly IamAction[] = [
  ...reads,
  policies,
  onGroup("autoscaling:SetDesiredCapacity"),
];

/** The only property of a group that the bot changes is its largest size. */
export const raiseMaxPermissions: readonly IamAction[] = [
  ...scaleOutPermissions,
  onGroup("autoscaling:UpdateAutoScalingGroup"),
];

export const replaceMembersPermissions: readonly IamAction[] = [
  ...reads,
  refreshes,
  onGroup("autoscaling:TerminateInstanceInAutoScalingGroup"),
];

export const refreshPermissions: readonly IamAction[] = [
  ...reads,
  refreshes,
  onGroup("autoscaling:StartInstanceRefresh"),
];

export const groupRestartPermissions: readonly IamAction[] = [
  ...reads,
  onGroup("autoscaling:SuspendProcesses"),
  onGroup("autoscaling:ResumeProcesses"),
  { action: "ec2:RebootInstances", resource: "instance", taggedOnly: true },
];

export const addressPermissions: readonly IamAction[] = [
  { action: "ec2:DescribeAddresses", resource: "any", taggedOnly: false },
  { action: "ec2:DisassociateAddress", resource: "elasticIp", taggedOnly: true },
  { action: "ec2:DisassociateAddress", resource: "networkInterface", taggedOnly: true },
  { action: "ec2:AssociateAddress", resource: "elasticIp", taggedOnly: true },
  { action: "ec2:AssociateAddress", resource: "networkInterface", taggedOnly: true },
  { action: "ec2:AssociateAddress", resource: "instance", taggedOnly: true },
];

export const groupReplacePermissions: readonly IamAction[] = [...replaceMembersPermissions, ...addressPermissions];
export const groupRefreshPermissions: readonly IamAction[] = [...refreshPermissions, ...addressPermissions];
