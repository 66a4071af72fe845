/** What setting an old primary aside needs AWS to allow: a mark, its place in target groups, and its stop where the owner wants it. */
import type { IamAction } from "./permissions.ts";

/** On an old primary that is out of service; the value is when it was marked. */
export const quarantineTag = "ec2-medic:quarantined";

export const quarantinePermissions: readonly IamAction[] = [
  { action: "ec2:CreateTags", resource: "instance", taggedOnly: true, onlyTagKeys: [quarantineTag] },
  { action: "ec2:StopInstances", resource: "instance", taggedOnly: true },
  { action: "elasticloadbalancing:DeregisterTargets", resource: "targetGroup", taggedOnly: true },
  { action: "elasticloadbalancing:DescribeTargetHealth", resource: "any", taggedOnly: false },
  { action: "ec2:DescribeInstances", resource: "any", taggedOnly: false },
  { action: "ec2:DescribeAddresses", resource: "any", taggedOnly: false },
];
