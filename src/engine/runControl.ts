/** What a plan hears from the engine: may it act, must it end, who is told about each step. */
import { hasPassed } from "../ports/clock.ts";
import { codeOf } from "../domain/errors.ts";
import { isErrand } from "../domain/ladder.ts";
import { clip } from "../domain/limits.ts";
import { length } from "../domain/text.ts";
import type { Order, ServiceCase } from "../domain/serviceCase.ts";
import type { RunId, ServiceName } from "../domain/words.ts";
import { hasActed } from "../recovery/advance.ts";
import { AbandonRun, type Control, type Halt } from "../recovery/control.ts";
import type { HeldLease } from "./runLease.ts";
import type { RunnerParts } from "./runPlan.ts";
import type { OpenJournal } from "./runJournal.ts";

interface About {
  readonly service: ServiceName;
  readonly runId: RunId;
  readonly order: Order;
  readonly lease: HeldLease;
  readonly step: OpenJournal;
}

/** A card that changes more often than this is read by nobody, and Slack's updates are for the whole workspace. */
const progressMs = 30_000;

export function makeControl(parts: RunnerParts, about: About): Control {
  const { service, runId, lease } = about;
  let toldAt = -Infinity;
  return {
    halt: async (acted) => {
      const current = await parts.loadCase(service);
      const stop = haltOf(parts, about, current, acted);
      if (stop) return stop;
      if (about.order.by.kind === "person") return undefined;
      const switched = await parts.autopilot.readWithin(0);
      if (switched.state === "on") return undefined;
      const why =
        switched.state === "off"
          ? `autopilot was switched off${switched.by ? ` by ${switched.by}` : ""}`
          : "the kill switch cannot be read, which counts as off";
      return { kind: "stop", why };
    },
    mayAct: async () => {
      await lease.assertMargin();
    },
    borrow: async (debt) => {
      await parts.handle(service, { kind: "debt-added", debt: { ...debt, since: parts.clock.now(), runId } });
    },
    repay: async (debt) => {
      await parts.handle(service, { kind: "debt-repaid", debt });
    },
    onStep: async (step, state, acted) => {
      try {
        await parts.handle(service, { kind: "run-step", runId, step, state, acted });
      } catch (error) {
        // The journal has it; the card says it with the next step.
        parts.log.warn("run-step-not-told", { service, runId, step, code: codeOf(error) });
      }
    },
    onProgress: async (step, said) => {
      try {
        const at = parts.clock.now();
        await about.step.progress({ step, said: clip(said), at });
        if (!hasPassed(parts.clock, toldAt, progressMs)) return;
        toldAt = at;
        const acted = hasActed(about.step.entries);
        await parts.handle(service, { kind: "run-step", runId, step, state: "progress", acted });
      } catch (error) {
        if (error instanceof AbandonRun) throw error;
        parts.log.warn("run-progress-not-told", { service, runId, step, code: codeOf(error) });
      }
    },
  };
}

function haltOf(
  { clock }: RunnerParts,
  { runId }: About,
  current: ServiceCase | undefined,
  acted: boolean,
): Halt | undefined {
  const phase = current?.phase;
  if (current === undefined || phase?.kind !== "recovering" || phase.runId !== runId) {
    throw new AbandonRun("its case does not wait for it any more");
  }
  if (phase.stopAsked) return { kind: "stop", why: `${phase.stopAsked.by.name} asked to stop` };
  // A drill shows nothing while the service itself is in trouble; what it has launched is a debt that the sweep clears away.
  if (isErrand(phase.order.recovery) && current.bad.length > 0)
    return { kind: "stop", why: `${current.service} itself went bad meanwhile` };
  if (!acted && current.bad.length === 0 && current.incident?.orderedWhileHealthy !== true) return { kind: "cleared" };
  if (clock.now() < phase.deadline) return undefined;
  return {
    kind: "overdue",
    detail: `the run was not done within its limit of ${length(phase.deadline - phase.since)}`,
  };
}
