/**
 * Many who ask for a few alarms each share the calls: while one waits for its turn, what others ask for joins it. In a storm a
 * thousand cases read their alarms afresh in ten calls instead of a thousand.
 */
import { MedicError } from "../domain/errors.ts";

/** DescribeAlarms takes at most 100 names. */
export const namesPerCallMax = 100;

interface Wish<View> {
  readonly names: readonly string[];
  readonly resolve: (views: View[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * `slot` resolves when the next call may be made; `read` makes it. Whoever asks gets only what they named, read after they
 * asked. Rejects with what `read` threw.
 */
export function namesTogether<View extends { readonly name: string }>(
  slot: () => Promise<void>,
  read: (names: readonly string[]) => Promise<View[]>,
): (names: readonly string[]) => Promise<View[]> {
  const waiting: Wish<View>[] = [];
  let isWorking = false;

  const work = async () => {
    isWorking = true;
    while (waiting.length > 0) {
      await slot();
      await answer(takeBatch(waiting));
    }
    isWorking = false;
  };
  const answer = async (batch: readonly Wish<View>[]) => {
    try {
      const views = await read([...new Set(batch.flatMap((wish) => wish.names))]);
      for (const wish of batch) wish.resolve(views.filter((view) => wish.names.includes(view.name)));
    } catch (error) {
      const isTheirOwn = error instanceof MedicError && error.retry === "never" && batch.length > 1;
      if (!isTheirOwn) for (const wish of batch) wish.reject(error);
      // One bad name among them must not blind the others: each alone.
      else for (const wish of batch) await slot().then(() => answer([wish]));
    }
  };
  const ask = (names: readonly string[]) =>
    new Promise<View[]>((resolve, reject) => {
      waiting.push({ names, resolve, reject });
      if (!isWorking) void work();
    });
  return async (names) => {
    const asking: Promise<View[]>[] = [];
    for (let start = 0; start < names.length; start += namesPerCallMax)
      asking.push(ask(names.slice(start, start + namesPerCallMax)));
    return (await Promise.all(asking)).flat();
  };
}

function takeBatch<View>(waiting: Wish<View>[]): Wish<View>[] {
  const batch: Wish<View>[] = [];
  const names = new Set<string>();
  while (waiting[0] !== undefined) {
    const all = new Set([...names, ...waiting[0].names]);
    if (batch.length > 0 && all.size > namesPerCallMax) break;
    batch.push(waiting[0]);
    for (const name of waiting[0].names) names.add(name);
    waiting.shift();
  }
  return batch;
}
