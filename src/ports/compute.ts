/** EC2 instances and addresses in our words. Foreign errors arrive as the classes of `domain/errors.ts`. Every call is bounded in time and retries. */
import type { AllocationId, ImageId, InstanceId, SnapshotId, VolumeId } from "../domain/words.ts";

export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

/** `ok` = passed; `unknown` = insufficient data, not applicable or not answered. */
export type CheckState = "ok" | "impaired" | "initializing" | "unknown";

export interface InstanceView {
  readonly id: InstanceId;
  readonly state: InstanceState;
  /** Epoch ms; moves on at every start, which is how a start is proved. */
  readonly launchTime: number;
  readonly type: string;
  readonly availabilityZone: string;
  readonly name?: string;
  readonly privateIp?: string;
  readonly publicIp?: string;
  /** EC2's own sentence, e.g. `User initiated (2026-11-21 03:00:00 GMT)`. */
  readonly stateReason?: string;
  /** Set for a member of an Auto Scaling group (tag aws:autoscaling:groupName). */
  readonly asgName?: string;
  readonly rootDeviceType: "ebs" | "instance-store";
  /** The type has instance-store disks: stop/start loses what is on them. */
  readonly hasInstanceStore: boolean;
  readonly spot: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface InstanceChecks {
  readonly system: CheckState;
  readonly instance: CheckState;
  readonly ebs: CheckState;
  /** Epoch ms since when the worst of them is impaired. */
  readonly impairedSince?: number;
}

export interface AddressView {
  readonly allocationId: AllocationId;
  readonly publicIp: string;
  readonly associationId?: string;
  readonly instanceId?: InstanceId;
}

export type Tags = Readonly<Record<string, string>>;

/** How an instance is built: what a new one must have to be its equal. */
export interface Blueprint {
  readonly instanceId: InstanceId;
  readonly imageId: ImageId;
  readonly type: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly securityGroupIds: readonly string[];
  readonly architecture: "x86_64" | "arm64" | "i386" | "x86_64_mac" | "arm64_mac";
  readonly rootDeviceName: string;
  /** As EC2 says it: legacy-bios, uefi, uefi-preferred; absent when the image says nothing. */
  readonly bootMode?: string;
  readonly enaSupport: boolean;
  readonly ebsOptimized: boolean;
  readonly detailedMonitoring: boolean;
  /** Billing that an image made from a bare snapshot would lose: "Windows", "Red Hat Enterprise Linux"; "Linux/UNIX" is plain. */
  readonly platformDetails: string;
  readonly keyName?: string;
  readonly instanceProfileArn?: string;
  /** Base64, as EC2 gives it. */
  readonly userData?: string;
  readonly metadata?: MetadataOptions;
  readonly networkInterfaces: number;
  /** Root and data volumes; only those that are attached now. */
  readonly volumes: readonly BlueprintVolume[];
  /** Without the ones that begin with `aws:`, which nobody but AWS may set. */
  readonly tags: Tags;
}

export interface BlueprintVolume {
  readonly device: string;
  readonly volumeId: VolumeId;
  readonly deleteOnTermination: boolean;
}

export interface MetadataOptions {
  readonly httpTokens: "optional" | "required";
  readonly httpEndpoint: "enabled" | "disabled";
  readonly hopLimit: number;
  readonly instanceTags: "enabled" | "disabled";
}

export interface LaunchRequest {
  /** At most 64 ASCII characters, derived: the same wish twice is one instance. A new candidate needs a new token. */
  readonly clientToken: string;
  readonly imageId: ImageId;
  readonly type: string;
  readonly subnetId: string;
  readonly securityGroupIds: readonly string[];
  readonly keyName?: string;
  /** Name or ARN. */
  readonly instanceProfile?: string;
  /** Base64. */
  readonly userData?: string;
  readonly metadata?: MetadataOptions;
  readonly ebsOptimized?: boolean;
  readonly detailedMonitoring?: boolean;
  /** What the machine does to itself when it shuts down; default stop. `terminate` only for drills. */
  readonly onShutdown?: "stop" | "terminate";
  /** Data volumes; the root comes from the image. */
  readonly volumes: readonly {
    readonly device: string;
    readonly snapshotId: SnapshotId;
    readonly deleteOnTermination: boolean;
  }[];
  readonly tags: Tags;
}

export interface SubnetView {
  readonly id: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly freeAddresses: number;
}

/** What DryRun can be asked about. */
/** What IAM is asked for by these questions. */
export const dryRunActions = [
  "ec2:AssociateAddress",
  "ec2:CreateSnapshot",
  "ec2:CreateTags",
  "ec2:RebootInstances",
  "ec2:RunInstances",
  "ec2:StartInstances",
  "ec2:StopInstances",
  "iam:PassRole",
] as const;

export type DryRunQuestion =
  | { readonly action: "reboot" | "stop" | "start"; readonly instanceId: InstanceId }
  | { readonly action: "associate"; readonly allocationId: AllocationId; readonly instanceId: InstanceId }
  | { readonly action: "launch"; readonly request: LaunchRequest }
  | { readonly action: "snapshot"; readonly volumeId: VolumeId };

export interface Permitted {
  readonly allowed: boolean;
  readonly detail: string;
}

export interface Compute {
  /** undefined: EC2 says it does not exist. */
  instance(id: InstanceId): Promise<InstanceView | undefined>;
  /** Non-terminated instances that carry this tag. */
  instancesByTag(key: string, value: string): Promise<InstanceView[]>;
  /** undefined: not reported (not running, or just started). */
  checks(id: InstanceId): Promise<InstanceChecks | undefined>;
  address(id: AllocationId): Promise<AddressView | undefined>;
  /** The Elastic IP on this instance, when it has one. */
  addressOf(id: InstanceId): Promise<AddressView | undefined>;
  /** Last console lines, newest last; "" when there are none. */
  consoleTail(id: InstanceId): Promise<string>;
  reboot(id: InstanceId): Promise<void>;
  stop(id: InstanceId, options: { readonly force: boolean }): Promise<void>;
  start(id: InstanceId): Promise<void>;
  /** EC2 DryRun: may we? Answers "allowed", or the refusal in words. Checks permission, not state or capacity. */
  mayI(question: DryRunQuestion): Promise<Permitted>;

