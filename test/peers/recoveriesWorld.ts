/**
 * An account of its own in moto, entered by a role, with something of each pattern in it; and the site that people would see.
 *
 * The home network's addresses are loopback addresses: a machine's private address is one at which the site really listens, so
 * that "who serves" is moto's word (which machine holds the address, which record has weight, which targets are healthy), and a
 * recovery mends the service by nothing but what it does there.
 */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CopySnapshotCommand,
  CreateSnapshotCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand,
  StopInstancesCommand,
  type Instance,
} from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { Route53Client } from "@aws-sdk/client-route-53";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { region } from "./processWires.ts";

export const account = "222233334444";
export const role = `arn:aws:iam::${account}:role/ec2-medic`;
export const drRegion = "eu-central-1";
/** One of the images that moto has by itself. */
const image = "ami-12c6146b";

export interface Address {
  readonly allocationId: string;
  readonly publicIp: string;
}

export interface Network {
  readonly vpcId: string;
  /** In two zones. */
  readonly subnets: readonly [string, string];
  readonly securityGroup: string;
}

export interface World {
  readonly autoScaling: AutoScalingClient;
  readonly cloudwatch: CloudWatchClient;
  readonly elbv2: ElasticLoadBalancingV2Client;
  readonly route53: Route53Client;
  ec2(inRegion?: string): EC2Client;
  readonly home: Network;
  readonly away: Network;
  launch(name: string, where?: { readonly subnet: string }): Promise<Instance>;
  stop(instanceId: string): Promise<void>;
  instance(instanceId: string, inRegion?: string): Promise<Instance | undefined>;
  allNamed(name: string, inRegion?: string): Promise<readonly Instance[]>;
  /** A new Elastic IP on this machine. */
  addressOn(instanceId: string): Promise<Address>;
  holderOf(address: Address): Promise<string | undefined>;
  /** Of its root disk, with the tag by which the bot finds it; copied to the DR region with the same tag when asked for. */
  snapshotOf(instance: Instance, tag: string, copied?: boolean): Promise<string>;
  readonly siteUrl: string;
  /** Machines whose service is broken, however well they run. */
  readonly sick: Set<string>;
  /** How people come to a service: does whoever it leads to answer? */
  readonly ways: Map<string, () => Promise<boolean>>;
  /** Runs, and its service is not broken. */
  serves(instance: Instance | undefined): boolean;
  close(): void;
}

