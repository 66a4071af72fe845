/**
 * The shortest history that still breaks the same law: services, kinds of disturbances and then single ones are left out for as long
 * as the law breaks without them, and phase one ends as early as it may. The same history shrinks to the same one, always, unless
 * its time runs out.
 */
import type { Disturbance, History } from "./history.ts";
import type { Broken } from "./laws.ts";

export interface Shrunk {
  readonly history: History;
  readonly broken: Broken;
  /** Nights that were played for it. */
  readonly plays: number;
  /** Nothing more can be left out; false: the nights or the time ran out before that was known. */
  readonly isShortest: boolean;
}

export interface ShrinkParts {
  /** What breaks when this history is played. */
  readonly play: (history: History) => Promise<readonly Broken[]>;
  readonly law: string;
  readonly playsMax: number;
  /** True: the time is over. */
  readonly isOver?: () => boolean;
}

/** undefined: played again, the history does not break the law, so that there is nothing to shrink. */
export async function shrink(parts: ShrinkParts, whole: History): Promise<Shrunk | undefined> {
  const search = new Search(parts);
  if (!(await search.breaks(whole))) return undefined;
  let before: History;
  do {
    before = search.shortest;
    await withoutServices(search);
    await withoutKinds(search);
    await withoutSingles(search);
    await sooner(search);
  } while (before !== search.shortest && !search.isOver());
  const { shortest, broken, plays } = search;
  if (broken === undefined) return undefined;
  return { history: shortest, broken, plays, isShortest: !search.isOver() };
}

class Search {
  readonly parts: ShrinkParts;
  shortest: History = { seed: 0, services: [], faultsMs: 0, disturbances: [] };
  broken: Broken | undefined;
  plays = 0;

  constructor(parts: ShrinkParts) {
    this.parts = parts;
  }

  isOver(): boolean {
    return this.plays >= this.parts.playsMax || this.parts.isOver?.() === true;
  }

  /** True: the law breaks here too, and this is the shortest one now. */
  async breaks(history: History): Promise<boolean> {
    if (this.isOver()) return false;
    this.plays += 1;
    const broken = (await this.parts.play(history)).find(({ law }) => law === this.parts.law);
    if (broken === undefined) return false;
    this.broken = broken;
    this.shortest = history;
    return true;
  }

  without(gone: (each: Disturbance) => boolean): Promise<boolean> {
    const disturbances = this.shortest.disturbances.filter((each) => !gone(each));
    if (disturbances.length === this.shortest.disturbances.length) return Promise.resolve(false);
    return this.breaks({ ...this.shortest, disturbances });
  }
}

async function withoutServices(search: Search): Promise<void> {
  for (const service of search.shortest.services) {
    const services = search.shortest.services.filter((name) => name !== service);
    if (services.length > 0) await search.breaks({ ...search.shortest, services });
  }
}

async function withoutKinds(search: Search): Promise<void> {
  await search.without(() => true);
  const kinds = new Set(search.shortest.disturbances.map(({ kind }) => kind));
  for (const kind of kinds) await search.without((each) => each.kind === kind);
}

/** In halves, quarters, … and one by one at last: what is left cannot be done without. */
async function withoutSingles(search: Search): Promise<void> {
  for (
    let size = Math.ceil(search.shortest.disturbances.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let end = search.shortest.disturbances.length; end > 0; end -= size) {
      if (search.isOver()) return;
      const gone = new Set(search.shortest.disturbances.slice(Math.max(0, end - size), end));
      await search.without((each) => gone.has(each));
    }
  }
}

/** Phase one ends with the last disturbance, or as soon after it as the law still breaks. */
async function sooner(search: Search): Promise<void> {
  const least = Math.max(0, ...search.shortest.disturbances.map(({ at }) => at));
  for (const share of [0, 0.25, 0.5, 0.75]) {
    const faultsMs = Math.round(least + (search.shortest.faultsMs - least) * share);
    if (faultsMs < search.shortest.faultsMs && (await search.breaks({ ...search.shortest, faultsMs }))) return;
  }
}
