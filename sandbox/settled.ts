import type { VirtualClock } from "../src/memory/virtualClock.ts";

/** Small steps: whatever the work waits for on the clock, little time passes beyond it. */
const tickMs = 250;

/** The work's result, moving time as far as it needs; undefined when it is not done within the limit. Its error is thrown. */
export async function settled<T>(clock: VirtualClock, work: Promise<T>, withinMs: number): Promise<T | undefined> {
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
  void work.then(
    (value) => (outcome = { value }),
    (error: unknown) => (outcome = { error }),
  );
  const until = clock.now() + withinMs;
  await clock.quiet();
  while (outcome === undefined && clock.now() < until) await clock.advance(tickMs);
  if (outcome === undefined) return undefined;
  if ("error" in outcome) throw outcome.error;
  return outcome.value;
}
