/**
 * One record per scope (account and region): recent openings, the storm, and the permits of automatic runs. Every change is a
 * compare-and-set, so that all workers together keep one count.
 */
import { MedicError } from "../domain/errors.ts";
import type { Facts } from "../domain/facts.ts";
import { autoRunsAtOnceMax, casAttemptsMax, stormOpeningsMax, stormShare } from "../domain/limits.ts";
import type { Timing } from "../domain/timing.ts";
import type { IncidentId, RunId, Scope, ServiceName } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Glance } from "../ports/glance.ts";
import type { Records } from "../ports/store.ts";

export interface StormState {
  readonly since: number;
  readonly why: string;
  /** The last opening, or the last sign that AWS is sick. */
  readonly lastAt: number;
  /** A person has said that it may end; void when something opens after it. */
  readonly word?: { readonly by: string; readonly at: number };
}

export interface Permit {
  readonly runId: RunId;
  readonly service: ServiceName;
  readonly at: number;
}

export interface ScopePage {
  readonly openings: readonly { readonly incident: IncidentId; readonly service: ServiceName; readonly at: number }[];
  readonly storm?: StormState;
  /** Until then one automatic run at a time: a storm has just ended. */
  readonly carefulUntil?: number;
  readonly permits: readonly Permit[];
}

export type PermitAnswer = { readonly granted: true } | { readonly granted: false; readonly refusal: "storm" | "busy" };

export interface ScopeBook {
  countOpening(opening: { scope: Scope; incident: IncidentId; service: ServiceName }): Promise<void>;
  /** AWS itself is sick: throttling, failing launches, a Health event. */
  reportSick(scope: Scope, why: string): Promise<void>;
  takePermit(wanted: { scope: Scope; runId: RunId; service: ServiceName }): Promise<PermitAnswer>;
  readonly releasePermit: (scope: Scope, runId: RunId) => Promise<void>;
  /** A person says that storms may end: each does once it was quiet long enough. Answers the scopes that still storm. */
  readonly giveWord: (by: string) => Promise<Scope[]>;
  /** From the last refresh. */
  readonly storm: (scope: Scope) => Facts["storm"];
  readonly page: (scope: Scope) => ScopePage | undefined;
  /** Reads every scope's page and ends storms whose time has come. */
  readonly refresh: () => Promise<void>;
  /** Would a refresh now find every page as it was read last, and end no storm? */
  readonly stands: (glance: Glance) => boolean;
  /** It would: the pages count as read now. */
  readonly stillStands: () => void;
}

export interface ScopeBookParts {
  readonly records: Records;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly scopes: readonly Scope[];
  servicesIn(scope: Scope): number;
  /** Strong read of the case: does this permit's run still go on, or is it about to? */
  isLive(permit: Permit): Promise<boolean>;
  readonly onStorm: (scope: Scope, storm: StormState | undefined) => void;
}

/** A permit is never older than this without its run: it is taken right before the run is committed. */
const permitIdleMs = 60_000;
/** After a storm, runs go one at a time for as long as a recovery's window. */
const carefulMs = (timing: Timing) => timing.windowMs;
/** More say nothing new, a storm begins at ten; without an end the page of a large fleet would outgrow its item. */
const openingsMax = 100;
const emptyPage: ScopePage = { openings: [], permits: [] };

export function makeScopeBook(parts: ScopeBookParts): ScopeBook {
  const { records, clock, timing } = parts;
  const kept = keptPages(parts);

  const change = async (scope: Scope, edit: (page: ScopePage, now: number) => ScopePage): Promise<ScopePage> => {
    for (let attempt = 0; attempt < casAttemptsMax; attempt += 1) {
      const key = { collection: "scope", id: scope };
      const stored = await records.get<ScopePage>(key);
      const before = stored?.body ?? emptyPage;
      const after = edit(before, clock.now());
      const rev = stored?.rev ?? 0;
      if (after === before) return (kept.keep(scope, after, rev), after);
      const done = stored ? await records.replace(key, after, stored.rev) : await records.putIfAbsent(key, after);
      if (done) return (kept.keep(scope, after, rev + 1), after);
    }
    throw new MedicError("too-much-contention", `the book of scope ${scope} could not be written`, {
      retry: "later",
      next: "It is tried again by itself.",
    });
  };

  const together = editsTogether(change);
  return {
    countOpening: ({ scope, incident, service }) =>
      together.add(scope, (page, now) =>
        withOpening(page, { incident, service, at: now }, { total: parts.servicesIn(scope), timing }),
      ),
    reportSick: async (scope, why) => {
      await change(scope, (page, now) => ({ ...page, storm: stirred(page.storm, why, now) }));
    },
    takePermit: async ({ scope, runId, service }) => {
      const dead = await deadPermits(parts, (await records.get<ScopePage>({ collection: "scope", id: scope }))?.body);
      const page = await change(scope, (before, now) =>
        withPermit(before, { runId, service, at: now }, { dead, timing }),
      );
      if (page.permits.some((p) => p.runId === runId)) return { granted: true };
      return { granted: false, refusal: isStorming(page, clock.now(), timing) ? "storm" : "busy" };
    },
    releasePermit: async (scope, runId) => {
      await change(scope, (page) =>
        page.permits.some((p) => p.runId === runId)
          ? { ...page, permits: page.permits.filter((p) => p.runId !== runId) }
          : page,
      );
    },
    giveWord: async (by) => {
      const still: Scope[] = [];
      for (const scope of parts.scopes) {
        const page = await change(scope, (before, now) =>
          before.storm ? ended({ ...before, storm: { ...before.storm, word: { by, at: now } } }, now, timing) : before,
        );
        if (page.storm) still.push(scope);
      }
      return still;
    },
    storm: kept.storm,
    page: kept.page,
    stands: kept.stands,
    stillStands: kept.stillStands,
    refresh: async () => {
      for (const scope of parts.scopes) await change(scope, (page, now) => ended(page, now, timing));
    },
  };
}

