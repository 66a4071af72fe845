/** RunInstances for one instance: what it refuses, in the order in which EC2 looks, and what comes of it. */
import { AwsRefusal } from "./accountModel.ts";
import type { Machine } from "./accountModel.ts";
import { refuseCapacity, refuseFullSubnet, refuseOffering, refuseQuota } from "./capacity.ts";
import type { Architecture, Image, MachineBuild, Subnet } from "./cloudModel.ts";
import { completedSnapshot, imageOf } from "./images.ts";
import { boot, endOf, newPublicIp, terminate } from "./instanceLife.ts";
import { defaultBuild, newMachine } from "./machines.ts";
import { architectureOf, privateBlock } from "./places.ts";
import { noticeState } from "./topics.ts";
import { addVolume } from "./volumes.ts";
import { newId, remember, say } from "./world.ts";
import type { World } from "./world.ts";

export interface LaunchWish {
  readonly clientToken?: string;
  readonly imageId: string;
  readonly type: string;
  readonly subnetId: string;
  readonly securityGroupIds: readonly string[];
  readonly keyName?: string;
  /** Name or ARN. */
  readonly instanceProfile?: string;
  readonly userData?: string;
  readonly metadata?: MachineBuild["metadata"];
  readonly ebsOptimized?: boolean;
  readonly detailedMonitoring?: boolean;
  readonly onShutdown?: "stop" | "terminate";
  readonly volumes?: readonly {
    readonly device: string;
    readonly snapshotId: string;
    readonly deleteOnTermination: boolean;
  }[];
  readonly tags: Readonly<Record<string, string>>;
  /** What its disks carry. */
  readonly volumeTags?: Readonly<Record<string, string>>;
  readonly hasInstanceStore?: boolean;
}

/** From when on a machine whose key was refused is terminated. */
const keyRefusedMs = 5_000;

/** Throws AwsRefusal. The machine is pending, and boots by itself. */
export function launchMachine(world: World, wish: LaunchWish): Machine {
  const again = launchedBefore(world, wish);
  if (again !== undefined) return again;
  const image = imageOf(world, wish.imageId);
  if (image.state !== "available") {
    throw new AwsRefusal("InvalidAMIID.Unavailable", `The image id '[${image.id}]' is not available`);
  }
  const subnet = existing(world, wish);
  refuseMismatch(image, wish.type);
  if (wish.volumes?.some(({ device }) => device === image.rootDeviceName) === true) {
    throw new AwsRefusal("InvalidBlockDeviceMapping", "snapshotId cannot be modified on root device");
  }
  refuseOffering(world, wish.type, subnet.availabilityZone);
  refuseQuota(world, wish.type);
  refuseFullSubnet(subnet);
  refuseCapacity(world, wish.type, subnet.availabilityZone);
  const machine = made(world, wish, { image, subnet });
  if (wish.clientToken !== undefined) {
    world.stock.launches.set(wish.clientToken, { wish: JSON.stringify(wish), id: machine.id });
  }
  begin(world, machine);
  return machine;
}

/** Checks what can be checked without launching: ids and parameters. */
export function existing(world: World, wish: LaunchWish): Subnet {
  imageOf(world, wish.imageId);
  const subnet = world.stock.subnets.get(wish.subnetId);
  if (subnet === undefined) {
    throw new AwsRefusal("InvalidSubnetID.NotFound", `The subnet ID '${wish.subnetId}' does not exist`);
  }
  const strange = wish.securityGroupIds.find((id) => !world.stock.securityGroups.has(id));
  if (strange !== undefined) {
    throw new AwsRefusal("InvalidGroup.NotFound", `The security group '${strange}' does not exist`);
  }
  if (wish.keyName !== undefined && !world.stock.keyNames.has(wish.keyName)) {
    throw new AwsRefusal("InvalidKeyPair.NotFound", `The key pair '${wish.keyName}' does not exist`);
  }
  const profile = profileName(wish.instanceProfile);
  if (profile !== undefined && !world.stock.instanceProfiles.has(profile)) {
    throw new AwsRefusal(
      "InvalidParameterValue",
      `Value (${profile}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
    );
  }
  for (const { snapshotId } of wish.volumes ?? []) completedSnapshot(world, snapshotId);
  return subnet;
}

export function profileName(nameOrArn: string | undefined): string | undefined {
  return nameOrArn?.replace(/^arn:.*instance-profile\//, "");
}

/** The same wish under the same token is the same instance; another one is refused. */
function launchedBefore(world: World, wish: LaunchWish): Machine | undefined {
  const { clientToken } = wish;
  if (clientToken === undefined) return undefined;
  if (clientToken.length > 64) {
    throw new AwsRefusal("InvalidParameterValue", "The client token may not be longer than 64 characters");
  }
  const use = world.stock.launches.get(clientToken);
  if (use === undefined) return undefined;
  if (use.wish !== JSON.stringify(wish)) {
    throw new AwsRefusal(
      "IdempotentParameterMismatch",
      "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
    );
  }
  const machine = world.machines.get(use.id);
  if (machine === undefined || machine.state === "terminated" || machine.state === "shutting-down") {
    throw new AwsRefusal("IdempotentInstanceTerminated", `The instance '${use.id}' of this request is terminated.`);
  }
  return machine;
}

function refuseMismatch(image: Image, type: string): void {
  const wanted = architectureOf(type);
  if (image.architecture !== wanted) {
    throw new AwsRefusal(
      "InvalidParameterValue",
      `The architecture '${wanted}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI.`,
    );
  }
  if (image.virtualization !== "hvm") {
    throw new AwsRefusal(
      "InvalidParameterCombination",
      `Non-Windows instances with a virtualization type of 'paravirtual' are currently not supported for this instance type.`,
    );
  }
  if (!image.enaSupport) {
    throw new AwsRefusal(
      "InvalidParameterCombination",
      `Enhanced networking with the Elastic Network Adapter (ENA) is required for the '${type}' instance type.`,
    );
  }
}

