/** Alarm → card: one alarm after another, each of another service, in interleaved rounds; and what an incident costs in CPU. */
import { channelId } from "./alarms.ts";
import type { Contender } from "./contenders.ts";
import { median, nowMs, pause, percentile, say } from "./numbers.ts";
import { cpuSeconds } from "./programs.ts";
import { post, type Stage } from "./stage.ts";

/** Real alarms are far apart; the gap lets each program finish what follows a card. */
const gapMs = 120;
const cardMsMax = 10_000;
const warmUps = 15;

interface Row {
  readonly contender: Contender;
  readonly p50s: number[];
  readonly cards: number[];
  readonly answers: number[];
  missing: number;
}

export interface LatencyPlan {
  readonly rounds: number;
  readonly each: number;
}

export const servicesFor = ({ rounds, each }: LatencyPlan) => warmUps + rounds * each;

export async function measureLatency(stage: Stage, contenders: readonly Contender[], plan: LatencyPlan): Promise<void> {
  const rows: Row[] = contenders.map((contender) => ({ contender, p50s: [], cards: [], answers: [], missing: 0 }));
  for (const { contender } of rows) await inRow(stage, contender, { from: 0, count: warmUps });
  const cpuBefore = new Map(contenders.map((each) => [each.name, cpuSeconds(each.program.pid)]));
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const row of rows) {
      const got = await inRow(stage, row.contender, { from: warmUps + round * plan.each, count: plan.each });
      row.p50s.push(median(got.cards));
      row.cards.push(...got.cards);
      row.answers.push(...got.answers);
      row.missing += got.missing;
    }
  }
  // What follows a card (evidence, reports, thread) is part of its price.
  await pause(3_000);
  const floor = median(rows.find(({ contender }) => contender.name === "floor")?.p50s ?? []);
  for (const { contender, p50s, cards, answers, missing } of rows) {
    const { name, program } = contender;
    const more = { rounds: p50s.length, n: cards.length, missing };
    const spread = { least: Math.min(...p50s), most: Math.max(...p50s) };
    say(`${name}.card.p50`, median(p50s), "ms", { ...more, ...spread });
    say(`${name}.card.p99`, percentile(cards, 0.99), "ms", more);
    say(`${name}.answer.p50`, median(answers), "ms", { note: "alarm durable and answered" });
    if (name !== "floor") say(`${name}.card.p50/floor`, median(p50s) / floor, "×", name === "bot" ? { aim: 3 } : {});
    const cpu = (cpuSeconds(program.pid) - (cpuBefore.get(name) ?? 0)) * 1000;
    say(`${name}.cpu.incident`, cpu / cards.length, "ms", { note: "user + system, with all that follows the card" });
  }
}

async function inRow(
  { slack }: Stage,
  contender: Contender,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<{ cards: number[]; answers: number[]; missing: number }> {
  const messages = Array.from({ length: count }, (_, n) => contender.message(from + n, 0, from + n));
  const cards: number[] = [];
  const answers: number[] = [];
  let missing = 0;
  for (const [n, message] of messages.entries()) {
    const arrival = slack.postIn(channelId(from + n), cardMsMax);
    const sentAt = nowMs();
    const answered = post(contender.target, message, contender.headers).then((status) => {
      if (status === 200) answers.push(nowMs() - sentAt);
    });
    const at = await arrival;
    await answered;
    if (at === undefined) missing += 1;
    else cards.push(at - sentAt);
    await pause(gapMs);
  }
  return { cards, answers, missing };
}