  /** How it is built; undefined: EC2 says it does not exist. Of a terminated instance EC2 has forgotten network and volumes: those fields are "" and []. */
  blueprint(id: InstanceId): Promise<Blueprint | undefined>;
  /** Never takes an address from another holder (AllowReassociation false): then WrongState. Answers the association's id. */
  associate(allocationId: AllocationId, to: InstanceId): Promise<string>;
  /** By the association that was seen: one that is gone already is NotFound, and nobody else's is touched. */
  disassociate(associationId: string): Promise<void>;
  /** Starts one instance. Throws NoCapacity, or `quota-reached`, `type-not-offered`. */
  launch(request: LaunchRequest): Promise<InstanceId>;
  /** Only for instances that carry `drillTag`; refuses everything else before it asks EC2. */
  terminateDrill(id: InstanceId): Promise<void>;
  tag(ids: readonly string[], tags: Tags): Promise<void>;
  subnets(ids: readonly string[]): Promise<SubnetView[]>;
  /** Which of these types are offered in this zone. */
  offered(types: readonly string[], availabilityZone: string): Promise<string[]>;
  /** Those of these security groups that exist. */
  securityGroups(ids: readonly string[]): Promise<string[]>;
}

/** What the bot launches for a drill carries this; nothing else is ever terminated. */
export const drillTag = { key: "ec2-medic:drill", value: "true" } as const;
/** On everything that a run makes: which run and which step it was, so that a crash finds it again. */
export const runTag = "ec2-medic:run";
export const stepTag = "ec2-medic:step";
/** On an instance whose place was taken: by whom. It is kept and no longer the service's, whatever its other tags say. */
export const replacedByTag = "ec2-medic:replaced-by";
