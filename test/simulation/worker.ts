/**
 * One worker: the production engine on memory adapters. Every call of every port passes a gate that can kill it before or after
 * the call: a dead worker is one whose promises never come back.
 */
import { StoreUnavailable, StoreUncertain } from "../../src/ports/store.ts";
import type { Settings } from "../../src/domain/settings.ts";
import { makeEngine, type Engine } from "../../src/engine/engine.ts";
import type { Account } from "../../src/memory/account.ts";
import { withHooks, type CallHooks } from "../../src/memory/callHooks.ts";
import type { Cloud, Clouds, OnBehalf } from "../../src/ports/cloud.ts";
import type { Scope } from "../../src/domain/words.ts";
import type { MemoryAutopilot } from "../../src/memory/memoryAutopilot.ts";
import { memoryGlance } from "../../src/memory/memoryGlance.ts";
import { memoryClouds } from "../../src/memory/memoryClouds.ts";
import { memoryMail } from "../../src/memory/memoryMail.ts";
import { memoryProber } from "../../src/memory/memoryProber.ts";
import { memoryStore, type StoreOperation } from "../../src/memory/memoryStore.ts";
import type { MemoryTable } from "../../src/memory/memoryTable.ts";
import type { Chat } from "../../src/ports/chat.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Log } from "../../src/ports/log.ts";
import { silentMetrics } from "../../src/ports/metrics.ts";
import type { Act } from "./actLaws.ts";
import type { Fates } from "./fates.ts";

export interface WorkerParts {
  readonly name: string;
  readonly clock: Clock;
  /** The first is home. */
  readonly accounts: readonly Account[];
  readonly table: MemoryTable;
  readonly chat: Chat;
  readonly autopilot: MemoryAutopilot;
  readonly settings: Settings;
  readonly fates: Fates;
  readonly hasMail: boolean;
  readonly tell: (line: string) => void;
  /** Before each mutating call to AWS, and after it: what must hold then. */
  readonly onAct: (act: Act) => void;
  readonly onLanded: (act: Act) => void;
  /** After each write of a case. */
  readonly onCaseWrite: (service: string) => void;
}

