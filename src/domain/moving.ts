/**
 * Where the service lives, and what it has left behind. `medic.yaml` and the inventory say it first; from then on a run that moved
 * it knows better, until the owner names a place that is neither today's nor a former one.
 */
import { say, set, type Draft } from "./draft.ts";
import type { CaseEvent } from "./event.ts";
import { returned } from "./former.ts";
import { clip } from "./limits.ts";
import { whenCleared } from "./onSignal.ts";
import { offerAnew } from "./openings.ts";
import { reason, type Reason } from "./reasons.ts";
import type { BadSignal, Former, Placement, PlacementMove } from "./serviceCase.ts";
import type { AllocationId, InstanceId, RunId } from "./words.ts";

/** Former instances that are remembered; a service that moves more often than this has other worries. */
const formerMax = 8;

type Said<Kind extends CaseEvent["kind"]> = Extract<CaseEvent, { kind: Kind }>;

/** What the inventory says. */
export function onPlacement(draft: Draft, event: Said<"placement">): Reason | undefined {
  const { placement, phase, former } = draft.current;
  if (phase.kind === "recovering")
    return reason("nothing-to-do", { detail: "a run is going on; where it ends is read afterwards" });
  const isDrift = placement.sinceRun !== undefined && former.some((f) => f.instanceId === event.instanceId);
  if (isDrift)
    return reason("nothing-to-do", { detail: "the bot has left that place; medic.yaml and tags still name it" });
  const next: Placement = {
    scope: placement.scope,
    region: placement.region,
    ...(event.instanceId ? { instanceId: event.instanceId } : {}),
    ...(event.asgName ? { asgName: event.asgName } : {}),
    ...(event.allocationId ? { allocationId: event.allocationId as AllocationId } : {}),
    ...(placement.recordSet ? { recordSet: placement.recordSet } : {}),
    ...(placement.sinceRun && event.instanceId === placement.instanceId ? { sinceRun: placement.sinceRun } : {}),
  };
  if (JSON.stringify(next) === JSON.stringify(placement))
    return reason("nothing-to-do", { detail: "it is known already" });
  const moved = placement.instanceId !== undefined && next.instanceId !== placement.instanceId;
  const about = moved ? draft.current.bad.filter((b) => b.instanceId === placement.instanceId) : [];
  // A group replaces its members as it likes: what they were is nobody's former home.
  const left = moved && placement.instanceId && next.asgName === undefined ? [placement.instanceId] : [];
  set(draft, { placement: next, former: withLeft(draft, next.instanceId, left) });
  if (next.instanceId) say(draft, "placement-learned", { instance: next.instanceId });
  if (moved) onMoved(draft, about);
  return undefined;
}

/** What a run did, whatever its outcome: signals about the place that it left are not about the service any more. */
export function applyMove(draft: Draft, runId: RunId, move: PlacementMove): void {
  const { placement } = draft.current;
  const { allocationId, ...rest } = move;
  const { allocationId: held, ...kept } = placement;
  const address = allocationId === undefined ? held : (allocationId ?? undefined);
  const next: Placement = { ...kept, ...rest, ...(address ? { allocationId: address } : {}), sinceRun: runId };
  const from = placement.instanceId;
  const leaves = from !== undefined && next.instanceId !== from && next.asgName === undefined;
  const about = from === undefined ? [] : draft.current.bad.filter((b) => b.instanceId === from && leaves);
  set(draft, {
    placement: next,
    former: withLeft(draft, next.instanceId, leaves ? [from] : [], runId),
    bad: draft.current.bad.filter((b) => !about.includes(b)),
  });
  say(draft, "placement-moved", {
    from: from ?? placement.recordSet ?? "where it was",
    to: next.instanceId ?? next.recordSet ?? "where it is now",
    ...(next.region === placement.region ? {} : { region: next.region }),
  });
  for (const { subject, instanceId } of about)
    say(draft, "signal-former-placement", { subject, instance: instanceId ?? "" });
}

function withLeft(draft: Draft, livesOn: InstanceId | undefined, left: readonly InstanceId[], byRun?: RunId): Former[] {
  const { placement, former } = draft.current;
  const kept = former.filter((f) => f.instanceId !== livesOn && !left.includes(f.instanceId));
  const gone = left.map((instanceId) => ({
    instanceId,
    since: draft.now,
    scope: placement.scope,
    ...(byRun ? leftBy(draft, instanceId, byRun) : {}),
  }));
  return [...kept, ...gone].slice(-formerMax);
}

/**
 * A run leaves a machine that it has stopped, or owes that stop. Stopped, it is known to be away from here on: somebody may have started
 * it again before the run's end, when it was no former home yet, and no later change would tell.
 */
function leftBy({ current, now }: Draft, instanceId: InstanceId, byRun: RunId): Pick<Former, "byRun" | "away"> {
  const isOwed = current.debts.some((debt) => debt.id === `unfenced/${instanceId}`);
  return isOwed ? { byRun } : { byRun, away: now };
}

/** It lives elsewhere now: what was bad about the former place is not about the service, and what was offered was about it. */
function onMoved(draft: Draft, about: readonly BadSignal[]): void {
  for (const { subject, instanceId } of about)
    say(draft, "signal-former-placement", { subject, instance: instanceId ?? "" });
  set(draft, { bad: draft.current.bad.filter((b) => !about.includes(b)) });
  if (about.length > 0) whenCleared(draft);
  offerAnew(draft, "the service lives elsewhere now");
}

/** An old primary was looked at, because it seemed to be back or because time had come. */
export function onFormerSeen(draft: Draft, { instanceId, state, said }: Said<"former-seen">): Reason | undefined {
  const { former } = draft.current;
  const known = former.find((f) => f.instanceId === instanceId);
  if (known === undefined) return reason("nothing-to-do", { detail: `${instanceId} is no former home of the service` });
  const change = (to: Former): void => set(draft, { former: former.map((f) => (f === known ? to : f)) });
  if (known.gone !== undefined)
    return reason("nothing-to-do", { detail: `${instanceId} is known not to exist any more` });
  if (state === "gone") {
    // Forgotten altogether, its name in medic.yaml would read as the owner's word that the service has moved back to it.
    const { since, scope } = known;
    change({ instanceId, since, ...(scope ? { scope } : {}), gone: draft.now });
    return undefined;
  }
  if (state === "away") {
    const { returned: was, quarantined: _quarantined, ...rest } = known;
    if (was === undefined && known.away !== undefined)
      return reason("nothing-to-do", { detail: `${instanceId} is known to be away` });
    // Should it come back once more, that is news once more.
    change({ ...rest, away: draft.now });
    if (was !== undefined) say(draft, "original-away", { instance: instanceId });
    return undefined;
  }
  if (state === "running") {
    if (known.returned !== undefined || known.away === undefined)
      return reason("nothing-to-do", { detail: "that it runs is no news" });
    returned(draft, known);
    return undefined;
  }
  if (known.quarantined !== undefined) return reason("nothing-to-do", { detail: "it was seen to already" });
  change({ ...known, returned: known.returned ?? draft.now, quarantined: draft.now });
  say(draft, "original-quarantined", { instance: instanceId, said: clip(said) });
  return undefined;
}
