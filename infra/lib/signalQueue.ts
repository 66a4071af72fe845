/**
 * Where everything that happens waits for a worker: one queue, a dead-letter queue for what no worker could store, and a
 * second one for what SNS or EventBridge could not even put into the queue. All hold plain alarm texts, encrypted by SQS.
 */
import { Duration, Validations } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

/** A signal is stored within 1 s; 60 s leaves a worker with a slow table time to finish before another one takes over. */
const visibilityTimeout = Duration.seconds(60);

/** Ten tries of 60 s: ten minutes of an unreachable table lose nothing to the dead letters. */
const maxReceiveCount = 10;

/** A weekend plus a day off. Old signals are never refused: a fresh read decides what they still mean. */
const signalRetention = Duration.days(4);

/** The longest that SQS offers: somebody must look at these. */
const deadLetterRetention = Duration.days(14);

export class SignalQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, name: string) {
    super(scope, id);
    this.deadLetters = this.secureQueue("DeadLetters", `${name}-signals-dead`, {
      retentionPeriod: deadLetterRetention,
    });
    this.undelivered = this.secureQueue("Undelivered", `${name}-undelivered`, { retentionPeriod: deadLetterRetention });
    Validations.of(this.undelivered).acknowledge({
      id: "AwsSolutions-SQS3",
      reason:
        "It is the dead-letter queue of the SNS subscription and of the EventBridge rules, which the rule does not look at.",
    });
    this.queue = this.secureQueue("Signals", `${name}-signals`, {
      retentionPeriod: signalRetention,
      visibilityTimeout,
      // Asks stay open until something comes: no empty answers to pay for, no delay.
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
  }

  private secureQueue(id: string, queueName: string, rest: ConstructorParameters<typeof Queue>[2]): Queue {
    // SQS's own key: a customer key would need its policy opened to SNS and EventBridge, and a mistake there drops alarms silently.
    return new Queue(this, id, { queueName, encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, ...rest });
  }
}
