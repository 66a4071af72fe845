/** The only constructor of AWS clients. One set a region; every call is bounded in attempts and in time. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client, RebootInstancesCommand } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { SNSClient } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { wallClock, type Clock } from "../ports/clock.ts";
import { bounded } from "./bounded.ts";
import { throttledOnlyRetries } from "./throttledOnlyRetries.ts";

/** What an adapter needs of a client. The sandbox hands in objects with the same `send` over its simulated account. */
export interface RegionClients {
  readonly ec2: Pick<EC2Client, "send">;
  readonly cloudwatch: Pick<CloudWatchClient, "send">;
  readonly autoScaling: Pick<AutoScalingClient, "send">;
  readonly elbv2: Pick<ElasticLoadBalancingV2Client, "send">;
}

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
export function regionClients(region: string, awsCallMs: number, clock: Clock = wallClock): RegionClients {
  const shared = options(region, awsCallMs);
  const within = <C extends { send: unknown }>(client: C) => bounded(client, () => awsCallMs, clock);
  return {
    ec2: within(ec2Client(shared)),
    cloudwatch: within(new CloudWatchClient(shared)),
    autoScaling: within(new AutoScalingClient(shared)),
    elbv2: within(new ElasticLoadBalancingV2Client(shared)),
  };
}

/** A reboot whose answer was lost may have happened: it goes through a client that sends it again only when EC2 refused it. */
function ec2Client(shared: ReturnType<typeof options>): Pick<EC2Client, "send"> {
  const many = new EC2Client(shared);
  const once = new EC2Client({ ...shared, retryStrategy: throttledOnlyRetries(maxAttempts) });
  const send = (command: Parameters<EC2Client["send"]>[0], ...rest: []) =>
    (command instanceof RebootInstancesCommand ? once : many).send(command, ...rest);
  return { send } as Pick<EC2Client, "send">;
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
