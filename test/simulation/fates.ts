/** What becomes of calls and messages: drawn from the seed and written down, or as it was written down. */
import type { ChatFault } from "../../src/memory/memoryChat.ts";
import type { SeededRandom } from "../../src/memory/seededRandom.ts";
import { isFate, type Disturbance, type Fate } from "./history.ts";

export interface Fates {
  storeFails(worker: string): boolean;
  answerLost(worker: string): boolean;
  chat(): ChatFault | undefined;
  /** When each copy of the next message arrives, in ms. */
  message(): readonly number[];
  /** From now on nothing goes wrong any more. */
  calm(): void;
}

export interface FatesParts {
  readonly random: SeededRandom;
  readonly record: (fate: Fate) => void;
  /** Played again: these and no others. */
  readonly given: readonly Disturbance[] | undefined;
}

const storeFails = 0.004;
const answersLost = 0.01;
const chatFails = 0.05;
const chatFaults: readonly ChatFault[] = ["limited", "down", "lost-before", "lost-after"];
const calmMs = 50;

export function makeFates({ random, record, given }: FatesParts): Fates {
  const draws = given === undefined ? drawn(random) : asGiven(given);
  const counts = new Map<string, number>();
  let isCalm = false;
  const next = (of: string): number => {
    const nth = (counts.get(of) ?? 0) + 1;
    counts.set(of, nth);
    return nth;
  };
  const met = (fate: Fate | undefined): Fate | undefined => {
    if (fate) record(fate);
    return fate;
  };
  const ofCall = (kind: "store-fails" | "answer-lost", worker: string): boolean => {
    if (isCalm) return false;
    return met(draws.ofCall(kind, worker, next(`${kind} ${worker}`))) !== undefined;
  };
  return {
    storeFails: (worker) => ofCall("store-fails", worker),
    answerLost: (worker) => ofCall("answer-lost", worker),
    chat: () => {
      const fate = isCalm ? undefined : met(draws.chat(next("chat")));
      return fate?.kind === "chat" ? fate.fault : undefined;
    },
    message: () => {
      const fate = isCalm ? undefined : met(draws.message(next("message")));
      return fate?.kind === "message" ? fate.delays : [calmMs];
    },
    calm: () => {
      isCalm = true;
    },
  };
}

interface Draws {
  ofCall(kind: "store-fails" | "answer-lost", worker: string, nth: number): Fate | undefined;
  chat(nth: number): Fate | undefined;
  message(nth: number): Fate | undefined;
}

/** Each worker's calls have a stream of their own, so that one more call of one does not shift the others' fates. */
function drawn(random: SeededRandom): Draws {
  const streams = new Map<string, SeededRandom>();
  const stream = (name: string): SeededRandom => {
    const known = streams.get(name) ?? random.fork(name);
    streams.set(name, known);
    return known;
  };
  return {
    ofCall: (kind, worker, nth) =>
      stream(`${kind} ${worker}`).chance(kind === "store-fails" ? storeFails : answersLost)
        ? { kind, worker, nth }
        : undefined,
    chat: (nth) => {
      const chat = stream("chat");
      return chat.chance(chatFails) ? { kind: "chat", nth, fault: chat.pick(chatFaults) } : undefined;
    },
    message: (nth) => {
      const messages = stream("messages");
      const copies = messages.pick([0, 1, 1, 1, 1, 1, 2, 3]);
      const delays = Array.from({ length: copies }, () => messages.pick([20, 200, 2_000, 30_000, 120_000]));
      return { kind: "message", nth, delays };
    },
  };
}

function asGiven(given: readonly Disturbance[]): Draws {
  const key = (fate: Fate) => `${fate.kind} ${"worker" in fate ? fate.worker : ""} ${fate.nth}`;
  const known = new Map<string, Fate>();
  for (const each of given) {
    if (!isFate(each)) continue;
    const { at: _at, ...fate } = each;
    known.set(key(fate), fate);
  }
  return {
    ofCall: (kind, worker, nth) => known.get(key({ kind, worker, nth })),
    chat: (nth) => known.get(`chat  ${nth}`),
    message: (nth) => known.get(`message  ${nth}`),
  };
}
