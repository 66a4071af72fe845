/** What `/medic` verbs may use, from a running engine. */
import type { CommandContext } from "../commands/context.ts";
import { anyApprovers } from "./domain/approvers.ts";
import { cardOf } from "./domain/card.ts";
import type { Asker } from "./domain/event.ts";
import type { Person } from "./domain/serviceCase.ts";
import type { Settings } from "./domain/settings.ts";
import type { Scope, ServiceName } from "./domain/words.ts";
import type { CardSources } from "./engine/cardSources.ts";
import type { Engine } from "./engine/engine.ts";
import { recentEntries } from "./engine/timeline.ts";
import { unmatchedList } from "./engine/unmatched.ts";
import type { Chat } from "./ports/chat.ts";
import type { Clock } from "./ports/clock.ts";
import type { Store } from "./ports/store.ts";

export interface CommandParts {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly store: Pick<Store, "cases" | "records">;
  readonly sources: CardSources;
  readonly clock: Clock;
  readonly chat: Pick<Chat, "mayApprove">;
}

export function commandContext(parts: CommandParts) {
  const { engine, settings, store, clock } = parts;
  const scopes = [...new Set([...settings.services.values()].map((service) => service.scope))];
  return ({ person, channel }: { readonly person: Person; readonly channel: string }): CommandContext => ({
    person,
    channel,
    now: clock.now(),
    settings,
    cases: store.cases,
    handle: engine.handle,
    asker: (service) => askerOf(parts, person, service),
    card: async (current) => {
      const [run, dossier] = await Promise.all([parts.sources.run(current), parts.sources.dossier(current)]);
      const service = settings.services.get(current.service);
      return cardOf({ current, service, now: clock.now(), ...(run ? { run } : {}), ...(dossier ? { dossier } : {}) });
    },
    entries: async (service, limit) =>
      (await recentEntries(store.records, service, limit)).map((stored) => stored.body),
    unmatched: (limit) => unmatchedList(store.records, limit),
    autopilot: { read: () => engine.autopilot.read(), set: (state, by) => engine.autopilot.set(state, by) },
    storms: {
      active: () => scopes.flatMap((scope) => activeStorm(engine, scope)),
      giveWord: (by) => engine.book.giveWord(by),
    },
    digest: (where) => engine.digests.build(where),
    choices: (service) => engine.previews.choices(service),
    preview: (service, recovery, chosen) => engine.previews.preview(service, recovery, chosen),
    readiness: {
      read: (service) => engine.readiness.read(service),
      refresh: (service) => engine.readiness.refresh(service),
    },
    snapshots: (service) => engine.snapshots(service),
  });
}

async function askerOf({ chat, settings }: CommandParts, person: Person, service?: ServiceName): Promise<Asker> {
  const approvers = (service && settings.services.get(service)?.approvers) ?? anyApprovers(settings);
  const { allowed, detail } = await chat.mayApprove(person.id, approvers);
  return { ...person, allowed, ...(allowed ? {} : { refusal: detail }) };
}

function activeStorm(engine: Engine, scope: Scope): { scope: Scope; why: string }[] {
  const storm = engine.book.storm(scope);
  return storm.active ? [{ scope, why: storm.why ?? "many services went bad at once" }] : [];
}
