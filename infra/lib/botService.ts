/** The running bot: one small ARM task (or several equal ones) that asks the queue and holds a socket to Slack. */
import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import {
  Cluster,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
  Secret as ContainerSecret,
} from "aws-cdk-lib/aws-ecs";
import type { ContainerImage, HealthCheck, ICluster } from "aws-cdk-lib/aws-ecs";
import type { Role } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Network } from "./network.ts";

export interface BotServiceProps {
  readonly name: string;
  readonly image: ContainerImage;
  readonly network: Network;
  readonly role: Role;
  readonly workers: number;
  /** Name or complete ARN. */
  readonly slackSecret: string;
  /** MEDIC_* settings: names, addresses and ARNs, never a secret. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Inside the container only; nothing outside can reach it. */
const httpPort = 8080;

/** The bot itself is out 20 s after SIGTERM; 30 s leaves it room before it is killed. */
const stopTimeout = Duration.seconds(30);

/** The smallest Fargate size but one step of memory: 200 MB with 10,000 services, doubled for a storm. */
const size = { cpu: 256, memoryLimitMiB: 512 };

/** Node itself asks, because a slim image has no curl. `start` and `retries` give a slow start two minutes. */
const healthCheck: HealthCheck = {
  command: [
    "CMD",
    "node",
    "-e",
    `fetch("http://127.0.0.1:${httpPort}/healthz").then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`,
  ],
  interval: Duration.seconds(15),
  timeout: Duration.seconds(5),
  retries: 4,
  startPeriod: Duration.seconds(60),
};

export class BotService extends Construct {
  readonly service: FargateService;
  readonly cluster: Cluster;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: BotServiceProps) {
    super(scope, id);
    const { name, network } = props;
    this.logGroup = new LogGroup(this, "Log", {
      logGroupName: `/${name}/bot`,
      // Long enough for a quarter's review; what must be kept for good is the audit record in the table.
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.cluster = new Cluster(this, "Cluster", {
      vpc: network.vpc,
      clusterName: name,
      containerInsightsV2: ContainerInsights.DISABLED,
    });
    const taskDefinition = this.taskDefinition(props);
    this.service = new FargateService(this, "Service", {
      // The library's own class does not fit its own interface under exactOptionalPropertyTypes.
      cluster: this.cluster as ICluster,
      serviceName: name,
      taskDefinition,
      desiredCount: props.workers,
      assignPublicIp: network.publicIp,
      securityGroups: [network.securityGroup],
      vpcSubnets: { subnets: [...network.subnets] },
      // The new worker stands before the old one goes. Two at a time are harmless: a lease decides who acts.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { enable: true, rollback: true },
      enableExecuteCommand: false,
    });
    this.acknowledge(taskDefinition);
  }

  private taskDefinition(props: BotServiceProps): FargateTaskDefinition {
    const secret = slackSecret(this, props.slackSecret);
    const definition = new FargateTaskDefinition(this, "Task", {
      family: props.name,
      ...size,
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
      taskRole: props.role,
    });
    definition.addContainer("Bot", {
      containerName: "bot",
      image: props.image,
      command: ["node", "bin/ec2-medic.js", "start"],
      environment: {
        ...props.environment,
        AWS_REGION: Stack.of(this).region,
        MEDIC_CONFIG: "/app/medic.yaml",
        MEDIC_HTTP_HOST: "127.0.0.1",
        MEDIC_HTTP_PORT: String(httpPort),
        NODE_ENV: "production",
      },
      secrets: {
        SLACK_BOT_TOKEN: ContainerSecret.fromSecretsManager(secret, "SLACK_BOT_TOKEN"),
        SLACK_APP_TOKEN: ContainerSecret.fromSecretsManager(secret, "SLACK_APP_TOKEN"),
      },
      logging: LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: "bot" }),
      healthCheck,
      stopTimeout,
      // The state is in the table: the bot has nothing to write, and what gets in cannot either.
      readonlyRootFilesystem: true,
      user: "1000",
    });
    return definition;
  }

  private acknowledge(definition: FargateTaskDefinition): void {
    Validations.of(this.cluster).acknowledge({
      id: "AwsSolutions-ECS4",
      reason:
        "Container Insights costs as much as the bot; running tasks are counted by the free service metrics instead.",
    });
    Validations.of(definition).acknowledge(
      {
        id: "AwsSolutions-ECS2",
        reason: "Names, addresses and ARNs of this stack alone; both tokens come from Secrets Manager.",
      },
      {
        id: "AwsSolutions-IAM5[Resource::*]",
        reason: "ecr:GetAuthorizationToken, with which ECS pulls the image, takes no narrower resource.",
      },
    );
  }
}

function slackSecret(scope: Construct, nameOrArn: string): ISecret {
  return nameOrArn.startsWith("arn:")
    ? Secret.fromSecretCompleteArn(scope, "Slack", nameOrArn)
    : Secret.fromSecretNameV2(scope, "Slack", nameOrArn);
}
