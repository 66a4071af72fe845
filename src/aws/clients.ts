/** The only constructor of AWS clients. One set a region; every client is bounded in attempts and in time. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";

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

function options(region: string, awsCallMs: number) {
  return {
    region,
    maxAttempts,
    cacheMiddleware: true,
    // A call with all its tries must fit into the lease's budget; a dead peer must not eat it all at the first try.
    requestHandler: {
      requestTimeout: Math.max(1000, Math.floor(awsCallMs / 2)),
      connectionTimeout: Math.min(3000, awsCallMs),
    },
  };
}

export function regionClients(region: string, awsCallMs: number): RegionClients {
  const shared = options(region, awsCallMs);
  return {
    ec2: new EC2Client(shared),
    cloudwatch: new CloudWatchClient(shared),
    autoScaling: new AutoScalingClient(shared),
    elbv2: new ElasticLoadBalancingV2Client(shared),
  };
}

export function homeClients(region: string, awsCallMs: number): HomeClients {
  const shared = options(region, awsCallMs);
  return {
    sns: new SNSClient(shared),
    sts: new STSClient(shared),
    ssm: new SSMClient(shared),
    // Long polling waits 20 s by design: only the connection is bounded tightly here.
    sqs: new SQSClient({ ...shared, requestHandler: { requestTimeout: 30_000, connectionTimeout: 3000 } }),
  };
}
