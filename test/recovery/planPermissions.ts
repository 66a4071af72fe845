/** Which IAM actions the calls of a plan need, so that a story can tell what its definition forgot to declare, or declares in vain. */
import type { Ended, Story } from "./planStory.ts";

const read = ["ec2:DescribeInstances"];
// What encrypted disks need beside shows only in AWS.
const encrypted = [
  "CreateGrant",
  "Decrypt",
  "DescribeKey",
  "GenerateDataKeyWithoutPlaintext",
  "ReEncryptFrom",
  "ReEncryptTo",
].map((action) => `kms:${action}`);
const actions: Readonly<Record<string, readonly string[]>> = {
  "compute.instance": read,
  "compute.instancesByTag": read,
  "compute.checks": ["ec2:DescribeInstanceStatus"],
  "compute.address": ["ec2:DescribeAddresses"],
  "compute.addressOf": ["ec2:DescribeAddresses"],
  // What encrypted volumes need beside shows only in AWS.
  "compute.start": ["ec2:StartInstances", "kms:CreateGrant"],
  "compute.stop": ["ec2:StopInstances"],
  "compute.associate": ["ec2:AssociateAddress"],
  "compute.disassociate": ["ec2:DisassociateAddress"],
  "compute.mayI": [],
  "compute.blueprint": [...read, "ec2:DescribeInstanceAttribute", "ec2:DescribeImages"],
  "compute.subnets": ["ec2:DescribeSubnets"],
  "compute.offered": ["ec2:DescribeInstanceTypeOfferings"],
  "compute.securityGroups": ["ec2:DescribeSecurityGroups"],
  "compute.launch": ["ec2:RunInstances", "ec2:CreateTags", "iam:PassRole", ...encrypted],
  "compute.terminateDrill": ["ec2:TerminateInstances"],
  "compute.tag": ["ec2:CreateTags"],
  "storage.snapshot": ["ec2:DescribeSnapshots"],
  "storage.snapshotsByTag": ["ec2:DescribeSnapshots"],
  "storage.deleteSnapshot": ["ec2:DeleteSnapshot"],
  "storage.image": ["ec2:DescribeImages"],
  "storage.imagesByTag": ["ec2:DescribeImages"],
  "storage.imageByName": ["ec2:DescribeImages"],
  "storage.registerImage": ["ec2:RegisterImage", "ec2:CreateTags"],
  "storage.replaceRootVolume": ["ec2:CreateReplaceRootVolumeTask", "ec2:CreateTags"],
  "storage.rootVolumeTasks": ["ec2:DescribeReplaceRootVolumeTasks"],
  "alarms.byName": ["cloudwatch:DescribeAlarms"],
  "alarms.byPrefix": ["cloudwatch:DescribeAlarms"],
  "scaling.targets": ["elasticloadbalancing:DescribeTargetHealth"],
  "scaling.targetHealth": ["elasticloadbalancing:DescribeTargetHealth"],
  "scaling.register": ["elasticloadbalancing:RegisterTargets"],
  "scaling.deregister": ["elasticloadbalancing:DeregisterTargets"],
  "dns.records": ["route53:ListResourceRecordSets"],
  "dns.upsert": ["route53:ChangeResourceRecordSets"],
  "dns.change": ["route53:GetChange"],
  "dns.healthCheck": ["route53:GetHealthCheck"],
  "dns.healthOf": ["route53:GetHealthCheckStatus"],
  "dns.setInverted": ["route53:UpdateHealthCheck"],
  "routing.state": ["route53-recovery-cluster:GetRoutingControlState"],
  "routing.set": ["route53-recovery-cluster:UpdateRoutingControlStates"],
};

/** By all runs together: what they needed and the definition lacks, and what it declares and none needed. */
export function permissionsOff(
  { definition }: Pick<Story, "definition">,
  runs: readonly Pick<Ended, "calls">[],
): { readonly missing: string[]; readonly idle: string[] } {
  const calls = runs.flatMap((run) => run.calls.map(({ name }) => name));
  const needed = new Set(
    calls.filter((name) => name.includes(".")).flatMap((name) => actions[name] ?? ofTheStore(name)),
  );
  const declared = new Set(definition.permissions.map(({ action }) => action));
  return {
    missing: [...needed].filter((action) => !declared.has(action)),
    idle: [...declared].filter((action) => !needed.has(action)),
  };
}

function ofTheStore(name: string): readonly string[] {
  if (name.startsWith("journal.") || name.startsWith("control.")) return [];
  throw new Error(`which IAM actions ${name} needs stands nowhere: add it to planPermissions.ts`);
}
