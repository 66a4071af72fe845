/** The sender's turn: what may go now goes, at Slack's pace, and what was sent is reported to its case. */
import { ChannelRefused, MessageGone, type MessageRef } from "../ports/chat.ts";
import { postKey, updateKey, type Pace } from "./pace.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import { failed, historyLagMs } from "./senderFailures.ts";
import type { CardJob, Job, SayJob, ThreadJob } from "./senderQueue.ts";
import { holds, type SenderState } from "./senderState.ts";
import { offerCard, offerThread } from "./senderWishes.ts";

/** Calls to Slack at once: enough that one slow answer holds nobody up, few enough to keep order in the log. */
const runningMax = 8;
/** A handed-over case older than this is read again before it is shown. */
const freshMs = 1_000;
/** A digest or an unmatched line is looked for in the last day of its channel. */
const dayMs = 24 * 60 * 60 * 1000;

/** Why a sleep ended. Named, because an abort without a reason makes an error with its stack, each time. */
const woken = "woken";

/** Starts everything that may go now. Synchronous up to the call to Slack. */
export function pump(state: SenderState): void {
  const { queue, parts } = state;
  if (!holds(state)) return;
  const now = parts.clock.now();
  if (now < state.lookedAt) unwait(state, now);
  state.lookedAt = now;
  let nextAt: number | undefined;
  for (const job of queue.waiting()) {
    // While Slack does not answer, one call at a time finds out when it does again.
    if (state.running >= (state.failures > 0 ? 1 : runningMax)) break;
    const at = Math.max(job.notBefore, readyAt(state, job, now));
    if (at <= now) start(state, job, now);
    else if (nextAt === undefined || at < nextAt) nextAt = at;
  }
  state.nextAt = nextAt;
  state.wake.abort(woken);
}

/** The wall clock was put back: nothing that is wanted waits until it comes round again. */
function unwait({ queue }: SenderState, now: number): void {
  // What may stand in Slack's history already still waits for that to show.
  for (const job of queue.jobs.values())
    job.notBefore = Math.min(job.notBefore, now + (job.mustFind ? historyLagMs : 0));
}

function readyAt({ pace, cards }: SenderState, job: Job, now: number): number {
  switch (job.kind) {
    case "card": {
      const aim = cards.aim(job.current, now);
      if (aim.kind === "nothing") return now;
      if (aim.kind === "post") return pace.postAt(aim.channel, now);
      return pace.updateAt(aim.ref.ts, job.priority === "result", now);
    }
    case "thread":
      return pace.postAt(job.ref.channel, now);
    case "say":
      if (job.ref) return pace.updateAt(job.ref.ts, job.priority === "result", now);
      return pace.postAt(cards.channelFor(job.channel, now), now);
  }
}

function start(state: SenderState, job: Job, now: number): void {
  const { pace, cards } = state;
  job.running = true;
  job.attempts += 1;
  state.running += 1;
  let key = updateKey;
  if (job.kind === "card") {
    job.again = false;
    const aim = cards.aim(job.current, now);
    if (aim.kind === "update") pace.updated(aim.ref.ts, now);
    else if (aim.kind === "post") key = posting(pace, aim.channel, now);
  } else if (job.kind === "thread") {
    job.again = false;
    key = posting(pace, job.ref.channel, now);
  } else if (job.ref) {
    pace.updated(job.ref.ts, now);
  } else {
    key = posting(pace, cards.channelFor(job.channel, now), now);
  }
  void perform(state, job)
    .catch((error: unknown) => failed(state, { job, key, error }))
    .finally(() => {
      state.running -= 1;
      job.running = false;
      pump(state);
    });
}

function posting(pace: Pace, channel: string, now: number): string {
  pace.posted(channel, now);
  return postKey(channel);
}

async function perform(state: SenderState, job: Job): Promise<void> {
  switch (job.kind) {
    case "card":
      return showCard(state, job);
    case "thread":
      return speak(state, job);
    case "say":
      return sendSaid(state, job);
  }
}

async function showCard(state: SenderState, job: CardJob): Promise<void> {
  const { parts, cards } = state;
  const waited = parts.clock.now() - job.offeredAt;
  const current =
    waited < freshMs && job.attempts === 1 ? job.current : ((await parts.cases.load(job.service)) ?? job.current);
  const at = cards.known(current);
  if (current.incident !== undefined && (at === undefined || at.version < current.cardVersion)) {
    // The first card waits for nothing: no further read. It follows by update. One that is late anyway comes complete.
    const enrich = at !== undefined || job.attempts > 1 || current.phase.kind !== "proposing";
    await cards.show(current, { mustFind: job.mustFind, enrich });
    parts.metrics.count("medic_cards_sent_total", { kind: at === undefined ? "post" : "update" });
    if (at === undefined)
      parts.metrics.observe(
        "medic_first_card_seconds",
        Math.max(0, parts.clock.now() - current.incident.openedAt) / 1000,
      );
  }
  worked(state);
  await cards.report(current);
  finish(state, job, current);
  const known = cards.known(current);
  if (known !== undefined) offerThread(state, current, known.ref);
}

/** Offered again meanwhile: the newer version goes out next, at its own pace. */
function finish(state: SenderState, job: CardJob, current: ServiceCase): void {
  state.queue.drop(job.id);
  if (job.again && job.current.rev > current.rev) offerCard(state, job.current);
}

async function speak(state: SenderState, job: ThreadJob): Promise<void> {
  const more = await state.threads.say(job.current, job.ref, job.mustFind);
  worked(state);
  if (more || job.again) job.attempts = 0;
  else state.queue.drop(job.id);
}

async function sendSaid(state: SenderState, job: SayJob): Promise<void> {
  const ref = await sendOnce(state, job);
  worked(state);
  state.queue.drop(job.id);
  job.done(ref);
}

async function sendOnce({ parts, cards }: SenderState, job: SayJob): Promise<MessageRef> {
  const { chat, clock, settings } = parts;
  if (job.ref) {
    try {
      await chat.update(job.ref, job.card);
      return job.ref;
    } catch (error) {
      if (!(error instanceof MessageGone) && !(error instanceof ChannelRefused)) throw error;
    }
  }
  const channel = cards.channelFor(job.channel, clock.now());
  try {
    const standing = job.mustFind ? await chat.find(channel, job.card.key, clock.now() - dayMs) : undefined;
    if (standing === undefined) return await chat.post(channel, job.card);
    await chat.update(standing, job.card);
    return standing;
  } catch (error) {
    if (!(error instanceof ChannelRefused) || channel === settings().defaultChannel) throw error;
    cards.refuse(channel, error);
    return await chat.post(settings().defaultChannel, job.card);
  }
}

function worked(state: SenderState): void {
  state.failures = 0;
  state.pace.up();
}
