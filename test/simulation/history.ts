/**
 * What happened to a night, as explicit decisions: a seed draws them, and they are kept one by one, so that a night can be played
 * again without some of them. What is not listed here (who plays, how long a reboot takes) follows from the seed.
 */
import type { CaseEvent } from "../../src/domain/event.ts";
import type { AccountFault, MachineFault } from "../../src/memory/accountFaults.ts";
import type { ChatFault } from "../../src/memory/memoryChat.ts";
import type { Broken } from "./laws.ts";

/** Done to the world, to a worker or to a card, at its time. */
export type Deed =
  | { readonly kind: "break"; readonly machine: string; readonly fault: MachineFault }
  | { readonly kind: "orphan-alarm" }
  | { readonly kind: "account"; readonly region: string; readonly fault: AccountFault; readonly in?: string }
  | { readonly kind: "mend"; readonly region: string; readonly fault: AccountFault }
  | { readonly kind: "throttle"; readonly calls: number }
  | { readonly kind: "start"; readonly machine: string }
  | { readonly kind: "load"; readonly group: string; readonly percent: number }
  | { readonly kind: "page"; readonly service: string }
  | { readonly kind: "kill"; readonly worker: string; readonly calls: number; readonly afterIt: boolean }
  | { readonly kind: "stall"; readonly worker: string; readonly ms: number }
  | { readonly kind: "hire" }
  | { readonly kind: "press"; readonly service: string; readonly event: CaseEvent; readonly workers: readonly string[] }
  | { readonly kind: "switch"; readonly worker: string; readonly state: "on" | "off" };

/** Met by the call or message with this number, counted from the beginning of the night. */
export type Fate =
  | { readonly kind: "store-fails"; readonly worker: string; readonly nth: number }
  | { readonly kind: "answer-lost"; readonly worker: string; readonly nth: number }
  | { readonly kind: "chat"; readonly nth: number; readonly fault: ChatFault }
  /** One delay in ms for each copy that arrives; none: the message is lost. */
  | { readonly kind: "message"; readonly nth: number; readonly delays: readonly number[] };

/** `at`: ms after the beginning of the night. */
export type Disturbance = (Deed | Fate) & { readonly at: number };

export interface History {
  readonly seed: number;
  /** Who plays, of those that the seed has drawn. */
  readonly services: readonly string[];
  /** How long things go wrong, in ms. */
  readonly faultsMs: number;
  readonly disturbances: readonly Disturbance[];
}

const fates: ReadonlySet<string> = new Set<Fate["kind"]>(["store-fails", "answer-lost", "chat", "message"]);

export function isFate(each: Disturbance): each is Fate & { readonly at: number } {
  return fates.has(each.kind);
}

/** One line for the night, then one for each disturbance, for a person to read and for `readHistory`. */
export function writeHistory({ disturbances, ...night }: History, broken: Broken | undefined): string {
  const head = broken ? [`# ${broken.law}: ${broken.said}`] : [];
  return [...head, JSON.stringify(night), ...disturbances.map((each) => JSON.stringify(each)), ""].join("\n");
}

/** Throws what was wrong with which line. */
export function readHistory(text: string): History {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const [night, ...disturbances] = lines.map((line) => {
    try {
      return JSON.parse(line) as unknown;
    } catch (error) {
      throw new Error(`no line of a history: ${line.slice(0, 80)} (${String(error)})`);
    }
  });
  const { seed, services, faultsMs } = (night ?? {}) as Partial<History>;
  if (seed === undefined || services === undefined || faultsMs === undefined)
    throw new Error("a history begins with its seed, services and faultsMs in one line of JSON");
  return { seed, services, faultsMs, disturbances: disturbances as Disturbance[] };
}
