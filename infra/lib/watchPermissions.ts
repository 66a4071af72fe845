/** What the bot reads all the time, whatever it may do: who it is told about, how they are, what it may offer. */
import type { IamAction } from "../../src/recovery/permissions.ts";

/** None of these can change anything; AWS offers no narrower resource for a question about a whole account. */
export const watchPermissions: readonly IamAction[] = [
  "ec2:DescribeInstances",
  "ec2:DescribeInstanceStatus",
  "ec2:DescribeInstanceTypes",
  "ec2:DescribeAddresses",
  "ec2:DescribeSnapshots",
  "ec2:DescribeImages",
  "autoscaling:DescribeAutoScalingGroups",
  "autoscaling:DescribeLifecycleHooks",
  "autoscaling:DescribeScalingActivities",
  "elasticloadbalancing:DescribeTargetHealth",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:GetMetricData",
].map((action) => ({ action, resource: "any", taggedOnly: false }));