function made(world: World, wish: LaunchWish, from: { readonly image: Image; readonly subnet: Subnet }): Machine {
  const { image, subnet } = from;
  const build = buildOf(world, wish, from);
  subnet.freeAddresses--;
  const id = newId(world, "i");
  const machine = newMachine(world, {
    id,
    name: wish.tags["Name"] ?? id,
    type: wish.type,
    availabilityZone: subnet.availabilityZone,
    tags: { ...wish.tags },
    hasInstanceStore: wish.hasInstanceStore ?? false,
    privateIp: privateIpIn(world),
    build,
  });
  world.machines.set(id, machine);
  const tags = wish.volumeTags ?? {};
  const wanted = new Map(image.snapshots.map(({ device, snapshotId }) => [device, { snapshotId, ends: true }]));
  for (const each of wish.volumes ?? []) {
    wanted.set(each.device, { snapshotId: each.snapshotId, ends: each.deleteOnTermination });
  }
  if (!wanted.has(image.rootDeviceName)) {
    addVolume(world, { at: [machine, image.rootDeviceName], content: image.content, deleteOnTermination: true, tags });
  }
  for (const [device, { snapshotId, ends }] of wanted) {
    const snapshot = world.stock.snapshots.get(snapshotId);
    addVolume(world, {
      at: [machine, device],
      ...(snapshot === undefined ? {} : { snapshot }),
      deleteOnTermination: ends,
      tags,
    });
  }
  return machine;
}

/** Machines are never forgotten, so that their number is a place that nobody had before. */
function privateIpIn(world: World): string {
  const place = world.machines.size;
  return `10.${privateBlock(world.region)}.${2 + Math.floor(place / 200)}.${20 + (place % 200)}`;
}

function buildOf(
  world: World,
  wish: LaunchWish,
  { image, subnet }: { readonly image: Image; readonly subnet: Subnet },
): MachineBuild {
  const profile = profileName(wish.instanceProfile);
  return {
    ...defaultBuild(world, wish.type, subnet.availabilityZone),
    imageId: image.id,
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    securityGroupIds: [...wish.securityGroupIds],
    architecture: image.architecture as Architecture,
    rootDeviceName: image.rootDeviceName,
    enaSupport: image.enaSupport,
    platformDetails: image.platformDetails,
    ebsOptimized: wish.ebsOptimized ?? false,
    detailedMonitoring: wish.detailedMonitoring ?? false,
    onShutdown: wish.onShutdown ?? "stop",
    ...(image.bootMode === undefined ? {} : { bootMode: image.bootMode }),
    ...(wish.keyName === undefined ? {} : { keyName: wish.keyName }),
    ...(profile === undefined ? {} : { instanceProfile: profile }),
    ...(wish.userData === undefined ? {} : { userData: wish.userData }),
    ...(wish.metadata === undefined ? {} : { metadata: wish.metadata }),
  };
}

function begin(world: World, machine: Machine): void {
  const encrypted = [...world.stock.volumes.values()].some(
    (volume) => volume.attachment?.instanceId === machine.id && volume.encrypted,
  );
  machine.launchTime = world.agenda.now();
  machine.ownPublicIp = newPublicIp(world);
  machine.health.kernel = "booting";
  if (world.faults.launchesHang) machine.health = { ...machine.health, kernel: "hung", rebootHelps: false };
  boot(world, machine);
  if (encrypted && world.faults.noGrant) refusedKey(world, machine);
  else shutsItselfDown(world, machine);
}

/** No error of the call: the machine goes from pending to terminated, and only its state reason says why. */
function refusedKey(world: World, machine: Machine): void {
  world.agenda.at(world.agenda.now() + keyRefusedMs, () => {
    if (machine.state !== "pending") return;
    machine.stateReason = { code: "Client.InternalError", message: "Client.InternalError: Client error on launch" };
    machine.transitionReason = "";
    machine.health.kernel = "off";
    endOf(world, machine);
    machine.epoch++;
    machine.state = "terminated";
    remember(world, machine);
    say(world, "EC2", `${machine.name} (${machine.id}) is terminated: the key of its disk was refused`, "bad");
    noticeState(world, machine);
  });
}

/** `shutdown -h +60` in the user data: minutes after the boot. */
function shutsItselfDown(world: World, machine: Machine): void {
  const text = machine.build.userData === undefined ? "" : atob(machine.build.userData);
  const minutes = /\bshutdown\s+(?:-[hP]\s+)?\+(\d+)/.exec(text)?.[1];
  if (minutes === undefined) return;
  const { pendingMs, bootMs } = world.timings;
  const epochs = machine.epoch + 1;
  world.agenda.at(world.agenda.now() + pendingMs + bootMs + Number(minutes) * 60_000, () => {
    // A stop and start since then has lost the timer, and a hung system does not run it.
    if (machine.epoch !== epochs || machine.health.kernel !== "up") return;
    if (machine.build.onShutdown === "terminate") terminate(world, machine, "its own shutdown");
  });
}