type KeptPages = Pick<ScopeBook, "storm" | "page" | "stands" | "stillStands"> & {
  readonly keep: (scope: Scope, page: ScopePage, rev: number) => void;
};

/** The pages as they were read or written last. */
function keptPages({ clock, timing, scopes, onStorm }: ScopeBookParts): KeptPages {
  const snapshots = new Map<Scope, { page: ScopePage; rev: number; readAt: number }>();

  const keep = (scope: Scope, page: ScopePage, rev: number) => {
    const before = snapshots.get(scope)?.page.storm;
    snapshots.set(scope, { page, rev, readAt: clock.now() });
    if ((before === undefined) !== (page.storm === undefined)) onStorm(scope, page.storm);
  };
  return {
    keep,
    storm: (scope) => {
      const kept = snapshots.get(scope);
      // Never read: nothing is known about the scope, which must not look like calm weather.
      if (kept === undefined) return { active: true, why: "the scope's book was not read yet", readAt: 0 };
      const { storm } = kept.page;
      return { active: storm !== undefined, readAt: kept.readAt, ...(storm ? { why: storm.why } : {}) };
    },
    page: (scope) => snapshots.get(scope)?.page,
    stands: (glance) =>
      scopes.every((scope) => {
        const kept = snapshots.get(scope);
        if (kept === undefined || kept.rev !== glance.revOf({ collection: "scope", id: scope })) return false;
        return ended(kept.page, clock.now(), timing) === kept.page;
      }),
    stillStands: () => {
      for (const kept of snapshots.values()) kept.readAt = clock.now();
    },
  };
}

type Edit = (page: ScopePage, now: number) => ScopePage;

/** What comes while a write is under way goes into the next one: in a storm every service's opening wants the same page. */
function editsTogether(change: (scope: Scope, edit: Edit) => Promise<unknown>) {
  const rows = new Map<Scope, { edits: Edit[]; done: Promise<void> }>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    add: (scope: Scope, edit: Edit): Promise<void> => {
      const open = rows.get(scope);
      if (open) {
        open.edits.push(edit);
        return open.done;
      }
      const edits = [edit];
      const written = last.then(async () => {
        rows.delete(scope);
        await change(scope, (page, now) => edits.reduce((before, next) => next(before, now), page));
      });
      rows.set(scope, { edits, done: written });
      last = written.catch(() => undefined);
      return written;
    },
  };
}

/** How many openings within the window are still no storm: the larger of 1 and 20 % of the services, never more than 10. */
export function stormThreshold(services: number): number {
  return Math.min(stormOpeningsMax, Math.max(1, Math.floor(services * stormShare)));
}

function withOpening(
  page: ScopePage,
  opening: ScopePage["openings"][number],
  { total, timing }: { total: number; timing: Timing },
): ScopePage {
  if (page.openings.some((o) => o.incident === opening.incident)) return page;
  const recent = page.openings.filter((o) => opening.at - o.at < timing.stormWindowMs);
  const openings = [...recent, opening].slice(-openingsMax);
  const services = new Set(openings.map((o) => o.service)).size;
  const threshold = stormThreshold(total);
  const storms = page.storm !== undefined || services > threshold;
  if (!storms) return { ...page, openings };
  const why = `${services} of ${total} services became bad within ${Math.round(timing.stormWindowMs / 60_000)} min`;
  return { ...page, openings, storm: stirred(page.storm, why, opening.at) };
}

function stirred(storm: StormState | undefined, why: string, now: number): StormState {
  return { since: storm?.since ?? now, why: storm?.why ?? why, lastAt: now };
}

function ended(page: ScopePage, now: number, timing: Timing): ScopePage {
  const { storm, ...rest } = page;
  if (storm?.word === undefined || now - storm.lastAt < timing.stormQuietMs) return page;
  return { ...rest, carefulUntil: now + carefulMs(timing) };
}

function isStorming(page: ScopePage, now: number, timing: Timing): boolean {
  return ended(page, now, timing).storm !== undefined;
}

function withPermit(
  page: ScopePage,
  permit: Permit,
  { dead, timing }: { dead: ReadonlySet<RunId>; timing: Timing },
): ScopePage {
  const calm = ended(page, permit.at, timing);
  if (calm.storm || calm.permits.some((p) => p.runId === permit.runId)) return calm;
  // A service has one run at a time: an older permit of its own is a leftover.
  const permits = calm.permits.filter((p) => !dead.has(p.runId) && p.service !== permit.service);
  const most = permit.at < (calm.carefulUntil ?? 0) ? 1 : autoRunsAtOnceMax;
  if (permits.length >= most) return permits.length === calm.permits.length ? calm : { ...calm, permits };
  return { ...calm, permits: [...permits, permit] };
}

/** Permits whose run is over although nobody gave them back: their worker died between the two writes. */
async function deadPermits(parts: ScopeBookParts, page: ScopePage | undefined): Promise<ReadonlySet<RunId>> {
  const dead = new Set<RunId>();
  for (const permit of page?.permits ?? []) {
    if (parts.clock.now() - permit.at < permitIdleMs) continue;
    if (!(await parts.isLive(permit))) dead.add(permit.runId);
  }
  return dead;
}