export async function makeWorld(endpoint: string): Promise<World> {
  const credentials = await enter(endpoint);
  const shared = { region, endpoint, credentials };
  const ec2 = (inRegion = region) => new EC2Client({ ...shared, region: inRegion });
  const [home, away] = await Promise.all([homeNetwork(ec2()), defaultNetwork(ec2(drRegion))]);
  const sick = new Set<string>();
  const ways: World["ways"] = new Map();
  const find = async (name: string, value: string, inRegion = region): Promise<Instance[]> => {
    const answer = await ec2(inRegion).send(
      new DescribeInstancesCommand({ Filters: [{ Name: name, Values: [value] }] }),
    );
    return (answer.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
  };
  const serves: World["serves"] = (found) => found?.State?.Name === "running" && !sick.has(found.InstanceId ?? "");
  const site = await startSite(async (path, machine) => {
    if (machine !== undefined) return serves((await find("private-ip-address", machine))[0]);
    return (await ways.get(path)?.()) ?? false;
  });
  return {
    autoScaling: new AutoScalingClient(shared),
    cloudwatch: new CloudWatchClient(shared),
    elbv2: new ElasticLoadBalancingV2Client(shared),
    route53: new Route53Client(shared),
    ...{ ec2, home, away, sick, ways, serves },
    launch: async (name, { subnet } = { subnet: home.subnets[0] }) => {
      const Tags = [
        { Key: "Name", Value: name },
        { Key: "team", Value: "shop" },
      ];
      const answer = await ec2().send(
        new RunInstancesCommand({
          ...{ ImageId: image, MinCount: 1, MaxCount: 1, InstanceType: "t3.micro" },
          SubnetId: subnet,
          SecurityGroupIds: [home.securityGroup],
          TagSpecifications: [{ ResourceType: "instance", Tags }],
        }),
      );
      return present(await find("instance-id", answer.Instances?.[0]?.InstanceId ?? ""));
    },
    stop: async (id) => void (await ec2().send(new StopInstancesCommand({ InstanceIds: [id] }))),
    instance: async (id, inRegion) => (await find("instance-id", id, inRegion))[0],
    allNamed: (name, inRegion) => find("tag:Name", name, inRegion),
    addressOn: async (InstanceId) => {
      const { AllocationId = "", PublicIp = "" } = await ec2().send(new AllocateAddressCommand({ Domain: "vpc" }));
      await ec2().send(new AssociateAddressCommand({ AllocationId, InstanceId }));
      return { allocationId: AllocationId, publicIp: PublicIp };
    },
    holderOf: async ({ allocationId }) => {
      const answer = await ec2().send(new DescribeAddressesCommand({ AllocationIds: [allocationId] }));
      return answer.Addresses?.[0]?.InstanceId;
    },
    snapshotOf: async (of, tag, copied = false) => {
      const [Key = "", Value = ""] = tag.split("=");
      const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags: [{ Key, Value }] }];
      const VolumeId = of.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? "";
      const { SnapshotId = "" } = await ec2().send(new CreateSnapshotCommand({ VolumeId, TagSpecifications }));
      if (!copied) return SnapshotId;
      const copy = { SourceRegion: region, SourceSnapshotId: SnapshotId, TagSpecifications };
      return (await ec2(drRegion).send(new CopySnapshotCommand(copy))).SnapshotId ?? "";
    },
    siteUrl: site.url,
    close: site.close,
  };
}

function present([found]: readonly Instance[]): Instance {
  if (found === undefined) throw new Error("moto launched nothing");
  return found;
}

async function enter(endpoint: string) {
  const sts = new STSClient({ region, endpoint, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  const { Credentials: keys } = await sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "owner" }));
  return {
    accessKeyId: keys?.AccessKeyId ?? "",
    secretAccessKey: keys?.SecretAccessKey ?? "",
    sessionToken: keys?.SessionToken ?? "",
  };
}

async function homeNetwork(ec2: EC2Client): Promise<Network> {
  const vpc = await ec2.send(new CreateVpcCommand({ CidrBlock: "127.1.0.0/16" }));
  const VpcId = vpc.Vpc?.VpcId ?? "";
  const subnet = async (zone: string, CidrBlock: string) => {
    const made = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: `${region}${zone}` }));
    return made.Subnet?.SubnetId ?? "";
  };
  const subnets = [await subnet("a", "127.1.1.0/24"), await subnet("b", "127.1.2.0/24")] as const;
  return { vpcId: VpcId, subnets, securityGroup: await groupOf(ec2, VpcId) };
}

async function defaultNetwork(ec2: EC2Client): Promise<Network> {
  const [one, two] = (await ec2.send(new DescribeSubnetsCommand({}))).Subnets ?? [];
  const vpcId = one?.VpcId ?? "";
  return {
    vpcId,
    subnets: [one?.SubnetId ?? "", two?.SubnetId ?? ""],
    securityGroup: await groupOf(ec2, vpcId),
  };
}

async function groupOf(ec2: EC2Client, vpcId: string): Promise<string> {
  const Filters = [{ Name: "vpc-id", Values: [vpcId] }];
  return (await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups?.[0]?.GroupId ?? "";
}

/** `machine`: the private address that was asked, when it was not the service's name. */
async function startSite(answers: (path: string, machine: string | undefined) => Promise<boolean>) {
  const named = "127.0.0.1";
  const server = createServer((request, response) => {
    const at = request.socket.localAddress;
    answers((request.url ?? "").slice(1), at === named ? undefined : at).then(
      (good) => response.writeHead(good ? 200 : 503).end(),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  return {
    url: `http://${named}:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
