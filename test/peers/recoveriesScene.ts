/** Something of each pattern in the account, what medic.yaml says of it, and by which way people come to it. */
import { CreateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, type Instance } from "@aws-sdk/client-ec2";
import { CreateTargetGroupCommand, DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from "@aws-sdk/client-route-53";
import { zonePrefix } from "./awsDoor.ts";
import { region } from "./processWires.ts";
import { account, drRegion, role, type Address, type World } from "./recoveriesWorld.ts";

export interface Scene {
  readonly desk: readonly [Instance, Instance];
  readonly deskAddress: Address;
  readonly group: string;
  readonly targetGroup: string;
  readonly orders: Instance;
  readonly ordersAddress: Address;
  readonly ordersSnapshot: string;
  readonly ledger: Instance;
  readonly ledgerAddress: Address;
  readonly ledgerCopy: string;
  readonly portal: readonly [Instance, Instance];
  readonly portalAddresses: readonly [Address, Address];
  readonly zone: string;
}

export const idOf = ({ InstanceId = "" }: Instance) => InstanceId;

/** Settle times are upper limits, so that most stay as they are; what is always waited for is short. */
const timing = `
timing:
  lease: 15s
  leaseRenew: 3s
  awsCall: 8s
  clockSkew: 1s
  takeover: 1s
  verifySpan: 2s
  verifyPoll: 1s
  verifySettle: 20s
  alarmLag: 3s
  reconcile: 5s
`;

export const yamlOf = (world: World, s: Scene) => `
defaults:
  channel: "#ops-alerts"
  region: ${region}
  account: "${account}"
  approvers: { users: [U0MIRA, U0NOOR] }
accounts:
  "${account}": { role: "${role}" }
${timing}
services:
  front-desk:
    description: Service desk
    pattern: standby
    target: { instance: ${idOf(s.desk[0])} }
    standby: { instance: ${idOf(s.desk[1])} }
    elasticIp: ${s.deskAddress.allocationId}
    probe: { url: "${world.siteUrl}/front-desk", timeout: 2s }
    alarms: [front-desk-status]
    ladders: { os: [{ recovery: failover, mode: approve }] }
  shop-api:
    description: API of the shop
    pattern: alb-asg
    target: { asg: ${s.group} }
    probe: { url: "${world.siteUrl}/shop-api", timeout: 2s }
    alarms: [shop-api-cpu]
    ladders: { overloaded: [{ recovery: scale-out, mode: approve }] }
  orders-db:
    description: Orders
    pattern: instance
    target: { instance: ${idOf(s.orders)} }
    elasticIp: ${s.ordersAddress.allocationId}
    probe: { url: "${world.siteUrl}/orders-db", timeout: 2s }
    alarms: [orders-db-status]
    reprovision: { snapshotTag: snapshot-of=orders-db, subnets: [${world.home.subnets[1]}] }
    ladders: { os: [{ recovery: reprovision, mode: approve }] }
  ledger-db:
    description: Ledger
    pattern: instance
    target: { instance: ${idOf(s.ledger)} }
    probe: { url: "${world.siteUrl}/ledger-db", timeout: 2s }
    alarms: [ledger-db-status]
    reprovision: { snapshotTag: snapshot-of=ledger-db }
    dns: { zone: ${zonePrefix}${s.zone}, name: ledger.shop.example, type: A }
    dr:
      region: ${drRegion}
      subnets: [${world.away.subnets[0]}]
      securityGroups: [${world.away.securityGroup}]
      types: [t3.small]
    ladders: { os: [{ recovery: reprovision-dr, mode: approve, approvals: 2 }] }
  web-portal:
    description: Portal
    pattern: dns-pair
    target: { instance: ${idOf(s.portal[0])} }
    standby: { instance: ${idOf(s.portal[1])} }
    probe: { url: "${world.siteUrl}/web-portal", timeout: 2s }
    alarms: [web-portal-status]
    dns: { zone: ${zonePrefix}${s.zone}, name: portal.shop.example, type: A, primarySet: one, standbySet: two }
    ladders: { os: [{ recovery: failover, mode: observe }] }
`;

export async function setScene(world: World): Promise<Scene> {
  const [here, there] = world.home.subnets;
  const pairOf = (name: string) =>
    Promise.all([world.launch(`${name}-a`, { subnet: here }), world.launch(`${name}-b`, { subnet: there })]);
  const [desk, portal, orders, ledger] = await Promise.all([
    pairOf("front-desk"),
    pairOf("web-portal"),
    world.launch("orders-db"),
    world.launch("ledger-db"),
  ]);
  await world.stop(idOf(desk[1]));
  const on = (instance: Instance) => world.addressOn(idOf(instance));
  const [deskAddress, ordersAddress, ledgerAddress] = [await on(desk[0]), await on(orders), await on(ledger)];
  const portalAddresses = [await on(portal[0]), await on(portal[1])] as const;
  const ordersSnapshot = await world.snapshotOf(orders, "snapshot-of=orders-db");
  const ledgerCopy = await world.snapshotOf(ledger, "snapshot-of=ledger-db", true);
  const made = { desk, deskAddress, orders, ordersAddress, ordersSnapshot, ledger, ledgerAddress, ledgerCopy };
  const zone = await makeZone(world, ledgerAddress, portalAddresses);
  return { ...made, portal, portalAddresses, zone, ...(await makeGroup(world)) };
}

async function makeZone({ route53 }: World, ledger: Address, [one, two]: readonly [Address, Address]): Promise<string> {
  const created = await route53.send(
    new CreateHostedZoneCommand({ Name: "shop.example.", CallerReference: "recoveries" }),
  );
  const zone = created.HostedZone?.Id?.split("/").at(-1) ?? "";
  // The old time to live is waited out, so that it is short.
  const record = (Name: string, { publicIp }: Address): ResourceRecordSet => {
    return { Name, Type: "A", TTL: 1, ResourceRecords: [{ Value: publicIp }] };
  };
  const records = [
    record("ledger.shop.example.", ledger),
    { ...record("portal.shop.example.", one), SetIdentifier: "one", Weight: 100 },
    { ...record("portal.shop.example.", two), SetIdentifier: "two", Weight: 0 },
  ];
  const Changes = records.map((ResourceRecordSet) => ({ Action: "CREATE" as const, ResourceRecordSet }));
  await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: { Changes } }));
  return zone;
}

