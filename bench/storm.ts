/** 10,000 messages with 16 in flight over a few hundred services: how fast they are durable, and what people see of them. */
import type { Contender } from "./contenders.ts";
import { nowMs, pause, percentile, say, until } from "./numbers.ts";
import { cpuSeconds, rssMb } from "./programs.ts";
import { post, type Stage } from "./stage.ts";

const inFlight = 16;
/** What is not sent by then is left out: the rate is known, and the whole bench must end. */
const msMax = 40_000;
/** An SNS message that was answered with an error comes again; here it comes at once. */
const triesMax = 5;

export interface StormPlan {
  readonly messages: number;
  readonly services: number;
}

export async function measureStorm({ slack }: Stage, contender: Contender, plan: StormPlan): Promise<void> {
  const { name, program } = contender;
  const alarms = 10;
  const messages = Array.from({ length: plan.messages }, (_, n) =>
    contender.message(n % plan.services, Math.floor(n / plan.services) % alarms, 1_000 + n),
  );
  slack.clear();
  const cpuBefore = cpuSeconds(program.pid);
  const startedAt = nowMs();
  const answers: number[] = [];
  let next = 0;
  let refused = 0;
  let lost = 0;
  const sender = async () => {
    while (next < messages.length && nowMs() - startedAt < msMax) {
      const message = messages[next] ?? "";
      next += 1;
      const sentAt = nowMs();
      let tries = 0;
      while (tries < triesMax && (await post(contender.target, message, contender.headers)) !== 200) tries += 1;
      refused += tries;
      if (tries === triesMax) lost += 1;
      else answers.push(nowMs() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, sender));
  const durableMs = nowMs() - startedAt;
  // Not the storm's own card, which stands in the default channel.
  const cards = () => slack.posts.filter(({ channel }) => channel !== "C0BENCHMAIN");
  const shown = () => new Set(cards().map(({ channel }) => channel)).size;
  const wanted = Math.min(plan.services, answers.length);
  await until(() => shown() >= wanted, 20_000, 100);
  // Both go on speaking of a storm for a while: one second more of it is looked at.
  await pause(1_000);
  const more = {
    messages: answers.length,
    cut: answers.length + lost < plan.messages,
    services: plan.services,
    refused,
    lost,
  };
  say(`${name}.storm.rate`, (answers.length / durableMs) * 1000, "messages/s", more);
  say(`${name}.storm.durable`, durableMs, "ms", { note: "until the last message was answered" });
  say(`${name}.storm.answer.p99`, percentile(answers, 0.99), "ms");
  const firsts = new Map<string, number>();
  for (const { channel, at } of cards()) if (!firsts.has(channel)) firsts.set(channel, at);
  const lastCard = Math.max(...firsts.values()) - startedAt;
  say(`${name}.storm.cards`, shown(), "channels", { lastFirstCardMs: Math.round(lastCard), of: wanted });
  const calls = { posts: slack.posts.length, updates: slack.updates.length, replies: slack.replies.length };
  say(`${name}.storm.slack`, calls.posts + calls.updates + calls.replies, "calls", calls);
  say(`${name}.storm.cpu`, cpuSeconds(program.pid) - cpuBefore, "s", {
    peakRssMb: Math.round(rssMb(program.pid).peak),
  });
}