export interface Worker {
  readonly name: string;
  readonly engine: Engine;
  isDead(): boolean;
  /** At its call number `calls` from now on, before or after it. */
  killAfter(calls: number, afterIt: boolean): void;
  kill(): void;
  /** Its calls to the store hang for so long, and then go on: a paused process, whose leases others have taken meanwhile. */
  stall(ms: number): void;
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

export function startWorker(parts: WorkerParts): Worker {
  const { name, fates, tell } = parts;
  let dead = false;
  let callsLeft = Infinity;
  let killAfterIt = false;
  let stalledUntil = 0;
  const die = (where: string) => {
    if (!dead) tell(`${name} dies ${where}`);
    dead = true;
  };
  // Nothing to wait for, nothing is answered: tens of thousands of calls a night pass here.
  const before = (where: string): Promise<void> | undefined => {
    if (dead) return never();
    callsLeft -= 1;
    if (callsLeft > 0 || killAfterIt) return undefined;
    die(`before ${where}`);
    return never();
  };
  const after = (where: string): Promise<void> | undefined => {
    if (callsLeft <= 0) die(`after ${where}`);
    return dead ? never() : undefined;
  };

  // What a look that was not made has drawn already: the one that is made instead meets it.
  const drawn: boolean[] = [];
  const fails = (): boolean => drawn.shift() ?? fates.storeFails(name);
  const passes = (reads: number, others = 0): boolean => {
    const isStalled = stalledUntil > parts.clock.now();
    if (dead || isStalled || callsLeft - reads - others <= 0 || drawn.length > 0) return false;
    for (let read = 0; read < reads; read += 1) drawn.push(fates.storeFails(name));
    if (drawn.includes(true)) return false;
    drawn.length = 0;
    callsLeft -= reads + others;
    return true;
  };

  const hooks: CallHooks = {
    before: (call) => before(`${call.port}.${call.name}`),
    after: (call) => after(`${call.port}.${call.name}`),
  };
  // After a write: it is there, and its writer learns it when its lease may be somebody else's.
  const stalled = (then: (where: string) => Promise<void> | undefined): Gate => {
    return (where) => {
      const leftMs = stalledUntil - parts.clock.now();
      return leftMs > 0 ? parts.clock.sleep(leftMs).then(() => then(where)) : then(where);
    };
  };
  const store = memoryStore({
    sharesReadings: true,
    table: parts.table,
    faults: storeFaults(parts, { before: stalled(before), after: stalled(after), fails }),
  });
  const engine = makeEngine({
    worker: name,
    settings: parts.settings,
    store,
    clock: workerClock(parts.clock, () => dead),
    clouds: judgedClouds(parts, hooks),
    prober: withHooks({ name: "prober", of: memoryProber(parts.accounts, parts.clock), mutating: [] }, hooks),
    chat: withHooks({ name: "chat", of: parts.chat, mutating: [] }, hooks),
    ...(parts.hasMail ? { mail: memoryMail(parts.clock, hooks) } : {}),
    autopilotSwitch: withHooks({ name: "switch", of: parts.autopilot, mutating: [] }, hooks),
    autopilotOffByEnvironment: false,
    glance: memoryGlance(parts.table, { passes, outsideSwitch: parts.autopilot.now }),
    log: workerLog(name, () => dead, tell),
    metrics: silentMetrics,
  });
  void engine.start();
  return {
    name,
    engine,
    isDead: () => dead,
    killAfter: (calls, afterIt) => {
      callsLeft = calls;
      killAfterIt = afterIt;
    },
    kill: () => die("at once"),
    stall: (ms) => {
      tell(`${name} stalls for ${ms / 1000} s`);
      stalledUntil = parts.clock.now() + ms;
    },
  };
}

/** The clouds of one worker: whoever asks says in whose name, and every act is judged. */
function judgedClouds({ name, accounts, onAct, onLanded }: WorkerParts, hooks: CallHooks): Clouds {
  const made = new Map<string, Cloud>();
  const make = (scope: Scope, onBehalf: OnBehalf | undefined): Cloud =>
    memoryClouds(accounts, {
      hooks: {
        before: (call) => {
          const act = () => void (call.mutating && onAct({ worker: name, call, scope, onBehalf }));
          const waits = hooks.before?.(call);
          if (waits) return waits.then(act);
          act();
          return undefined;
        },
        after: (call) => {
          if (call.mutating) onLanded({ worker: name, call, scope, onBehalf });
          return hooks.after?.(call);
        },
      },
    })(scope);
  return (scope, onBehalf) => {
    const key = `${scope} ${onBehalf?.runId ?? ""} ${onBehalf?.who ?? ""} ${onBehalf?.actions.join() ?? ""}`;
    const known = made.get(key) ?? make(scope, onBehalf);
    made.set(key, known);
    return known;
  };
}

function workerClock(clock: Clock, isDead: () => boolean): Clock {
  return {
    now: () => clock.now(),
    sleep: async (ms, signal, again) => {
      if (isDead()) return never();
      await clock.sleep(ms, signal, again && (() => !isDead() && again()));
      if (isDead()) return never();
    },
  };
}

const writes: ReadonlySet<StoreOperation> = new Set<StoreOperation>([
  "cases.write",
  "records.putIfAbsent",
  "records.replace",
]);

type Gate = (where: string) => Promise<void> | undefined;

interface Gates {
  readonly before: Gate;
  readonly after: Gate;
  readonly fails: () => boolean;
}

function storeFaults(parts: WorkerParts, { before, after, fails }: Gates) {
  const { name, fates } = parts;
  return {
    beforeCall: (operation: StoreOperation) => {
      const fail = () => {
        if (fails()) throw new StoreUnavailable(operation);
      };
      const waits = before(`store ${operation}`);
      return waits ? waits.then(fail) : fail();
    },
    afterCall: (operation: StoreOperation, key: string) => {
      if (operation === "cases.write") parts.onCaseWrite(key);
      const lose = () => {
        if (writes.has(operation) && fates.answerLost(name)) throw new StoreUncertain(operation);
      };
      const waits = after(`store ${operation}`);
      return waits ? waits.then(lose) : lose();
    },
  };
}

/** What a person would read in the log of this worker: the sentences, and what went wrong. */
function workerLog(name: string, isDead: () => boolean, tell: (line: string) => void): Log {
  const line = (code: string, fields: Readonly<Record<string, unknown>> = {}) => {
    if (isDead()) return;
    const text = ["service", "said", "detail", "step", "why", "loop", "kind"].flatMap((key) => {
      const value = fields[key];
      return typeof value === "string" ? [value] : [];
    });
    tell(`${name} ${code}: ${text.join(" · ")}`);
  };
  return { info: line, warn: line, error: line };
}
