/** The way to people that needs no Slack: the bot's own notices, and alarms about the bot itself. */
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { alarmsMayPublish } from "./alarmTopic.ts";

export class MailTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: { readonly name: string; readonly mailTo: readonly string[] }) {
    super(scope, id);
    this.topic = new Topic(this, "Topic", {
      topicName: `${props.name}-mail`,
      displayName: props.name,
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(alarmsMayPublish(this.topic, `${props.name}-*`));
    for (const address of props.mailTo) this.topic.addSubscription(new EmailSubscription(address));
  }
}
