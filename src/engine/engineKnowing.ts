/** The half of a worker that knows and decides: facts, cases, inventory, intake. It asks nobody to act. */
import type { Facts } from "../domain/facts.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Scope, ServiceName } from "../domain/words.ts";
import type { Guess } from "../signals/symptom.ts";
import { makeAutopilot, type Autopilot } from "./autopilot.ts";
import { makeTakeHook } from "./choreBook.ts";
import type { Chores } from "./chores.ts";
import type { EngineParts } from "./engine.ts";
import { makeHandle, type EventHandler } from "./handleEvent.ts";
import { makeHeartbeat, type Heartbeat } from "./heartbeat.ts";
import { makeIntake, type Intake } from "./intake.ts";
import { makeInventory, type Inventory } from "./inventory.ts";
import type { PreviewWishes } from "./previewWishes.ts";
import type { Relay } from "./relay.ts";
import { makeScopeBook, type ScopeBook } from "./scopeBook.ts";
import type { Sender } from "./sender.ts";
import { makeSilences, type Silences } from "./silences.ts";

export interface Knowing {
  readonly autopilot: Autopilot;
  readonly book: ScopeBook;
  readonly heartbeat: Heartbeat;
  readonly silences: Silences;
  readonly handler: EventHandler;
  readonly inventory: Inventory;
  readonly intake: Intake;
  readonly learnAlarm: (name: string, guess: Guess) => void;
}

/** Filled in once the acting half exists: it needs the handler first. */
export interface AfterCommit {
  sender?: Pick<Sender, "offer">;
  relay?: Pick<Relay, "kick">;
  chores?: Pick<Chores, "kick">;
  previews?: Pick<PreviewWishes, "want">;
}

export function makeKnowing(parts: EngineParts, after: AfterCommit): Knowing {
  const { store, settings, clock, log, metrics, worker, clouds } = parts;
  const { records } = store;
  const loops = { clock, log, metrics };
  const autopilot = makeAutopilot({
    ...loops,
    records,
    outside: parts.autopilotSwitch,
    offByEnvironment: parts.autopilotOffByEnvironment,
  });
  const heartbeat = makeHeartbeat({ ...loops, records, timing: settings.timing, worker });
  const silences = makeSilences({ ...loops, records, glance: parts.glance });
  const handler = makeHandle({
    ...loops,
    cases: store.cases,
    facts: (service, current) => factsOf(parts, { autopilot, book, silences, heartbeat }, service, current),
    refreshFacts: async () => {
      await autopilot.readWithin(settings.timing.killSwitchAgeMs / 2);
    },
    firstPlacement: (service) => inventory.firstPlacement(service),
    onCommitted: (current) => {
      inventory.learn(current);
      after.sender?.offer(current);
      const kick = () => {
        after.relay?.kick(current.service, current);
        after.previews?.want(current);
      };
      // People wait for the first card: its request leaves before the reads that follow it take their milliseconds of CPU.
      if (current.incident !== undefined && current.shown === undefined) void clock.sleep(1).then(kick);
      else kick();
    },
  });
  const { handle } = handler;
  const inventory: Inventory = makeInventory({
    ...{ ...loops, settings, records, clouds, handle },
    known: handler.known,
  });
  const book: ScopeBook = bookOf(parts, handler);
  const alarms = new Map<string, Guess>();
  const lookUpAlarm = (name: string) => alarms.get(name) ?? null;
  const scopes = scopesOf(parts);
  const kick = (id: string) => after.chores?.kick(id);
  const intake = makeIntake({
    ...{ ...loops, settings, records, handle, inventory, lookUpAlarm, glance: parts.glance },
    takeHook: makeTakeHook({ records, settings, clock, log, handle, kick }),
    onAwsSick: async ({ region, why }) => {
      const sick = scopes.filter((scope) => region === null || scope.endsWith(`/${region}`));
      for (const scope of sick) await book.reportSick(scope, why);
    },
  });
  const learnAlarm = (name: string, guess: Guess) => void alarms.set(name, guess);
  return { autopilot, book, heartbeat, silences, handler, inventory, intake, learnAlarm };
}

/** Every scope in which a service lives or may come to live. */
export function scopesOf({ settings }: Pick<EngineParts, "settings">): Scope[] {
  const all = [...settings.services.values()];
  return [...new Set([...all.map(({ scope }) => scope), ...all.flatMap(({ dr }) => dr?.scope ?? [])])];
}

function bookOf(parts: EngineParts, handler: EventHandler): ScopeBook {
  const { store, settings, clock, log, metrics } = parts;
  const services = [...settings.services.values()];
  return makeScopeBook({
    records: store.records,
    clock,
    timing: settings.timing,
    scopes: scopesOf(parts),
    servicesIn: (scope) => services.filter((service) => service.scope === scope).length,
    isLive: async ({ service, runId }) => isLive(await handler.load(service), runId),
    onStorm: (scope, storm) => {
      metrics.gauge("medic_storm", storm ? 1 : 0, { scope });
      if (storm) log.error("storm", { scope, why: storm.why, next: "/medic autopilot on, after a quiet while" });
      else log.info("storm-over", { scope });
    },
  });
}

function isLive(current: ServiceCase | undefined, runId: string): boolean {
  if (current === undefined) return false;
  const { phase } = current;
  if (phase.kind === "confirming") return `${current.service}/${current.runFence + 1}` === runId;
  return phase.kind === "recovering" && phase.runId === runId;
}

function factsOf(
  { settings, mail, clock }: EngineParts,
  from: Pick<Knowing, "autopilot" | "book" | "silences" | "heartbeat">,
  service: ServiceName,
  current: ServiceCase,
): Facts {
  const silence = from.silences.of(service, clock.now());
  return {
    service: settings.services.get(service),
    timing: settings.timing,
    autopilot: from.autopilot.snapshot(),
    storm: from.book.storm(current.placement.scope),
    ...(silence ? { silence } : {}),
    warmUntil: from.heartbeat.warmUntil(),
    mailConfigured: mail !== undefined,
  };
}
