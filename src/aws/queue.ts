/**
 * The SQS door: long polls, hands each body in, and deletes only what is durable. A body that could not be taken comes back by
 * itself after the visibility timeout, and after the queue's own maxReceiveCount it goes to the dead letters.
 */
import { DeleteMessageCommand, ReceiveMessageCommand, type Message } from "@aws-sdk/client-sqs";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { HomeClients } from "./clients.ts";
import { asked } from "./translate.ts";

export interface QueueDoor {
  /** Runs until `signal` aborts; the message in hand is finished first. */
  run(signal: AbortSignal): Promise<void>;
  /** Age of the oldest message seen in the last receive (ms), 0 when the queue was empty: an old queue blocks automatic runs. */
  lagMs(): number;
}

export interface QueueParts {
  readonly sqs: HomeClients["sqs"];
  readonly queueUrl: string;
  /** Resolves once the body is durable; a throw leaves the message in the queue. */
  readonly take: (body: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Long-poll time; 0 for tests with a virtual clock. */
  readonly waitS?: number;
}

/** Pause after a failed receive, doubling: a queue that is gone must not be asked in a spin. */
const retryMs = { first: 1000, max: 30_000 };
/** A server that answers a long poll at once with nothing must not be asked in a spin either. */
const emptyPauseMs = 200;

export function queueDoor(parts: QueueParts): QueueDoor {
  let lag = 0;
  return {
    lagMs: () => lag,
    run: async (signal) => {
      let pauseMs = retryMs.first;
      while (!signal.aborted) {
        const askedAt = parts.clock.now();
        try {
          const messages = await receive(parts, signal);
          lag = oldestAge(messages, parts.clock.now());
          parts.metrics.gauge("medic_queue_lag_seconds", lag / 1000);
          await Promise.all(messages.map((message) => takeOne(parts, message)));
          pauseMs = retryMs.first;
          if (messages.length === 0 && parts.clock.now() - askedAt < emptyPauseMs)
            await parts.clock.sleep(emptyPauseMs, signal);
        } catch (error) {
          if (signal.aborted) return;
          parts.log.warn("queue-unreachable", { error, nextTryMs: pauseMs });
          parts.metrics.count("medic_queue_errors_total");
          await parts.clock.sleep(pauseMs, signal);
          pauseMs = Math.min(pauseMs * 2, retryMs.max);
        }
      }
    },
  };
}

async function receive({ sqs, queueUrl, waitS }: QueueParts, signal: AbortSignal): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: waitS ?? 20,
    MessageSystemAttributeNames: ["SentTimestamp", "ApproximateReceiveCount"],
  });
  const answer = await asked("ReceiveMessage", () => sqs.send(command, { abortSignal: signal }));
  return answer.Messages ?? [];
}

function oldestAge(messages: readonly Message[], now: number): number {
  const sent = messages.map((message) => Number(message.Attributes?.SentTimestamp)).filter((at) => Number.isFinite(at));
  return sent.length === 0 ? 0 : Math.max(0, now - Math.min(...sent));
}

async function takeOne({ sqs, queueUrl, take, log, metrics }: QueueParts, message: Message): Promise<void> {
  const receives = Number(message.Attributes?.ApproximateReceiveCount ?? 1);
  try {
    await take(message.Body ?? "");
  } catch (error) {
    log.warn("queue-message-kept", { error, messageId: message.MessageId, receives });
    metrics.count("medic_queue_kept_total");
    return;
  }
  const command = new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle });
  // A lost delete means the message comes again: it is a duplicate then, and acts once.
  await asked("DeleteMessage", () => sqs.send(command)).catch((error: unknown) =>
    log.warn("queue-delete-failed", { error }),
  );
}
