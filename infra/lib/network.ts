/**
 * Where the bot stands. It is never called: Slack by an outgoing socket, signals by asking the queue. So the group has no
 * inbound rule, and a public address costs a tenth of a NAT gateway.
 */
import { Validations } from "aws-cdk-lib";
import { GatewayVpcEndpointAwsService, Peer, Port, SecurityGroup, Subnet, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import type { ISubnet, IVpc } from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";
import type { GivenNetwork } from "./settings.ts";

export class Network extends Construct {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly publicIp: boolean;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, given: GivenNetwork | undefined) {
    super(scope, id);
    if (given === undefined) {
      // The library's own class does not fit its own interface under exactOptionalPropertyTypes.
      this.vpc = this.ownVpc() as IVpc;
      this.subnets = this.vpc.publicSubnets;
      this.publicIp = true;
    } else {
      // The library wants zones; nothing reads them, because the subnets are named one by one.
      this.vpc = Vpc.fromVpcAttributes(this, "Given", { vpcId: given.vpcId, availabilityZones: ["unused"] });
      this.subnets = given.subnetIds.map((subnetId, index) => Subnet.fromSubnetId(this, `Subnet${index}`, subnetId));
      this.publicIp = given.publicIp;
      const reason = "Nobody asks for the routes of a given network: it leads out, or the bot does not come up.";
      for (const subnet of this.subnets)
        Validations.of(subnet).acknowledge({ id: "Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId", reason });
    }
    this.securityGroup = new SecurityGroup(this, "NoInbound", {
      vpc: this.vpc,
      description: "ec2-medic: nobody calls it, it calls out",
      allowAllOutbound: false,
    });
    // Probes go wherever the services are: any TCP port of any host. UDP serves name resolution alone.
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.allTcp(), "AWS, Slack, and probes of services on any port");
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.udp(53), "names");
  }

  private ownVpc(): Vpc {
    const vpc = new Vpc(this, "Vpc", {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: "public", subnetType: SubnetType.PUBLIC, cidrMask: 24 }],
      // Closing the default group takes a Lambda of its own; nothing here uses that group.
      restrictDefaultSecurityGroup: false,
      // Free, and the state then never leaves AWS's network.
      gatewayEndpoints: { DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB } },
    });
    Validations.of(vpc).acknowledge({
      id: "AwsSolutions-VPC7",
      reason:
        "One task without any inbound rule; what it does is in its own log and CloudTrail. Flow logs cost more than the bot.",
    });
    return vpc;
  }
}
