/** Services that are silenced until an instant: nothing automatic runs for them. Stored once, known to every worker. */
import type { Facts } from "../domain/facts.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Glance } from "../ports/glance.ts";
import type { Records } from "../ports/store.ts";
import type { LoopDefinition, LoopParts } from "./loop.ts";

type Silence = NonNullable<Facts["silence"]>;

export interface Silences {
  of(service: ServiceName, now: number): Silence | undefined;
  set(service: ServiceName, silence: Silence): Promise<void>;
  lift(service: ServiceName): Promise<void>;
  readonly loop: LoopDefinition;
}

const collection = "silence";
const listMax = 1_000;
const silencesMs = 15_000;

export function makeSilences(
  parts: LoopParts & { readonly records: Records; readonly glance: Glance | undefined },
): Silences {
  const { records } = parts;
  let known = new Map<string, Silence>();
  const refresh = async (): Promise<void> => {
    const all = await records.list<Silence>(collection, { limit: listMax });
    known = new Map(all.map((stored) => [stored.id, stored.body]));
  };
  return {
    of: (service, now) => {
      const silence = known.get(service);
      return silence && now < silence.until ? silence : undefined;
    },
    set: async (service, silence) => {
      const key = { collection, id: service };
      const stored = await records.get<Silence>(key);
      if (stored) await records.replace(key, silence, stored.rev);
      else await records.putIfAbsent(key, silence);
      await refresh();
    },
    lift: async (service) => {
      await records.remove({ collection, id: service });
      await refresh();
    },
    loop: {
      name: "silences",
      periodMs: silencesMs,
      round: refresh,
      idle: () => known.size === 0 && parts.glance?.isEmpty(collection) === true && parts.glance.passes(1),
    },
  };
}
