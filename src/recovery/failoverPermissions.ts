/** What failover and fail-back need AWS to allow, by how the service is built. */
import type { IamAction } from "./permissions.ts";

/** Start the one that takes over, stop the one that gives way, and see both. */
const pair: readonly IamAction[] = [
  { action: "ec2:StartInstances", resource: "instance", taggedOnly: true },
  { action: "ec2:StopInstances", resource: "instance", taggedOnly: true },
  { action: "ec2:DescribeInstances", resource: "any", taggedOnly: false },
  { action: "ec2:DescribeInstanceStatus", resource: "any", taggedOnly: false },
  { action: "ec2:DescribeAddresses", resource: "any", taggedOnly: false },
  // EC2 starts an instance with encrypted volumes only if whoever starts it may grant it the key.
  { action: "kms:CreateGrant", resource: "volumeKey", taggedOnly: false },
];

export const failoverStandbyPermissions: readonly IamAction[] = [
  ...pair,
  // By the association that was seen; EC2 judges the address and the interface that it leaves.
  { action: "ec2:DisassociateAddress", resource: "elasticIp", taggedOnly: true },
  { action: "ec2:DisassociateAddress", resource: "networkInterface", taggedOnly: true },
  // EC2 judges all three; one of them missing is a refusal.
  { action: "ec2:AssociateAddress", resource: "elasticIp", taggedOnly: true },
  { action: "ec2:AssociateAddress", resource: "instance", taggedOnly: true },
  { action: "ec2:AssociateAddress", resource: "networkInterface", taggedOnly: true },
  { action: "elasticloadbalancing:DescribeTargetHealth", resource: "any", taggedOnly: false },
  { action: "elasticloadbalancing:RegisterTargets", resource: "targetGroup", taggedOnly: true },
  { action: "elasticloadbalancing:DeregisterTargets", resource: "targetGroup", taggedOnly: true },
];

/** Route 53 and ARC know no conditions on tags: these are narrowed by the zones, checks and controls that a team names. */
export const failoverDnsPermissions: readonly IamAction[] = [
  ...pair,
  { action: "route53:ListResourceRecordSets", resource: "hostedZone", taggedOnly: false },
  { action: "route53:ChangeResourceRecordSets", resource: "hostedZone", taggedOnly: false },
  { action: "route53:GetChange", resource: "dnsChange", taggedOnly: false },
  { action: "route53:GetHealthCheck", resource: "healthCheck", taggedOnly: false },
  { action: "route53:GetHealthCheckStatus", resource: "healthCheck", taggedOnly: false },
  { action: "route53:UpdateHealthCheck", resource: "healthCheck", taggedOnly: false },
  { action: "route53-recovery-cluster:GetRoutingControlState", resource: "routingControl", taggedOnly: false },
  { action: "route53-recovery-cluster:UpdateRoutingControlStates", resource: "routingControl", taggedOnly: false },
];
