/**
 * What each recovery needs AWS to allow, declared beside the recovery and inert on import: the infrastructure builds the
 * bot's policy from these lists, `doctor` may check them, and a test sees that none is missing or idle.
 */

/** What an action may be narrowed to. Each kind becomes an ARN pattern and a condition in the policy. */
export type IamResource =
  /** AWS offers no narrower resource for this action: reads only. */
  | "any"
  /** EC2 instances in the regions where services live. */
  | "instance"
  /** Customer managed keys that encrypt the volumes of instances. Left out when a team has none. */
  | "volumeKey";

export interface IamAction {
  /** As IAM spells it, without wildcards: `ec2:RebootInstances`. */
  readonly action: string;
  readonly resource: IamResource;
  /** Only on what carries `managedTag`. Everything that changes an instance must say true. */
  readonly taggedOnly: boolean;
}

/**
 * The tag by which a team hands an instance to the bot. The bot may not write tags on what exists: it can never widen its
 * own reach.
 */
export const managedTag = { key: "ec2-medic:managed", value: "true" } as const;

/** Reboot, or stop and start, one instance; look whether it happened; read its console to show why it hung. */
export const restartPermissions: readonly IamAction[] = [
  { action: "ec2:RebootInstances", resource: "instance", taggedOnly: true },
  { action: "ec2:StopInstances", resource: "instance", taggedOnly: true },
  { action: "ec2:StartInstances", resource: "instance", taggedOnly: true },
  // The console of a server may hold secrets, so that even this read stays within the tag.
  { action: "ec2:GetConsoleOutput", resource: "instance", taggedOnly: true },
  { action: "ec2:DescribeInstances", resource: "any", taggedOnly: false },
  { action: "ec2:DescribeInstanceStatus", resource: "any", taggedOnly: false },
  // EC2 starts an instance with encrypted volumes only if whoever starts it may grant it the key.
  { action: "kms:CreateGrant", resource: "volumeKey", taggedOnly: false },
];
