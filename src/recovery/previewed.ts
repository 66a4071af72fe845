/** A preview that could not be made is one too: with the reason and the remedy, in the words of the refusal. */
import { recoveryWords } from "../domain/recoveryWords.ts";
import { MedicError, RecoveryRefused } from "../domain/errors.ts";
import type { Preview } from "../domain/preview.ts";
import { AbandonRun } from "./control.ts";
import type { PreviewAsked, RecoveryPorts } from "./definition.ts";
import type { Objection, Plan } from "./plan.ts";

type Said = Omit<Preview, "recovery" | "readAt" | "refused" | "steps">;

/**
 * `read` resolves as an order would and says what it found. Refusals become part of the preview; what could not be read is thrown
 * and asked again.
 */
export async function previewed(
  { recovery, current }: PreviewAsked,
  ports: RecoveryPorts,
  read: () => Promise<Said & { readonly plan: Plan<RecoveryPorts> }>,
): Promise<Preview> {
  const readAt = ports.clock.now();
  try {
    const { plan, ...said } = await read();
    const refused = await firstObjection(plan.gates, ports);
    return { recovery, readAt, steps: plan.steps.map(({ name }) => name), ...said, ...(refused ? { refused } : {}) };
  } catch (error) {
    if (error instanceof AbandonRun || !(error instanceof MedicError) || error.retry === "later") throw error;
    const words = recoveryWords(recovery, current.incident?.symptom);
    const { label, steps, downtime, data = "", address = "" } = words;
    const refused = { code: error.code, why: error.message, remedy: error.next };
    const headline = `${label} ${current.service}`;
    return { recovery, readAt, headline, steps, downtime, data, address, mind: [], refused };
  }
}

async function firstObjection(
  gates: readonly Objection<RecoveryPorts>[],
  ports: RecoveryPorts,
): Promise<Preview["refused"]> {
  for (const gate of gates) {
    const found = await gate(ports);
    if (found) return { code: found.code, why: found.detail, remedy: "See to that first, then look again." };
  }
  return undefined;
}

/** For a plan that a person asks for what only a rule or another pattern has. */
export function personOnly(what: string): RecoveryRefused {
  return new RecoveryRefused("person-only", `${what} is ordered by a person only`, "Order it by hand.");
}
