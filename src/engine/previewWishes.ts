/**
 * Reads in the background what a proposed recovery would do, and lets the card follow. Nothing waits for it: a proposal stands
 * and may be approved before, and a read that fails is no reason for anything.
 */
import type { Dossier } from "../domain/dossier.ts";
import { codeOf } from "../domain/errors.ts";
import type { Preview } from "../domain/preview.ts";
import { isToldOnly } from "../domain/proposalKinds.ts";
import type { Proposal, ServiceCase } from "../domain/serviceCase.ts";
import type { Timing } from "../domain/timing.ts";
import type { IncidentId } from "../domain/words.ts";
import { hasPassed } from "../ports/clock.ts";
import type { Clock } from "../ports/clock.ts";
import type { Handle } from "../ports/handle.ts";
import type { Log } from "../ports/log.ts";
import type { Records } from "../ports/store.ts";
import { dossierKey, type StoredDossier } from "./dossiers.ts";
import type { Previews } from "./previews.ts";

export interface PreviewWishesParts {
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing: Timing;
  readonly handle: Handle;
  readonly previews: Pick<Previews, "read">;
}

export interface PreviewWishes {
  /** A case as committed: what it proposes is read when nobody has, or not lately. Returns at once, never throws. */
  want(current: ServiceCase): void;
  /** Resolves when nothing is being read any more. */
  idle(): Promise<void>;
}

/** In a storm many cases open at once, and AWS must have room for what matters more; the others are read at their next event. */
const atOnceMax = 4;
/** Proposals that are remembered as read; forgetting one costs a look into its dossier. */
const rememberedMax = 1_000;
const attemptsMax = 3;

interface Wish {
  readonly current: ServiceCase;
  readonly incident: IncidentId;
  readonly proposal: Proposal;
}

export function makePreviewWishes(parts: PreviewWishesParts): PreviewWishes {
  const { clock, log, timing } = parts;
  /** When each proposal's preview was last asked for. */
  const asked = new Map<string, number>();
  const going = new Set<Promise<void>>();
  return {
    want: (current) => {
      const wish = wishOf(current);
      if (wish === undefined) return;
      const key = `${wish.incident} ${wish.proposal.recovery} ${wish.proposal.madeAt}`;
      const last = asked.get(key);
      if (!hasPassed(clock, last ?? -Infinity, timing.proposalFactsMs)) return;
      if (going.size >= atOnceMax) return;
      if (asked.size >= rememberedMax) asked.clear();
      asked.set(key, clock.now());
      const work = fulfil(parts, wish)
        .catch((error: unknown) => {
          asked.delete(key);
          log.warn("preview-not-kept", { service: current.service, code: codeOf(error) });
        })
        .finally(() => going.delete(work));
      going.add(work);
    },
    idle: async () => {
      while (going.size > 0) await Promise.all(going);
    },
  };
}

function wishOf(current: ServiceCase): Wish | undefined {
  const { phase, incident } = current;
  if (phase.kind !== "proposing" || incident === undefined || isToldOnly(phase.proposal)) return undefined;
  return { current, incident: incident.id, proposal: phase.proposal };
}

async function fulfil(parts: PreviewWishesParts, { current, incident, proposal }: Wish): Promise<void> {
  const { records, clock, timing } = parts;
  const { recovery, options, amount } = proposal;
  const before = (await records.get<StoredDossier>(dossierKey(incident)))?.body.previews?.[recovery];
  const isFresh = before !== undefined && before.readAt >= proposal.madeAt;
  if (isFresh && !hasPassed(clock, before.readAt, timing.proposalFactsMs)) return;
  const chosen = { ...(options ? { options } : {}), ...(amount === undefined ? {} : { amount }) };
  const preview = await parts.previews.read(current, recovery, chosen);
  if (saysNothing(preview)) return;
  // What was read a while ago says more than that it could not be read now.
  if (isFresh && preview.refused?.unread) return;
  if (!(await keep(parts, incident, preview))) return;
  const { refused } = preview;
  const why = refused && !refused.unread ? { refused: { code: refused.code, why: refused.why } } : {};
  await parts.handle(current.service, { kind: "previewed", incident, at: preview.readAt, recovery, ...why });
}

/** A plan that needs no look at the world: the card knows all of it already. */
function saysNothing({ address, data, mind, refused }: Preview): boolean {
  return address === "" && data === "" && mind.length === 0 && refused === undefined;
}

async function keep({ records, clock }: PreviewWishesParts, incident: IncidentId, preview: Preview): Promise<boolean> {
  const key = dossierKey(incident);
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const stored = await records.get<StoredDossier>(key);
    const previews: Dossier["previews"] = { ...stored?.body.previews, [preview.recovery]: preview };
    const body: StoredDossier = { at: clock.now(), ...stored?.body, previews };
    if (stored ? await records.replace(key, body, stored.rev) : await records.putIfAbsent(key, body)) return true;
  }
  return false;
}
