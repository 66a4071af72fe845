/** Topic, queue and alarms of one test, and the message that CloudWatch would send: moto neither evaluates nor publishes alarms. */
import { PutMetricAlarmCommand, type CloudWatchClient, type StateValue } from "@aws-sdk/client-cloudwatch";
import { CreateTopicCommand, SubscribeCommand, type SNSClient } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";

export const region = "eu-west-1";
const account = "123456789012";

export async function wire({ sns, sqs }: { sns: SNSClient; sqs: SQSClient }, name: string, visibilityS: number) {
  const topic = await sns.send(new CreateTopicCommand({ Name: `${name}-alarms` }));
  const attributes = { VisibilityTimeout: String(visibilityS) };
  const queue = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  const queueUrl = queue.QueueUrl ?? "";
  const asked = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] });
  const endpoint = (await sqs.send(asked)).Attributes?.["QueueArn"] ?? "";
  const topicArn = topic.TopicArn ?? "";
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: endpoint }));
  return { topicArn, queueUrl };
}

export async function putAlarm(cloudwatch: CloudWatchClient, service: string, instanceId: string): Promise<void> {
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: `${service}-status`,
      Namespace: "AWS/EC2",
      MetricName: "StatusCheckFailed_Instance",
      Dimensions: [{ Name: "InstanceId", Value: instanceId }],
      Statistic: "Maximum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: "GreaterThanThreshold",
    }),
  );
}

export function alarmMessage(name: string, instanceId: string, state: StateValue): object {
  return {
    AlarmName: name,
    AlarmArn: `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
    AWSAccountId: account,
    NewStateValue: state,
    OldStateValue: state === "ALARM" ? "OK" : "ALARM",
    NewStateReason: "Threshold Crossed: 1 datapoint was greater than the threshold (0.0).",
    StateChangeTime: new Date().toISOString().replace("Z", "+0000"),
    Region: "EU (Ireland)",
    Trigger: {
      MetricName: "StatusCheckFailed_Instance",
      Namespace: "AWS/EC2",
      Statistic: "MAXIMUM",
      Dimensions: [{ name: "InstanceId", value: instanceId }],
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
    },
  };
}

export interface Depth {
  readonly waiting: number;
  readonly inHand: number;
}

export async function depth(sqs: SQSClient, queueUrl: string): Promise<Depth> {
  const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const ask = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] });
  const { Attributes = {} } = await sqs.send(ask);
  return { waiting: Number(Attributes[names[0]]), inHand: Number(Attributes[names[1]]) };
}