async function makeGroup(world: World): Promise<Pick<Scene, "group" | "targetGroup">> {
  const group = "shop-api-group";
  const { home } = world;
  const target = { Name: "shop-api", Protocol: "HTTP" as const, Port: 80, VpcId: home.vpcId };
  const made = await world.elbv2.send(new CreateTargetGroupCommand(target));
  const targetGroup = made.TargetGroups?.[0]?.TargetGroupArn ?? "";
  const LaunchTemplateData = { ImageId: "ami-12c6146b", InstanceType: "t3.micro" as const };
  await world.ec2().send(new CreateLaunchTemplateCommand({ LaunchTemplateName: group, LaunchTemplateData }));
  await world.autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: group,
      ...{ MinSize: 1, MaxSize: 4, DesiredCapacity: 2 },
      LaunchTemplate: { LaunchTemplateName: group, Version: "$Latest" },
      VPCZoneIdentifier: home.subnets.join(","),
      TargetGroupARNs: [targetGroup],
    }),
  );
  return { group, targetGroup };
}

export const recordsOf = async ({ route53 }: World, zone: string, name: string): Promise<ResourceRecordSet[]> => {
  const answer = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }));
  return (answer.ResourceRecordSets ?? []).filter((each) => each.Name === `${name}.`);
};

export const healthyTargets = async ({ elbv2 }: World, TargetGroupArn: string) => {
  const asked = new DescribeTargetHealthCommand({ TargetGroupArn });
  const { TargetHealthDescriptions: all = [] } = await elbv2.send(asked);
  return all.filter(({ TargetHealth }) => TargetHealth?.State === "healthy").map(({ Target }) => Target?.Id);
};

/** Whom the name, or the address, leads to; that machine's word is the service's. */
export function makeWays(world: World, scene: Scene): void {
  const { deskAddress, ordersAddress, portal, portalAddresses, zone } = scene;
  const byAddress = (address: Address) => async () => {
    const holder = await world.holderOf(address);
    return world.serves(holder === undefined ? undefined : await world.instance(holder));
  };
  world.ways.set("front-desk", byAddress(deskAddress));
  world.ways.set("orders-db", byAddress(ordersAddress));
  // Two are too few for what people ask of it.
  world.ways.set("shop-api", async () => (await healthyTargets(world, scene.targetGroup)).length >= 3);
  world.ways.set("ledger-db", async () => {
    const [record] = await recordsOf(world, zone, "ledger.shop.example");
    const value = record?.ResourceRecords?.[0]?.Value;
    const away = (await world.allNamed("ledger-db", drRegion)).find((each) => each.PublicIpAddress === value);
    return world.serves(away ?? (await world.instance(idOf(scene.ledger))));
  });
  world.ways.set("web-portal", async () => {
    const serving = (await recordsOf(world, zone, "portal.shop.example")).find(({ Weight = 0 }) => Weight > 0);
    const value = serving?.ResourceRecords?.[0]?.Value;
    const at = portalAddresses.findIndex(({ publicIp }) => publicIp === value);
    const machine = portal[at];
    return world.serves(machine && (await world.instance(idOf(machine))));
  });
}
