/**
 * What AWS tells without any alarm: an instance changed its state, Spot takes one back, an Auto Scaling group waits for an
 * answer, AWS Health announces trouble. Straight into the queue; what cannot be put there waits among the undelivered.
 */
import { Duration } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import type { EventPattern } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { Construct } from "constructs";
import type { SignalQueue } from "./signalQueue.ts";

/** EventBridge's own limit and default. Retrying for longer than the queue keeps things would be pointless. */
const retryFor = Duration.hours(24);

const patterns: Readonly<Record<string, { readonly about: string; readonly eventPattern: EventPattern }>> = {
  InstanceState: {
    about: "an instance stopped, started or went away",
    // `pending` is left out: it says nothing that `running` does not say seconds later.
    eventPattern: {
      source: ["aws.ec2"],
      detailType: ["EC2 Instance State-change Notification"],
      detail: { state: ["running", "stopping", "stopped", "shutting-down", "terminated"] },
    },
  },
  SpotNotice: {
    about: "Spot takes an instance back",
    eventPattern: {
      source: ["aws.ec2"],
      detailType: ["EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation"],
    },
  },
  AutoScaling: {
    about: "an Auto Scaling group waits for a lifecycle answer, could not act, or is being refreshed",
    // Successful launches and terminations are everyday work of a group: nobody has to be told.
    eventPattern: {
      source: ["aws.autoscaling"],
      detailType: [
        "EC2 Instance-launch Lifecycle Action",
        "EC2 Instance-terminate Lifecycle Action",
        "EC2 Instance Launch Unsuccessful",
        "EC2 Instance Terminate Unsuccessful",
        "EC2 Auto Scaling Instance Refresh Failed",
      ],
    },
  },
  Health: {
    about: "AWS Health speaks about what services here are built of",
    eventPattern: {
      source: ["aws.health"],
      detailType: ["AWS Health Event"],
      detail: { service: ["EC2", "EBS", "AUTOSCALING", "ELASTICLOADBALANCING", "ROUTE53"] },
    },
  },
};

export class EventRules extends Construct {
  constructor(scope: Construct, id: string, props: { readonly name: string; readonly signals: SignalQueue }) {
    super(scope, id);
    for (const [ruleId, { about, eventPattern }] of Object.entries(patterns)) {
      const target = new SqsQueue(props.signals.queue, {
        deadLetterQueue: props.signals.undelivered,
        maxEventAge: retryFor,
      });
      new Rule(this, ruleId, { description: `${props.name}: ${about}`, eventPattern, targets: [target] });
    }
  }
}
