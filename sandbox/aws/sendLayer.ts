/**
 * The simulated account behind the SDK's own clients: real client objects whose `send` is answered in this process. The bot's
 * AWS adapters run unchanged on them; nothing is signed, nothing reaches a network.
 */
import { AutoScalingClient, AutoScalingServiceException } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, CloudWatchServiceException } from "@aws-sdk/client-cloudwatch";
import { EC2Client, EC2ServiceException } from "@aws-sdk/client-ec2";
import {
  ElasticLoadBalancingV2Client,
  ElasticLoadBalancingV2ServiceException,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { Route53Client, Route53ServiceException } from "@aws-sdk/client-route-53";
import {
  Route53RecoveryClusterClient,
  Route53RecoveryClusterServiceException,
} from "@aws-sdk/client-route53-recovery-cluster";
import { SNSClient, SNSServiceException } from "@aws-sdk/client-sns";
import { SQSClient, SQSServiceException } from "@aws-sdk/client-sqs";
import { SSMClient, SSMServiceException } from "@aws-sdk/client-ssm";
import { STSClient, STSServiceException } from "@aws-sdk/client-sts";
import type { Account } from "../../src/memory/account.ts";
import { cloudWatchAnswers } from "./cloudwatch-answers.ts";
import { commandAnswers, route53Answers, routingAnswers } from "./dns-answers.ts";
import { ec2Answers } from "./ec2-answers.ts";
import { createMailbox, type Mailbox } from "./mailbox.ts";
import { autoScalingAnswers } from "./group-answers.ts";
import { identityAnswers, parameterAnswers, snsAnswers } from "./other-answers.ts";
import { answered } from "./sdk-answers.ts";
import { loadBalancerAnswers } from "./target-answers.ts";

export interface SimulatedClients {
  readonly ec2: EC2Client;
  readonly cloudwatch: CloudWatchClient;
  readonly autoScaling: AutoScalingClient;
  readonly elbv2: ElasticLoadBalancingV2Client;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly ssm: SSMClient;
  readonly route53: Route53Client;
  /** One client for each regional endpoint of an ARC cluster. */
  readonly cluster: (endpoint: { readonly region: string; readonly url: string }) => Route53RecoveryClusterClient;
  readonly sts: STSClient;
}

export interface SendLayerOptions {
  /** Who stands in the account's list of writes; default "medic". */
  readonly who?: string;
  readonly mailbox?: Mailbox;
  /** SSM parameters by name; a kill switch for example. */
  readonly parameters?: ReadonlyMap<string, string>;
}

export function sendLayer(account: Account, options: SendLayerOptions = {}): SimulatedClients {
  const who = options.who ?? "medic";
  const mailbox = options.mailbox ?? createMailbox(undefined, () => 0);
  const config = { region: account.region, credentials: { accessKeyId: "SANDBOX", secretAccessKey: "sandbox" } };
  return {
    ec2: answered(new EC2Client(config), {
      service: "EC2",
      answers: ec2Answers(account, who),
      exception: EC2ServiceException,
      throttledCode: "RequestLimitExceeded",
    }),
    cloudwatch: answered(new CloudWatchClient(config), {
      service: "CloudWatch",
      answers: cloudWatchAnswers(account),
      exception: CloudWatchServiceException,
      throttledCode: "Throttling",
    }),
    autoScaling: answered(new AutoScalingClient(config), {
      service: "Auto Scaling",
      answers: autoScalingAnswers(account, who),
      exception: AutoScalingServiceException,
      throttledCode: "Throttling",
    }),
    elbv2: answered(new ElasticLoadBalancingV2Client(config), {
      service: "ELBv2",
      answers: loadBalancerAnswers(account, who),
      exception: ElasticLoadBalancingV2ServiceException,
      throttledCode: "Throttling",
    }),
    ...naming(account, who, config),
    ...messaging(account, { who, mailbox, parameters: options.parameters ?? new Map() }, config),
  };
}

type Config = { readonly region: string; readonly credentials: { accessKeyId: string; secretAccessKey: string } };

function naming(account: Account, who: string, config: Config): Pick<SimulatedClients, "route53" | "cluster"> {
  return {
    route53: answered(new Route53Client(config), {
      service: "Route 53",
      answers: route53Answers(account, who),
      exception: Route53ServiceException,
      throttledCode: "Throttling",
    }),
    cluster: ({ region }) =>
      answered(new Route53RecoveryClusterClient({ ...config, region }), {
        service: "ARC",
        answers: routingAnswers(account, who, region),
        exception: Route53RecoveryClusterServiceException,
        throttledCode: "ThrottlingException",
      }),
  };
}

function messaging(
  account: Account,
  parts: { readonly who: string; readonly mailbox: Mailbox; readonly parameters: ReadonlyMap<string, string> },
  config: Config,
): Pick<SimulatedClients, "sns" | "sqs" | "ssm" | "sts"> {
  return {
    sns: answered(new SNSClient(config), {
      service: "SNS",
      answers: snsAnswers(account, parts.mailbox),
      exception: SNSServiceException,
      throttledCode: "Throttled",
    }),
    // No queue here: the sandbox's messages come through the HTTP door.
    sqs: answered(new SQSClient(config), {
      service: "SQS",
      answers: [],
      exception: SQSServiceException,
      throttledCode: "RequestThrottled",
    }),
    ssm: answered(new SSMClient(config), {
      service: "SSM",
      answers: [...parameterAnswers(parts.parameters), ...commandAnswers(account, parts.who)],
      exception: SSMServiceException,
      throttledCode: "ThrottlingException",
    }),
    sts: answered(new STSClient(config), {
      service: "STS",
      answers: identityAnswers(account),
      exception: STSServiceException,
      throttledCode: "Throttling",
    }),
  };
}
