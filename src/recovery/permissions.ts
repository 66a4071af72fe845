/**
 * What each recovery needs AWS to allow, declared beside the recovery and inert on import: the infrastructure builds the
 * bot's policy from these lists, `doctor` may check them, and a test sees that none is missing or idle.
 */

/**
 * What an action may be narrowed to. Each kind becomes ARN patterns and conditions in the policy; an action that touches several
 * kinds (RunInstances, AssociateAddress) is listed once for each.
 */
export type IamResource =
  /** AWS offers no narrower resource for this action: reads only. */
  | "any"
  /** EC2 instances in the regions where services live. */
  | "instance"
  /** Customer managed keys that encrypt the volumes of instances. Left out when a team has none. */
  | "volumeKey"
  | "elasticIp"
  | "networkInterface"
  | "volume"
  | "snapshot"
  | "image"
  | "subnet"
  | "securityGroup"
  | "keyPair"
  | "replaceRootVolumeTask"
  | "autoScalingGroup"
  | "targetGroup"
  /** Hosted zones that a team names; left out when it names none. */
  | "hostedZone"
  | "dnsChange"
  | "healthCheck"
  /** ARC routing controls that a team names. */
  | "routingControl"
  /** Roles of instance profiles that a team names, passed to EC2 alone. */
  | "instanceRole"
  /** SSM's own document that runs a shell line. */
  | "shellDocument"
  | "alarm";

export interface IamAction {
  /** As IAM spells it, without wildcards: `ec2:RebootInstances`. */
  readonly action: string;
  readonly resource: IamResource;
  /** Only on what carries `managedTag`. Everything that changes what exists must say true. */
  readonly taggedOnly: boolean;
  /** Only on what is made with `managedTag` in the same request: launches, snapshots, images, volumes. */
  readonly madeTagged?: boolean;
  /** CreateTags only as part of these calls. */
  readonly onlyWhenCreating?: readonly string[];
  /** Only on what carries this tag beside (drill instances). */
  readonly alsoTagged?: { readonly key: string; readonly value: string };
  /** CreateTags on what exists: these keys alone, so that the bot cannot hand itself anything. */
  readonly onlyTagKeys?: readonly string[];
  /** `kms:CreateGrant` where volumes or snapshots are made: EC2 asks for more there than for decrypting a volume. */
  readonly forNewVolumes?: true;
}

/**
 * The tag by which a team hands something to the bot. The bot writes it on what it makes and on nothing that exists: it can never
 * widen its own reach.
 */
export const managedTag = { key: "ec2-medic:managed", value: "true" } as const;

/** Volumes and snapshots made from encrypted snapshots: EC2 asks for each of these in the caller's name. */
export const restoresEncrypted: readonly IamAction[] = [
  { action: "kms:CreateGrant", resource: "volumeKey", taggedOnly: false, forNewVolumes: true },
  { action: "kms:Decrypt", resource: "volumeKey", taggedOnly: false },
  { action: "kms:DescribeKey", resource: "volumeKey", taggedOnly: false },
  { action: "kms:GenerateDataKeyWithoutPlaintext", resource: "volumeKey", taggedOnly: false },
  { action: "kms:ReEncryptFrom", resource: "volumeKey", taggedOnly: false },
  { action: "kms:ReEncryptTo", resource: "volumeKey", taggedOnly: false },
];

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
