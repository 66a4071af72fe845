/**
 * A probe that tells "the site is down" from "we are offline": a bad answer counts only while the control URL answers. Good
 * answers need no control.
 */
import { length } from "../domain/text.ts";
import type { ProbeDefinition } from "../domain/service.ts";
import { isWithin } from "../ports/clock.ts";
import type { Clock } from "../ports/clock.ts";
import type { ProbeAnswer, Prober } from "../ports/prober.ts";

export interface GuardedProbe {
  /** Never throws. */
  ask(probe: ProbeDefinition): Promise<ProbeAnswer | { readonly offline: string }>;
}

/** A storm asks the control URL once, not once a service. */
const controlAgeMs = 5_000;
const controlTimeoutMs = 5_000;

export function guardedProbe(prober: Prober, clock: Clock, controlUrl: string | undefined): GuardedProbe {
  let control: { readonly at: number; readonly answer: Promise<ProbeAnswer> } | undefined;
  const askControl = (url: string): Promise<ProbeAnswer> => {
    const now = clock.now();
    if (control === undefined || !isWithin(clock, control.at, controlAgeMs)) {
      const answer = prober.ask({ kind: "http", url, statusMin: 100, statusMax: 599, timeoutMs: controlTimeoutMs });
      control = { at: now, answer };
    }
    return control.answer;
  };
  return {
    ask: async (probe) => {
      const answer = await prober.ask(probe);
      if (answer.good || controlUrl === undefined) return answer;
      const own = await askControl(controlUrl);
      if (own.good) return answer;
      return {
        offline: `the control URL does not answer either (${own.detail}, within ${length(controlTimeoutMs)}): the bot may be offline`,
      };
    },
  };
}
