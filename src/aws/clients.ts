/** The only constructor of AWS clients. One set a region; every call is bounded in attempts and in time. */
import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  StartInstanceRefreshCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import {
  AssociateAddressCommand,
  AttachVolumeCommand,
  CopySnapshotCommand,
  CreateSnapshotCommand,
  DeleteSnapshotCommand,
  DetachVolumeCommand,
  DisassociateAddressCommand,
  EC2Client,
  RebootInstancesCommand,
  RegisterImageCommand,
} from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { Route53Client, UpdateHealthCheckCommand } from "@aws-sdk/client-route-53";
import { Route53RecoveryClusterClient } from "@aws-sdk/client-route53-recovery-cluster";
import { SNSClient } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { wallClock, type Clock } from "../ports/clock.ts";
import { bounded } from "./bounded.ts";
import type { ClusterAt } from "./routing.ts";
import { throttledOnlyRetries } from "./throttledOnlyRetries.ts";

/** What an adapter needs of a client. The sandbox hands in objects with the same `send` over its simulated account. */
export interface RegionClients {
  readonly ec2: Pick<EC2Client, "send">;
  readonly cloudwatch: Pick<CloudWatchClient, "send">;
  readonly autoScaling: Pick<AutoScalingClient, "send">;
  readonly elbv2: Pick<ElasticLoadBalancingV2Client, "send">;
  readonly ssm: Pick<SSMClient, "send">;
  /** Global: its API lives in us-east-1 whatever the region of the others is. */
  readonly route53: Pick<Route53Client, "send">;
  /** ARC: a client for each endpoint of a cluster. */
  readonly cluster: ClusterAt;
}

/** Keys of a session in another account, renewed by whoever gives them; absent: the bot's own. */
export type Credentials = () => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}>;

export interface HomeClients {
  readonly sns: Pick<SNSClient, "send">;
  readonly sts: Pick<STSClient, "send">;
  readonly ssm: Pick<SSMClient, "send">;
  readonly sqs: Pick<SQSClient, "send">;
}

/** Three tries with the SDK's own jitter; what is still throttled then is told, not hidden. */
const maxAttempts = 3;
const connectMsMax = 3000;
/** SQS's own maximum for a long poll. */
const longestPollMs = 20_000;

function options(region: string, awsCallMs: number, waitMs = 0) {
  // A dead peer must not eat the whole budget at the first try.
  const tryMs = Math.floor(awsCallMs / 2);
  return {
    region,
    maxAttempts,
    cacheMiddleware: true,
    requestHandler: {
      requestTimeout: waitMs + tryMs,
      connectionTimeout: Math.min(connectMsMax, tryMs),
      // Without it the SDK only writes a warning when the time is over, and goes on waiting.
      throwOnRequestTimeout: true,
    },
  };
}

/** `awsCallMs` bounds each call with all its tries: the lease's margin is reckoned with it. */
export function regionClients(
  region: string,
  awsCallMs: number,
  clock: Clock = wallClock,
  credentials?: Credentials,
): RegionClients {
  const shared = { ...options(region, awsCallMs), ...(credentials ? { credentials } : {}) };
  const within = <C extends { send: unknown }>(client: C) => bounded(client, () => awsCallMs, clock);
  const careful = { ...shared, retryStrategy: throttledOnlyRetries(maxAttempts) };
  const global = { region: route53Region };
  return {
    ec2: within(split(new EC2Client(shared), new EC2Client(careful))),
    cloudwatch: within(new CloudWatchClient(shared)),
    autoScaling: within(split(new AutoScalingClient(shared), new AutoScalingClient(careful))),
    elbv2: within(new ElasticLoadBalancingV2Client(shared)),
    ssm: within(split(new SSMClient(shared), new SSMClient(careful))),
    route53: within(split(new Route53Client({ ...shared, ...global }), new Route53Client({ ...careful, ...global }))),
    cluster: clusters(awsCallMs, clock, credentials),
  };
}

/** Where the record API of the commercial partition lives, and nowhere else. */
const route53Region = "us-east-1";

/**
 * What does something else, or fails, when it is done twice, and has no token by which AWS would know. Its answer may be lost
 * after the fact: it is sent again only when AWS refused it for its rate. Whoever asked looks at the world then.
 */
const notTwice = [
  RebootInstancesCommand,
  AssociateAddressCommand,
  DisassociateAddressCommand,
  AttachVolumeCommand,
  DetachVolumeCommand,
  CreateSnapshotCommand,
  CopySnapshotCommand,
  DeleteSnapshotCommand,
  RegisterImageCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  StartInstanceRefreshCommand,
  CompleteLifecycleActionCommand,
  SendCommandCommand,
  UpdateHealthCheckCommand,
] as const;

/** One client of two: `once` for what may not be sent twice, `many` for the rest. */
function split<Client extends { send: unknown }>(many: Client, once: Client): Pick<Client, "send"> {
  type Send = (command: object, ...rest: unknown[]) => unknown;
  const send: Send = (command, ...rest) => {
    const client = notTwice.some((kind) => command instanceof kind) ? once : many;
    return (client as unknown as { send: Send }).send(command, ...rest);
  };
  return { send };
}

/** An endpoint must answer in its share of one call's time, without tries of its own: the next endpoint is the next try. */
function clusters(awsCallMs: number, clock: Clock, credentials: Credentials | undefined): ClusterAt {
  const made = new Map<string, ReturnType<ClusterAt>>();
  return ({ region, url }, among) => {
    const shareMs = Math.floor(awsCallMs / Math.max(1, among));
    const key = `${region} ${url} ${shareMs}`;
    const known = made.get(key);
    if (known) return known;
    const client = new Route53RecoveryClusterClient({
      ...options(region, shareMs),
      maxAttempts: 1,
      endpoint: url,
      ...(credentials ? { credentials } : {}),
    });
    const cluster = bounded(client, () => shareMs, clock);
    made.set(key, cluster);
    return cluster;
  };
}

/** Asked in the region where the session will work: another region's outage does not keep the bot out of this one. */
export function stsClient(
  region: string,
  awsCallMs: number,
  clock: Clock = wallClock,
  credentials?: Credentials,
): Pick<STSClient, "send"> {
  const client = new STSClient({ ...options(region, awsCallMs), ...(credentials ? { credentials } : {}) });
  return bounded(client, () => awsCallMs, clock);
}

export function homeClients(region: string, awsCallMs: number, clock: Clock = wallClock): HomeClients {
  const shared = options(region, awsCallMs);
  const within = <C extends { send: unknown }>(client: C) => bounded(client, () => awsCallMs, clock);
  // Long polling waits by design: that time comes on top.
  const waitMs = (command: object) =>
    command instanceof ReceiveMessageCommand ? (command.input.WaitTimeSeconds ?? 0) * 1000 : 0;
  // The endpoint that the environment names holds for queues too; by itself the SDK would go to the host in the queue's URL.
  const sqs = new SQSClient({ ...options(region, awsCallMs, longestPollMs), useQueueUrlAsEndpoint: false });
  return {
    sns: within(new SNSClient(shared)),
    sts: within(new STSClient(shared)),
    ssm: within(new SSMClient(shared)),
    sqs: bounded(sqs, (command) => waitMs(command) + awsCallMs, clock),
  };
}
