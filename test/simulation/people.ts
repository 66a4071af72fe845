/** What people press, and how somebody attends once nothing goes wrong any more. */
import type { Asker, CaseEvent } from "../../src/domain/event.ts";
import type { Proposal, ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Settings } from "../../src/domain/settings.ts";
import { recoveries, type OrderOption, type Recovery, type ServiceName } from "../../src/domain/words.ts";
import { runsOnPattern } from "../../src/domain/rungDefaults.ts";
import type { MemoryChat } from "../../src/memory/memoryChat.ts";
import type { SeededRandom } from "../../src/memory/seededRandom.ts";
import type { VirtualClock } from "../../src/memory/virtualClock.ts";
import type { Deed } from "./history.ts";
import type { Laws } from "./laws.ts";
import type { Worker } from "./worker.ts";

export interface Attending {
  readonly alive: () => Worker[];
  readonly settings: Settings;
  readonly clock: VirtualClock;
  readonly tell: (line: string) => void;
  readonly laws: Laws;
}

export interface Pressing extends Pick<Attending, "alive" | "settings"> {
  readonly random: SeededRandom;
  readonly chat: MemoryChat;
  readonly act: (deed: Deed) => void;
}

const minute = 60_000;
const people: readonly Asker[] = [
  { id: "U1", name: "Ana", allowed: true },
  { id: "U2", name: "Ben", allowed: true },
  { id: "U9", name: "Stranger", allowed: false, refusal: "not an approver" },
];

/** Ordered by one and in need of two others, a recovery waits for a third: whoever attends can call one. */
const attendants: readonly Asker[] = [
  ...people.filter(({ allowed }) => allowed),
  { id: "U3", name: "Cem", allowed: true },
];

/** What somebody looked at a while ago is pressed as readily as what stands now. */
export function press(parts: Pressing): void {
  const { random, chat, alive, act } = parts;
  const cards = chat.messages().filter((message) => message.card.service !== undefined);
  const workers = alive();
  if (cards.length === 0 || workers.length === 0) return;
  const { card } = random.pick(cards);
  const service = card.service as ServiceName;
  const stale = random.chance(0.15) ? random.int(1, 3) : 0;
  const by = random.pick(people);
  const proposal = Math.max(1, (card.proposal ?? 1) - stale);
  const event = random.pick<CaseEvent>([
    { kind: "approve", by, proposal },
    { kind: "approve", by, proposal },
    { kind: "approve", by, proposal },
    { kind: "hold", by },
    { kind: "hold", by, forMs: 3 * minute, why: "looking" },
    { kind: "resume", by },
    { kind: "ack", by },
    { kind: "stop", by },
    { kind: "no", by, proposal },
    orderOf(parts, service, by),
  ]);
  const taps = random.chance(0.25) ? 2 : 1;
  const on = Array.from({ length: taps }, () => random.pick(workers).name);
  act({ kind: "press", service, event, workers: on });
  if (random.chance(0.08))
    act({ kind: "switch", worker: random.pick(workers).name, state: random.pick(["on", "off"]) });
}

/** Anything that the pattern knows, and now and then what it does not; with consents, and with numbers that are wrong as well. */
function orderOf({ random, settings }: Pressing, service: ServiceName, by: Asker): CaseEvent {
  const pattern = settings.services.get(service)?.pattern ?? "instance";
  const known = recoveries.filter((recovery) => runsOnPattern(recovery, pattern));
  const recovery: Recovery = random.chance(0.95) ? random.pick(known) : random.pick(recoveries);
  const options = random.pick<readonly OrderOption[]>([
    [],
    [],
    ["force"],
    ["older-snapshot"],
    ["force", "older-snapshot"],
  ]);
  return {
    ...{ kind: "order", by, recovery, why: "it looks slow" },
    ...(options.length > 0 ? { options } : {}),
    ...(recovery === "raise-max" && random.chance(0.7) ? { amount: random.int(1, 6) } : {}),
  };
}

export type Tapping = Pick<Attending, "tell" | "laws">;

export async function tap(
  { tell, laws }: Tapping,
  worker: Worker,
  service: ServiceName,
  event: CaseEvent,
): Promise<void> {
  const who = "by" in event ? event.by.name : "?";
  const what =
    event.kind === "order" ? `order ${event.recovery} ${(event.options ?? []).join(" ")}`.trim() : event.kind;
  tell(`${who} presses ${what} on ${service}${event.kind === "approve" ? ` #${event.proposal}` : ""}`);
  try {
    const answer = await worker.engine.handle(service, event);
    const said = answer.kind === "ignored" ? answer.reason : answer.answer;
    tell(`${who} reads: ${said?.code ?? "nothing"}`);
    if (said === undefined)
      laws.need("press-is-answered", false, `${who} pressed ${what} on ${service} and got no answer`);
  } catch (error) {
    tell(`${who} reads: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function switchAutopilot({ tell, laws }: Tapping, worker: Worker, state: "on" | "off"): void {
  tell(`Ana says autopilot ${state}`);
  // While the word is under way it may count already or not yet: only what was surely off is held against the bot.
  if (state === "on") laws.onSwitch("on");
  void worker.engine.autopilot
    .set(state, "Ana")
    .then(() => {
      if (state === "off") laws.onSwitch("off");
    })
    .catch(() => undefined);
  if (state === "on") void worker.engine.book.giveWord("Ana").catch(() => undefined);
}

/** Somebody looks after one service: ends a hold, approves what is offered on the card. */
export function attend(parts: Tapping, worker: Worker, current: ServiceCase): void {
  const ana = attendants[0];
  if (current.phase.kind !== "proposing" || ana === undefined) return;
  const { service } = current;
  if (current.hold) void tap(parts, worker, service, { kind: "resume", by: ana });
  const { proposal } = current.phase;
  if (proposal.mode === "auto" && current.blocked === undefined) return;
  const asked = [...proposal.approvals.map((approval) => approval.by.id), proposal.orderedBy?.id];
  const by = attendants.find((person) => !asked.includes(person.id)) ?? ana;
  void tap(parts, worker, service, answerTo(proposal, by));
}

/** A symptom without a ladder offers nothing and is closed; a rung that only observes is ordered; the rest is approved. */
function answerTo(proposal: Proposal, by: Asker): CaseEvent {
  const ordered = proposal.orderedBy !== undefined;
  if (proposal.rung < 0 && !ordered) return { kind: "close", by, why: "seen" };
  if (proposal.mode === "observe" && !ordered)
    return { kind: "order", by, recovery: proposal.recovery, why: "still bad" };
  return { kind: "approve", by, proposal: proposal.number };
}
