/**
 * How much may be lost. A rule may only lose what the owner has said in numbers (`rpoMax`); a person sees the loss in words before
 * deciding, and says so once more (`older-snapshot`) when it is more than the owner wanted.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import { length } from "../domain/text.ts";
import { ageWords } from "./buildSource.ts";
import type { Wished } from "./wished.ts";

interface Loss {
  readonly service: Pick<ServiceDefinition, "name" | "rpoMaxMs">;
  readonly wish: Pick<Wished, "byRule" | "onLadder" | "options">;
  readonly now: number;
}

/**
 * Throws RecoveryRefused. On the ladder what is too old counts as not there (`no-snapshot`, which climbs: another region may have
 * a younger one); a person's own order is answered with the consent that it lacks.
 */
export function refuseTooOld(dataAsOf: number, { service, wish, now }: Loss): void {
  const { rpoMaxMs } = service;
  if (wish.options.includes("older-snapshot")) return;
  if (rpoMaxMs === undefined) {
    if (!wish.byRule) return;
    throw new RecoveryRefused(
      "rpo-not-set",
      `everything written since the snapshot (${ageWords(dataAsOf, now)}) would be lost, and medic.yaml does not say how much may be`,
      `Set \`rpoMax\` for ${service.name}, or order it yourself.`,
    );
  }
  if (now - dataAsOf <= rpoMaxMs) return;
  throw new RecoveryRefused(
    wish.onLadder ? "no-snapshot" : "snapshot-too-old",
    `the newest usable snapshot is ${ageWords(dataAsOf, now)}; at most ${length(rpoMaxMs)} may be lost (rpoMax)`,
    "Order it with the option `older-snapshot` to accept that loss.",
  );
}
