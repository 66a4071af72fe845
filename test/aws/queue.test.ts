import type { SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { queueDoor } from "../../src/aws/queue.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { silentLog } from "../../src/ports/log.ts";
import { silentMetrics } from "../../src/ports/metrics.ts";
import { awsError, scripted, type Sent } from "./scripted.ts";

const start = Date.UTC(2026, 10, 21, 3);
const queueUrl = "http://127.0.0.1/123456789012/medic";
const message = (body: string, sentAt = start) => ({
  Body: body,
  MessageId: `m-${body}`,
  ReceiptHandle: `r-${body}`,
  Attributes: { SentTimestamp: String(sentAt), ApproximateReceiveCount: "1" },
});

interface Bed {
  readonly receive: (count: number, sent: Sent) => unknown;
  readonly take: (body: string) => Promise<void>;
  readonly deleting?: () => unknown;
}

function bed({ receive, take, deleting }: Bed) {
  const clock = createVirtualClock({ startAt: start });
  let receives = 0;
  const { client, sent } = scripted<SQSClient>((one) =>
    one.name === "ReceiveMessageCommand" ? receive((receives += 1), one) : (deleting?.() ?? {}),
  );
  const warned: string[] = [];
  const log = { ...silentLog, warn: (code: string) => void warned.push(code) };
  const door = queueDoor({ sqs: client, queueUrl, take, clock, log, metrics: silentMetrics, waitS: 0 });
  const control = new AbortController();
  const deleted = () =>
    sent.filter(({ name }) => name === "DeleteMessageCommand").map(({ input }) => input["ReceiptHandle"]);
  return { clock, sent, door, control, deleted, warned };
}

describe("the queue's door", () => {
  it("deletes a message only after it is durable, and keeps what could not be taken", async () => {
    let stored: (() => void) | undefined;
    const { clock, door, control, deleted, warned } = bed({
      receive: (count) => (count === 1 ? { Messages: [message("slow"), message("bad"), message("good")] } : {}),
      take: (body) => {
        if (body === "bad") return Promise.reject(new Error("the store is away"));
        if (body === "slow") return new Promise((resolve) => (stored = resolve));
        return Promise.resolve();
      },
    });
    const running = door.run(control.signal);
    await clock.advance(1_000);
    expect(deleted()).toEqual(["r-good"]);
    stored?.();
    await clock.advance(1_000);
    expect(deleted()).toEqual(["r-good", "r-slow"]);
    expect(warned).toEqual(["queue-message-kept"]);
    control.abort();
    await running;
  });

  it("asks an unreachable queue with growing pauses, up to 30 s, and is back at once when it answers", async () => {
    const at: number[] = [];
    const { clock, door, control, warned } = bed({
      receive: (count) => {
        at.push(clock.now() - start);
        return count <= 8 ? awsError("QueueDoesNotExist") : {};
      },
      take: () => Promise.resolve(),
    });
    const running = door.run(control.signal);
    await clock.advance(200_000);
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(gaps.slice(0, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(gaps[9]).toBeLessThan(1_000);
    expect(warned.filter((code) => code === "queue-unreachable")).toHaveLength(8);
    control.abort();
    await running;
  });

  it("does not spin on a server that answers a long poll at once with nothing", async () => {
    let asked = 0;
    const { clock, door, control } = bed({ receive: () => ((asked += 1), {}), take: () => Promise.resolve() });
    const running = door.run(control.signal);
    await clock.advance(10_000);
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThanOrEqual(51);
    control.abort();
    await running;
  });

  it("hands the receive a signal that ends with the program, and finishes the message in hand first", async () => {
    let stored: (() => void) | undefined;
    const { clock, sent, door, control, deleted } = bed({
      receive: (count) => (count === 1 ? { Messages: [message("one")] } : {}),
      take: () => new Promise((resolve) => (stored = resolve)),
    });
    const running = door.run(control.signal);
    await clock.advance(1_000);
    control.abort();
    expect(sent[0]?.signal?.aborted).toBe(true);
    stored?.();
    await running;
    expect(deleted()).toEqual(["r-one"]);
    expect(sent.filter(({ name }) => name === "ReceiveMessageCommand")).toHaveLength(1);
  });

  it("ends at once when a long poll is given up", async () => {
    const { door, control, warned } = bed({
      receive: (_count, { signal }) =>
        new Promise((resolve) => signal?.addEventListener("abort", () => resolve(awsError("AbortError")))),
      take: () => Promise.resolve(),
    });
    const running = door.run(control.signal);
    control.abort();
    await running;
    expect(warned).toEqual([]);
  });

  it("tells the age of the oldest message that it saw last, and none once the queue is empty", async () => {
    const { clock, door, control } = bed({
      receive: (count) => {
        if (count === 1) return { Messages: [message("old", start - 400_000), message("new")] };
        return count === 2 ? awsError("InternalError", 500) : {};
      },
      take: () => Promise.resolve(),
    });
    expect(door.lagMs()).toBe(0);
    const running = door.run(control.signal);
    await clock.advance(500);
    expect(door.lagMs()).toBe(400_000);
    await clock.advance(2_000);
    expect(door.lagMs()).toBe(0);
    control.abort();
    await running;
  });

  it("goes on when a delete is lost: the message comes again and is a duplicate then", async () => {
    const taken: string[] = [];
    const { clock, door, control, warned } = bed({
      receive: (count) => (count <= 2 ? { Messages: [message(`m${count}`)] } : {}),
      take: async (body) => void taken.push(body),
      deleting: () => awsError("TimeoutError"),
    });
    const running = door.run(control.signal);
    await clock.advance(2_000);
    expect(taken).toEqual(["m1", "m2"]);
    expect(warned).toEqual(["queue-delete-failed", "queue-delete-failed"]);
    control.abort();
    await running;
  });
});
