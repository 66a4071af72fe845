/**
 * The topic that alarms name as their action, and its way into the queue.
 *
 * EventBridge is not let in: it sends no source account or rule when it publishes to a topic, so that its permission could
 * carry no condition and rules of any other account could speak here. Rules go to the queue, where the condition works.
 */
import { Stack } from "aws-cdk-lib";
import { AccountRootPrincipal, Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import type { SignalQueue } from "./signalQueue.ts";

export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: { readonly name: string; readonly signals: SignalQueue }) {
    super(scope, id);
    this.topic = new Topic(this, "Topic", { topicName: `${props.name}-alarms`, enforceSSL: true });
    this.topic.addToResourcePolicy(alarmsMayPublish(this.topic, "*"));
    this.topic.addToResourcePolicy(this.autoScalingMayPublish());
    // Not raw: the envelope tells which topic spoke and when, which the message alone does not.
    this.topic.addSubscription(
      new SqsSubscription(props.signals.queue, {
        rawMessageDelivery: false,
        deadLetterQueue: props.signals.undelivered,
      }),
    );
  }

  /** Notifications and hooks of Auto Scaling groups are published by a role of this account whose name AWS sets. */
  private autoScalingMayPublish(): PolicyStatement {
    const { partition, account } = Stack.of(this);
    const role = `arn:${partition}:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling*`;
    return new PolicyStatement({
      sid: "AutoScalingOfThisAccount",
      effect: Effect.ALLOW,
      // The account with a condition, not the role itself: the policy could not be made where the role does not exist yet.
      principals: [new AccountRootPrincipal()],
      actions: ["sns:Publish"],
      resources: [this.topic.topicArn],
      conditions: { ArnLike: { "aws:PrincipalArn": role } },
    });
  }
}

/** Lets CloudWatch publish, for alarms of this account and region alone whose names match `alarmNames` (a glob). */
export function alarmsMayPublish(topic: Topic, alarmNames: string): PolicyStatement {
  const { partition, region, account } = Stack.of(topic);
  return new PolicyStatement({
    sid: "AlarmsOfThisAccount",
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
    actions: ["sns:Publish"],
    resources: [topic.topicArn],
    conditions: {
      StringEquals: { "aws:SourceAccount": account },
      ArnLike: { "aws:SourceArn": `arn:${partition}:cloudwatch:${region}:${account}:alarm:${alarmNames}` },
    },
  });
}
