/** The preview of a failover: the words of its plan, and its gates asked once without a run. Reads only. */
import { MedicError } from "../domain/errors.ts";
import type { Preview } from "../domain/preview.ts";
import { length } from "../domain/text.ts";
import type { PreviewAsked, RecoveryPorts } from "./definition.ts";
import type { FenceMode, PairTiming } from "./pairSteps.ts";
import type { Pair } from "./pair.ts";
import type { Objection } from "./plan.ts";

export type PreviewWords = Omit<Preview, "recovery" | "readAt" | "refused">;

/** Said by code: what a person can do about each reason not to. */
const remedies: Readonly<Record<string, string>> = {
  "instance-gone": "Make a new standby and tag it, or re-provision.",
  "standby-unfit": "Bring the other instance in order first, or re-provision.",
  "group-member": "Take it out of the group, or describe the service by the group's own pattern.",
  "same-zone": "Order it by hand if the zone is not what is wrong.",
  "holds-another-address": "Take that address off it by hand if nobody needs it.",
  "address-elsewhere": "See who moved it, and agree who owns the recovery.",
  "address-gone": "Check the allocation id in medic.yaml.",
  "record-elsewhere": "Give the other instance the Elastic IP that the record names, or correct the record.",
};

/** What refuses it now becomes its `refused`; what could not be read is thrown on. */
export async function failoverPreview<Inputs>(
  { recovery, service }: PreviewAsked,
  ports: RecoveryPorts,
  parts: {
    readonly resolve: () => Promise<Inputs>;
    readonly words: (inputs: Inputs) => PreviewWords;
    readonly gates: (inputs: Inputs) => readonly Objection<RecoveryPorts>[];
  },
): Promise<Preview> {
  const base = { recovery, readAt: ports.clock.now() };
  try {
    const inputs = await parts.resolve();
    const words = parts.words(inputs);
    for (const gate of parts.gates(inputs)) {
      const refusal = await gate(ports);
      if (!refusal) continue;
      const remedy = remedies[refusal.code] ?? "A person has to look first.";
      return { ...base, ...words, refused: { code: refusal.code, why: refusal.detail, remedy } };
    }
    return { ...base, ...words };
  } catch (error) {
    if (!(error instanceof MedicError) || error.retry === "later") throw error;
    const headline = `${service.name} cannot change over now`;
    const none = { steps: [], downtime: "", data: "", address: "", mind: [] };
    return { ...base, headline, ...none, refused: { code: error.code, why: error.message, remedy: error.next } };
  }
}

/** How the two machines change places, in sentences. */
export function pairSentences({ from, to, force }: Pair, mode: FenceMode, move: string): string[] {
  const starts = to.state === "running" ? [] : [`Start ${to.instanceId}, which is ${to.state}`];
  const stop = `Stop ${from.instanceId}, by force when it is stuck; it is kept, switched off`;
  const fence = force ? `${stop}; go on although that may not be confirmed (force)` : stop;
  const order = mode === "stop" ? [fence, move] : [move, `${stop}, without waiting for it`];
  return [
    ...starts,
    `See that ${to.instanceId} answers, as far as the bot can reach it`,
    ...order,
    "See that the service answers",
  ];
}

/** From the first thing taken away to the last one given. */
export function downtimeOf(pair: Pair, mode: FenceMode, timing: PairTiming): string {
  if (mode === "address") return "seconds, while the address moves";
  if (pair.from.state === "stopped") return "none beyond the outage that there is: the old instance is off already";
  const worst = timing.stopSettleMs + timing.forceStopSettleMs;
  return `1 to 2 min from the stop; up to ${length(worst)} if ${pair.from.instanceId} is stuck`;
}

export function pairMind(pair: Pair): string[] {
  const { from, to, force } = pair;
  const said: string[] = [];
  if (from.zone !== undefined && from.zone === to.zone)
    said.push(`Both instances are in ${to.zone}: this does not help when that zone is out.`);
  if (from.state === "unread")
    said.push(`EC2 does not answer about ${from.instanceId}: nobody can tell whether it still serves.`);
  if (force)
    said.push(
      `With force ${from.instanceId} may go on serving beside ${to.instanceId}; that stands as a debt until it is off.`,
    );
  return said;
}
