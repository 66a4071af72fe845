/**
 * The kill switch: an outside parameter or file, the worker's environment, and the store. "off" in any of them wins; what cannot
 * be read is unknown, and unknown counts as off for everything automatic.
 */
import { codeOf, MedicError, sentenceOf } from "../domain/errors.ts";
import type { Facts } from "../domain/facts.ts";
import { casAttemptsMax } from "../domain/limits.ts";
import type { AutopilotSwitch } from "../ports/autopilot.ts";
import { isWithin } from "../ports/clock.ts";
import type { Clock } from "../ports/clock.ts";
import type { Glance } from "../ports/glance.ts";
import type { Log } from "../ports/log.ts";
import type { Records } from "../ports/store.ts";

export type AutopilotState = Facts["autopilot"];

export interface Autopilot {
  /** The last reading; "unknown" until the first one. */
  snapshot(): AutopilotState;
  /** Reads all three sources now. Never throws. */
  read(): Promise<AutopilotState>;
  /** Reads only when the snapshot is older than `ageMs`. */
  readWithin(ageMs: number): Promise<AutopilotState>;
  /** Would a reading now say what the last one said? */
  stands(glance: Glance): boolean;
  /** It would: the last reading counts as made now. */
  stillStands(): void;
  /** The store's part of the switch, by a person's word. Throws when it could not be stored. */
  set(state: "on" | "off", by: string): Promise<AutopilotState>;
}

interface StoredSwitch {
  readonly state: "on" | "off";
  readonly by: string;
  readonly at: number;
}

/** What the last complete reading was made of. */
interface Seen {
  readonly outside: "on" | "off" | "unknown";
  readonly rev: number;
}

const key = { collection: "switch", id: "autopilot" } as const;

export interface AutopilotParts {
  readonly records: Records;
  readonly outside: AutopilotSwitch;
  /** The worker's environment says off. */
  readonly offByEnvironment: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

export function makeAutopilot(parts: AutopilotParts): Autopilot {
  const { records, outside, clock, log } = parts;
  let last: AutopilotState = { state: "unknown", readAt: 0 };
  let seen: Seen | undefined;
  /** How often it was set by this worker. */
  let settings = 0;
  let reading: Promise<AutopilotState> | undefined;

  const readNow = async (): Promise<AutopilotState> => {
    // The time before the reads: what they say is at least that fresh.
    const readAt = clock.now();
    seen = undefined;
    if (parts.offByEnvironment) return { state: "off", readAt, by: "the worker's environment" };
    const [fromOutside, stored] = await Promise.all([
      attempt(() => outside.read()),
      attempt(() => records.get<StoredSwitch>(key)),
    ]);
    if (fromOutside.ok && stored.ok) seen = { outside: fromOutside.value, rev: stored.value?.rev ?? 0 };
    if (fromOutside.ok && fromOutside.value === "off") return { state: "off", readAt, by: "the kill switch" };
    if (stored.ok && stored.value?.body.state === "off") return { state: "off", readAt, by: stored.value.body.by };
    const known = fromOutside.ok && fromOutside.value === "on" && stored.ok;
    return { state: known ? "on" : "unknown", readAt };
  };

  const attempt = async <T>(work: () => Promise<T>): Promise<{ ok: true; value: T } | { ok: false }> => {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      log.warn("autopilot-unreadable", { code: codeOf(error), detail: sentenceOf(error) });
      return { ok: false };
    }
  };

  const read = (): Promise<AutopilotState> => {
    if (reading) return reading;
    const before = settings;
    reading = readNow().then((state) => {
      reading = undefined;
      // What was set meanwhile was read later. Told by order and not by time: after the clock was put back every reading would be older.
      if (before === settings) last = state;
      return last;
    });
    return reading;
  };

  const set = async (state: "on" | "off", by: string): Promise<AutopilotState> => {
    const body: StoredSwitch = { state, by, at: clock.now() };
    for (let attempts = 0; attempts < casAttemptsMax; attempts += 1) {
      const stored = await records.get<StoredSwitch>(key);
      const done = stored ? await records.replace(key, body, stored.rev) : await records.putIfAbsent(key, body);
      if (done)
        return readNow().then((now) => {
          settings += 1;
          return (last = now);
        });
    }
    throw new MedicError("too-much-contention", "the autopilot switch could not be stored", {
      retry: "later",
      next: "Say it again.",
    });
  };

  return {
    snapshot: () => last,
    stands: (glance) => seen !== undefined && seen.rev === glance.revOf(key) && seen.outside === glance.outsideSwitch(),
    stillStands: () => {
      last = { ...last, readAt: clock.now() };
    },
    read,
    readWithin: async (ageMs) => (isWithin(clock, last.readAt, ageMs) ? last : read()),
    set,
  };
}
