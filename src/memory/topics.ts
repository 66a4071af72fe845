/** SNS topics: who subscribed is told at once, in order; what a delivery makes of it is the subscriber's business. */
import type { Machine, TopicMessage } from "./accountModel.ts";
import { seededUuid } from "./seededIds.ts";
import { say } from "./world.ts";
import type { World } from "./world.ts";

/** Answers the message id, as Publish does. */
export function publishTo(
  world: World,
  topicArn: string,
  content: { readonly subject?: string; readonly message: string },
): string {
  const message: TopicMessage = { messageId: seededUuid(world.random), topicArn, at: world.agenda.now(), ...content };
  if (world.faults.snsLoses) {
    say(world, "SNS", `a message to ${topicArn} was lost`, "bad");
    return message.messageId;
  }
  for (const subscriber of [...(world.subscribers.get(topicArn) ?? [])]) subscriber(message);
  return message.messageId;
}

export function subscribe(world: World, topicArn: string, subscriber: (message: TopicMessage) => void): () => void {
  const known = world.subscribers.get(topicArn) ?? new Set();
  world.subscribers.set(topicArn, known);
  known.add(subscriber);
  return () => known.delete(subscriber);
}

/** EventBridge's notice about an instance's new state, sent to the topics that asked for it. */
export function noticeState(world: World, machine: Machine): void {
  for (const topicArn of world.stateNoticeTopics) {
    publishTo(world, topicArn, {
      message: JSON.stringify({
        version: "0",
        id: seededUuid(world.random),
        "detail-type": "EC2 Instance State-change Notification",
        source: "aws.ec2",
        account: world.accountId,
        time: `${new Date(world.agenda.now()).toISOString().slice(0, 19)}Z`,
        region: world.region,
        resources: [`arn:aws:ec2:${world.region}:${world.accountId}:instance/${machine.id}`],
        detail: { "instance-id": machine.id, state: machine.state },
      }),
    });
  }
}
