/** Puts the parts of one worker together. Nothing here decides anything; everything comes in as an argument. */
import { setMaxListeners } from "node:events";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { Scope, ServiceName } from "../domain/words.ts";
import type { AutopilotSwitch } from "../ports/autopilot.ts";
import type { Chat } from "../ports/chat.ts";
import type { Clock } from "../ports/clock.ts";
import type { Clouds } from "../ports/cloud.ts";
import type { Glance } from "../ports/glance.ts";
import type { Handle } from "../ports/handle.ts";
import type { Log } from "../ports/log.ts";
import type { Mail } from "../ports/mail.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Prober } from "../ports/prober.ts";
import type { Store } from "../ports/store.ts";
import { announceLoop } from "./announce.ts";
import type { Autopilot } from "./autopilot.ts";
import type { Digests } from "./digest.ts";
import { dueLoop, scanLoop } from "./dueLoop.ts";
import { makeActing, type Acting } from "./engineActing.ts";
import { makeKnowing, scopesOf, type AfterCommit, type Knowing } from "./engineKnowing.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { Intake } from "./intake.ts";
import type { Inventory } from "./inventory.ts";
import { guarded, runLoop, type LoopDefinition } from "./loop.ts";
import type { Previews } from "./previews.ts";
import { probeLoop } from "./probeLoop.ts";
import { reconcileLoop } from "./reconcile.ts";
import { makeUpkeep } from "./engineUpkeep.ts";
import { formerWatchLoop } from "./quarantine.ts";
import type { Readiness } from "./readiness.ts";
import { retentionLoop } from "./retention.ts";
import { makeReadSnapshots, type ReadSnapshots } from "./snapshots.ts";
import type { ScopeBook } from "./scopeBook.ts";
import type { Sender } from "./sender.ts";
import type { Silences } from "./silences.ts";
import { keeperLoop } from "./keeper.ts";
import { sweepLoop } from "./sweep.ts";

