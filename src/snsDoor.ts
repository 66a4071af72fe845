/**
 * POST /sns: verify, confirm, or hand in. Answered 200 only when the signal is durable; what may be our own fault is a 503, so
 * that SNS tries again. One log line and one count for whatever is refused.
 */
import { codeOf, sentenceOf } from "./domain/errors.ts";
import type { Intake } from "./engine/intake.ts";
import type { Answer, Door } from "./net/httpServer.ts";
import type { Log } from "./ports/log.ts";
import type { Metrics } from "./ports/metrics.ts";
import { BODY_BYTES_MAX } from "./signals/envelope.ts";
import { parseBody } from "./signals/parseMessage.ts";
import type { Refusal, Verified } from "./signals/verify.ts";

export interface SnsDoorParts {
  readonly verify: (body: string) => Promise<Verified | Refusal>;
  readonly intake: Pick<Intake, "takeMessage">;
  readonly confirm: (topicArn: string, token: string) => Promise<void>;
  readonly log: Log;
  readonly metrics: Metrics;
  /** True from the moment of a shutdown: 503, so that SNS comes back to another worker. */
  readonly closing: () => boolean;
}

export function snsDoor(parts: SnsDoorParts): Door {
  return {
    method: "POST",
    bytesMax: BODY_BYTES_MAX,
    take: (body) => take(parts, body.toString("utf8")),
    onTooLarge: () =>
      tellRefused(parts, { code: "too-large", status: 413, message: `more than ${BODY_BYTES_MAX} bytes` }),
  };
}

function tellRefused({ log, metrics }: SnsDoorParts, { code, status, message }: Omit<Refusal, "kind">): void {
  log.warn("sns-refused", { reason: code, status, detail: message });
  metrics.count("medic_sns_refused_total", { reason: code });
}

async function take(parts: SnsDoorParts, body: string): Promise<Answer> {
  const { log, metrics } = parts;
  if (parts.closing()) return { status: 503, body: "shutting down" };
  const verified = await parts.verify(body);
  if (verified.kind === "refused") {
    tellRefused(parts, verified);
    return { status: verified.status, body: verified.code };
  }
  metrics.count("medic_sns_accepted_total", { kind: verified.kind });
  try {
    return await act(parts, verified);
  } catch (error) {
    const detail = sentenceOf(error);
    log.error("sns-not-taken", { reason: codeOf(error), detail, error, next: "SNS sends it again" });
    metrics.count("medic_sns_failed_total", { reason: codeOf(error) });
    return { status: 503, body: "not stored, send it again" };
  }
}

async function act({ intake, confirm, log }: SnsDoorParts, verified: Verified): Promise<Answer> {
  if (verified.kind === "notification") {
    for (const parsed of parseBody(verified.body, { ...verified.carried })) await intake.takeMessage(parsed, "sns");
    return { status: 200, body: "ok" };
  }
  if (verified.kind === "subscription") {
    await confirm(verified.topicArn, verified.token);
    log.info("sns-subscribed", { topic: verified.topicArn });
    return { status: 200, body: "confirmed" };
  }
  // Somebody ended our subscription. Its URL would subscribe again; only a person should decide that.
  log.error("sns-unsubscribed", { topic: verified.topicArn, next: "subscribe again if this was not meant" });
  return { status: 200, body: "noted" };
}
