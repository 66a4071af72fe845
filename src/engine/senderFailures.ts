/** When it does not work: nothing that is wanted is ever given up, and nothing is asked more often than it helps. */
import { codeOf, MedicError, sentenceOf } from "../domain/errors.ts";
import { ChannelRefused, ChatDown, ChatLimited, ChatUncertain, MessageGone } from "../ports/chat.ts";
import type { Job } from "./senderQueue.ts";
import type { SenderState } from "./senderState.ts";

/** After a failure: first pause, and the longest one while Slack is down. */
const pauseMs = 1_000;
const pauseMaxMs = 30_000;
/** What Slack will not take however often it is asked (token, scope) is tried again this seldom. */
const refusedPauseMs = 60_000;
/** Slack's history shows a message a moment after it was posted. */
export const historyLagMs = 2_000;

/** Nothing that is wanted is ever given up: it waits, and only as long as it must. */
export function failed(state: SenderState, { job, key, error }: { job: Job; key: string; error: unknown }): void {
  const { parts, pace } = state;
  const now = parts.clock.now();
  const code = codeOf(error);
  parts.metrics.count("medic_sender_failures_total", { code });
  if (error instanceof ChatLimited) {
    pace.pause(key, now + error.retryAfterMs);
    job.attempts = Math.max(1, job.attempts);
    return;
  }
  if (error instanceof ChatUncertain) {
    job.mustFind = true;
    job.notBefore = now + historyLagMs;
    if (state.failures++ === 0) parts.log.warn("chat-uncertain", { message: job.id, next: error.next });
    return;
  }
  if (error instanceof ChatDown) {
    const pause = Math.min(pauseMs * 2 ** Math.min(state.failures, 10), pauseMaxMs);
    if (state.failures === 0)
      parts.log.error("chat-down", { message: job.id, text: sentenceOf(error), next: error.next });
    state.failures += 1;
    pace.down(now + pause);
    return;
  }
  if (job.kind === "thread" && (error instanceof MessageGone || error instanceof ChannelRefused)) {
    // The card itself will find out and move; its thread then begins there.
    state.queue.drop(job.id);
    return;
  }
  const never = error instanceof MedicError && error.retry === "never";
  const pause = never ? refusedPauseMs : Math.min(pauseMs * 2 ** Math.min(job.attempts, 10), pauseMaxMs);
  job.notBefore = now + pause;
  if (job.attempts <= 1) parts.log.error("message-not-sent", { message: job.id, code, text: sentenceOf(error) });
  if (never && job.kind === "say") {
    state.queue.drop(job.id);
    job.failed(error);
  }
}