export interface EngineParts {
  /** Unique among all workers: owner of leases. */
  readonly worker: string;
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly clouds: Clouds;
  readonly prober: Prober;
  readonly chat: Chat;
  readonly mail?: Mail;
  readonly autopilotSwitch: AutopilotSwitch;
  readonly autopilotOffByEnvironment: boolean;
  /** SNS topics that feed the bot, for readiness: do the alarms notify one of them? */
  readonly alarmTopics?: readonly string[];
  /** Absent wherever the store must be asked. */
  readonly glance?: Glance;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface Engine {
  readonly handle: Handle;
  readonly intake: Intake;
  readonly autopilot: Autopilot;
  readonly book: ScopeBook;
  readonly silences: Silences;
  readonly sender: Sender;
  readonly digests: Digests;
  readonly heartbeat: Heartbeat;
  readonly inventory: Inventory;
  readonly readiness: Readiness;
  /** What a recovery would do, read when asked. */
  readonly previews: Previews;
  /** What a service could be built anew from, read when asked. */
  readonly snapshots: ReadSnapshots;
  /** As this worker last saw it; `load` for a strong read. */
  readonly known: (service: ServiceName) => ServiceCase | undefined;
  readonly load: (service: ServiceName) => Promise<ServiceCase | undefined>;
  /** Begins all loops; resolves when the worker knows enough to take messages. */
  start(): Promise<void>;
  /** Gives leases back and ends the loops; after `deadlineMs` it comes back all the same. */
  stop(options: { readonly deadlineMs: number }): Promise<void>;
}

/** Half of what the kill switch's age allows, so that a due loop finds it fresh. */
const factsMs = 5_000;

export function makeEngine(parts: EngineParts): Engine {
  const after: AfterCommit = {};
  const knowing = makeKnowing(parts, after);
  const acting = makeActing(parts, knowing);
  const upkeep = makeUpkeep(parts, knowing, acting);
  after.sender = acting.sender;
  after.relay = acting.relay;
  after.chores = acting.chores;
  after.previews = acting.previewWishes;
  const { handler, inventory, intake, autopilot, book, silences, heartbeat } = knowing;
  const { sender, digests, runner, chores, previews, previewWishes } = acting;
  const { clock, log, metrics } = parts;
  const stopping = new AbortController();
  // Every loop sleeps on this one signal: many listeners are no leak here.
  setMaxListeners(0, stopping.signal);
  const going: Promise<void>[] = [];
  return {
    ...{ intake, autopilot, book, silences, sender, digests, heartbeat, inventory, previews },
    snapshots: makeReadSnapshots(parts),
    readiness: upkeep.readiness,
    handle: handler.handle,
    known: handler.known,
    load: handler.load,
    start: async () => {
      const loops = { clock, log, metrics };
      await guarded(loops, "inventory", () => inventory.restore());
      await guarded(loops, "facts", () => refreshFacts(knowing));
      // A silence that was not read yet would look like none.
      await guarded(loops, "silences", () => knowing.silences.loop.round());
      for (const loop of [...loopsOf(parts, knowing, acting), ...upkeep.loops])
        going.push(runLoop(loops, loop, stopping.signal));
      going.push(sender.run(stopping.signal), digests.run(stopping.signal));
    },
    stop: async ({ deadlineMs }) => {
      stopping.abort();
      const over = new AbortController();
      const ended = Promise.all([runner.stop(), chores.stop(), previewWishes.idle(), ...going]).then(() =>
        over.abort(),
      );
      await Promise.race([ended, clock.sleep(deadlineMs, over.signal)]);
    },
  };
}

async function refreshFacts({ autopilot, book }: Knowing): Promise<void> {
  await autopilot.read();
  await book.refresh();
}

/** Nothing that was read has changed: what is known is as fresh as if it had been read now. */
function factsStand({ glance }: EngineParts, { autopilot, book }: Knowing, scopes: readonly Scope[]): boolean {
  if (glance === undefined || !autopilot.stands(glance) || !book.stands(glance)) return false;
  // The outside switch, the stored one, and a page for each scope.
  if (!glance.passes(1 + scopes.length, 1)) return false;
  autopilot.stillStands();
  book.stillStands();
  return true;
}

function loopsOf(parts: EngineParts, knowing: Knowing, { sender, relay, probe, chores }: Acting): LoopDefinition[] {
  const { store, settings, clock, log, metrics, worker, clouds } = parts;
  const { handler, inventory, intake, book, heartbeat, silences, learnAlarm } = knowing;
  const loops = { clock, log, metrics };
  const scopes = scopesOf(parts);
  const due = {
    ...loops,
    cases: store.cases,
    glance: parts.glance,
    handler,
    onSeen: (current: ServiceCase) => sender.offer(current),
    onLook: (current: ServiceCase) => relay.kick(current.service, current),
  };
  const shared = { ...loops, worker, settings, leases: store.leases, handler, intake, glance: parts.glance };
  return [
    {
      name: "facts",
      periodMs: factsMs,
      round: () => refreshFacts(knowing),
      idle: () => factsStand(parts, knowing, scopes),
    },
    heartbeat.loop,
    silences.loop,
    scanLoop(due),
    dueLoop(due),
    inventory.loop,
    intake.inboxLoop,
    announceLoop({ ...loops, settings, records: store.records, book, scopes, sender, glance: parts.glance }),
    formerWatchLoop({ ...loops, handler, clouds, services: [...settings.services.keys()] }),
    chores.loop,
    keeperLoop({ ...loops, worker, leases: store.leases, handler, clouds, settings }),
    sweepLoop({ ...loops, worker, leases: store.leases, handler, clouds, settings }),
    retentionLoop({ ...loops, records: store.records, cases: store.cases, services: [...settings.services.keys()] }),
    ...scopes.map((scope) => reconcileLoop({ ...shared, clouds, inventory, book, learnAlarm }, scope)),
    ...scopes.map((scope) => probeLoop({ ...shared, probe }, scope)),
  ];
}
