/**
 * One simulated night from one seed. Phase one: machines break, messages are lost, doubled, late and out of order, workers die,
 * answers of the store, of AWS and of Slack get lost, people press what they see and what they saw a while ago. Phase two: nothing
 * goes wrong any more, somebody attends; everything must come to rest. The laws are checked after every transition.
 */
import type { Asker, CaseEvent } from "../../src/domain/event.ts";
import type { Proposal, ServiceCase } from "../../src/domain/serviceCase.ts";
import type { ServiceName } from "../../src/domain/words.ts";
import { accountFaults, type MachineFault } from "../../src/memory/accountFaults.ts";
import { memoryAutopilot } from "../../src/memory/memoryAutopilot.ts";
import { memoryChat, type ChatFault } from "../../src/memory/memoryChat.ts";
import { memoryTable } from "../../src/memory/memoryTable.ts";
import { createSeededRandom, type SeededRandom } from "../../src/memory/seededRandom.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { changeKey } from "../../src/signals/changeKey.ts";
import type { Parsed } from "../../src/signals/parsed.ts";
import { parseBody } from "../../src/signals/parseMessage.ts";
import { makeLaws } from "./laws.ts";
import { machineOf, simulatedAccount, simulatedSettings, topic } from "./settings.ts";
import { startWorker, type Weather, type Worker } from "./worker.ts";

export interface Night {
  readonly seed: number;
  readonly broken: readonly string[];
  readonly story: readonly string[];
  readonly ended: Readonly<Record<string, string>>;
  readonly runs: number;
  readonly virtualMs: number;
}

const minute = 60_000;
const startAt = Date.UTC(2026, 10, 21, 1, 0, 0);
const faultsMs = 21 * minute;
/** Two rungs with their vetoes, runs, verifications and lagging alarms, after a storm's quiet time. */
const restMs = 240 * minute;
/** Late messages and presses under way may wake it once more. */
const restedRoundsMin = 3;
const machineFaults: readonly MachineFault[] = [
  "kernel-hangs",
  "kernel-hangs-for-good",
  "host-fails",
  "process-dies",
  "disk-full",
  "stuck-stopping",
  "stuck-stopping-for-ever",
  "stopped-by-a-person",
];

export async function playNight(seed: number): Promise<Night> {
  const random = createSeededRandom(seed);
  const clock = createVirtualClock({ startAt });
  const story: string[] = [];
  const tell = (line: string) => void story.push(`${new Date(clock.now()).toISOString().slice(11, 23)} ${line}`);
  const settings = simulatedSettings(random.fork("settings"));
  const account = simulatedAccount(clock, random.fork("account"));
  const table = memoryTable();
  const weather: Weather & { chat: number } = { storeFails: 0.004, answersLost: 0.01, chat: 0.05 };
  const chatRandom = random.fork("chat");
  const chatFaults: readonly ChatFault[] = ["limited", "down", "lost-before", "lost-after"];
  const chat = memoryChat({
    now: () => clock.now(),
    fault: () => (chatRandom.chance(weather.chat) ? chatRandom.pick(chatFaults) : undefined),
    delay: async () => {
      await clock.sleep(40 + chatRandom.int(0, 200));
    },
  });
  const autopilot = memoryAutopilot("on");
  const laws = makeLaws({ account, table, settings, now: () => clock.now() });
  account.onLine((line) => tell(`${line.who}: ${line.text}`));

  const hasMail = random.chance(0.5);
  const workers: Worker[] = [];
  let started = 0;
  const hire = () => {
    started += 1;
    const name = `worker-${started}`;
    tell(`${name} starts`);
    workers.push(
      startWorker({
        ...{ name, clock, account, table, chat, autopilot, settings, weather, hasMail, tell },
        random: random.fork(name),
        onMutation: laws.onMutation,
        onCaseWrite: laws.onCaseWrite,
      }),
    );
  };
  const alive = () => workers.filter((worker) => !worker.isDead());
  hire();
  hire();

  const world = new AbortController();
  void account.run(world.signal);
  const accepted: { readonly key: string; readonly matched: boolean }[] = [];
  deliverMessages({ random: random.fork("messages"), clock, account, alive, accepted, isCalm: () => calm, tell });
  let calm = false;

  const chaos = random.fork("chaos");
  const people = random.fork("people");
  await clock.advance(30_000);
  const endOfFaults = startAt + faultsMs;
  while (clock.now() < endOfFaults) {
    await clock.advance(chaos.int(5_000, 40_000));
    breakSomething(chaos, account, tell);
    for (const worker of alive()) {
      if (chaos.chance(0.06)) worker.killAfter(chaos.int(1, 60));
      else if (chaos.chance(0.06)) worker.stall(chaos.int(5, 90) * 1_000);
    }
    if (alive().length < 2 && chaos.chance(0.6)) hire();
    if (people.chance(0.5)) await press({ random: people, chat, alive, settings, clock, tell, laws });
  }

  calm = true;
  weather.storeFails = 0;
  weather.answersLost = 0;
  weather.chat = 0;
  for (const fault of accountFaults) account.mendAccount(fault);
  tell("--- nothing goes wrong any more ---");
  while (alive().length < 2) hire();
  const rested = await comeToRest({ clock, alive, hire, settings, table, chat, laws, tell });
  // The last cards and records follow within moments.
  await clock.advance(minute);
  laws.atTheEnd(chat.messages());
  if (!rested) laws.broken.push("not everything came to rest within the bound");
  for (const { key, matched } of accepted) {
    const kept = matched ? laws.seenKeys.has(key) : isListed(table, key);
    if (!kept) laws.broken.push(`an accepted message (${key}) is in no timeline, inbox or list`);
  }
  world.abort();
  for (const worker of workers) worker.kill();
  const cases = [...settings.services.keys()].map((service) => [service, caseIn(table, service)] as const);
  return {
    seed,
    broken: laws.broken,
    story,
    ended: Object.fromEntries(cases.map(([service, current]) => [service, current?.phase.kind ?? "no case"])),
    runs: cases.reduce((sum, [, current]) => sum + (current?.runFence ?? 0), 0),
    virtualMs: clock.now() - startAt,
  };
}

function caseIn(table: ReturnType<typeof memoryTable>, service: string): ServiceCase | undefined {
  const stored = table.cases.get(service);
  return stored && (JSON.parse(stored.body) as ServiceCase);
}

function isListed(table: ReturnType<typeof memoryTable>, key: string): boolean {
  if (table.records.get("inbox")?.has(key)) return true;
  const listed = [...(table.records.get("unmatched")?.values() ?? [])];
  return listed.some(({ body }) => body.includes(key));
}

interface Delivering {
  readonly random: SeededRandom;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly account: ReturnType<typeof simulatedAccount>;
  readonly alive: () => Worker[];
  readonly accepted: { readonly key: string; readonly matched: boolean }[];
  readonly isCalm: () => boolean;
  readonly tell: (line: string) => void;
}

/** SNS to the door of some worker: at least once, late, doubled, out of order, sometimes never. What is refused comes again. */
function deliverMessages({ random, clock, account, alive, accepted, isCalm, tell }: Delivering): void {
  account.subscribe(topic, ({ message, messageId, topicArn, at }) => {
    const copies = isCalm() ? 1 : random.pick([0, 1, 1, 1, 1, 1, 2, 3]);
    if (copies === 0) tell(`SNS: message ${messageId.slice(0, 8)} is lost`);
    const [parsed] = parseBody(message, { messageId, topicArn, sentAt: at });
    if (parsed === undefined) return;
    for (let copy = 0; copy < copies; copy += 1) {
      void deliver(parsed, isCalm() ? 50 : random.pick([20, 200, 2_000, 30_000, 120_000]));
    }
  });
  const deliver = async (parsed: Parsed, delayMs: number): Promise<void> => {
    for (let wait = delayMs; ; wait = 20_000) {
      await clock.sleep(wait);
      const doors = alive();
      if (doors.length === 0) continue;
      const answer = await Promise.race([
        random
          .pick(doors)
          .engine.intake.takeMessage(parsed, "sns")
          .catch(() => undefined),
        // The door of a worker that has died answers nothing; SNS gives up after 15 s.
        clock.sleep(15_000).then(() => undefined),
      ]);
      if (answer === undefined) continue;
      accepted.push({ key: changeKey(parsed), matched: answer.kind === "matched" });
      return;
    }
  };
}

function breakSomething(
  random: SeededRandom,
  account: ReturnType<typeof simulatedAccount>,
  tell: (line: string) => void,
): void {
  const index = random.int(0, 2);
  if (random.chance(0.12)) account.break(random.pick(machineFaults), machineOf(index));
  if (random.chance(0.03)) account.setAlarm("somebody else's alarm", "ALARM", "jobs wait");
  for (const fault of accountFaults) {
    if (account.accountHas(fault)) {
      if (random.chance(0.35)) account.mendAccount(fault);
    } else if (random.chance(0.02)) account.breakAccount(fault);
  }
  if (random.chance(0.04)) {
    account.faults.throttledCalls = random.int(1, 20);
    tell(`AWS throttles the next ${account.faults.throttledCalls} calls`);
  }
}

interface Pressing {
  readonly random: SeededRandom;
  readonly chat: ReturnType<typeof memoryChat>;
  readonly alive: () => Worker[];
  readonly settings: ReturnType<typeof simulatedSettings>;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly tell: (line: string) => void;
  readonly laws: ReturnType<typeof makeLaws>;
}

const people: readonly Asker[] = [
  { id: "U1", name: "Ana", allowed: true },
  { id: "U2", name: "Ben", allowed: true },
  { id: "U9", name: "Stranger", allowed: false, refusal: "not an approver" },
];

/** What somebody looked at a while ago is pressed as readily as what stands now. */
async function press(parts: Pressing): Promise<void> {
  const { random, chat, alive } = parts;
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
    { kind: "order", by, recovery: random.pick(["restart", "reboot", "stop-start"]), why: "it looks slow" },
  ]);
  const taps = random.chance(0.25) ? 2 : 1;
  const pressed = Array.from({ length: taps }, () => tap(parts, random.pick(workers), service, event));
  if (random.chance(0.08)) await switchAutopilot(parts, random.pick(workers), random.pick(["on", "off"]));
  void Promise.all(pressed);
}

async function tap({ tell, laws }: Pressing, worker: Worker, service: ServiceName, event: CaseEvent): Promise<void> {
  const who = "by" in event ? event.by.name : "?";
  tell(`${who} presses ${event.kind} on ${service}${"proposal" in event ? ` #${event.proposal}` : ""}`);
  try {
    const answer = await worker.engine.handle(service, event);
    const said = answer.kind === "ignored" ? answer.reason : answer.answer;
    tell(`${who} reads: ${said?.code ?? "nothing"}`);
    if (said === undefined) laws.broken.push(`${who} pressed ${event.kind} on ${service} and got no answer`);
  } catch (error) {
    tell(`${who} reads: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function switchAutopilot(
  { tell, laws }: Pick<Pressing, "tell" | "laws">,
  worker: Worker,
  state: "on" | "off",
): Promise<void> {
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

interface Resting extends Omit<Pressing, "random"> {
  readonly table: ReturnType<typeof memoryTable>;
  readonly hire: () => void;
}

/** Somebody attends now: says autopilot on, ends holds, approves what is offered on the card. */
async function comeToRest(parts: Resting): Promise<boolean> {
  const { clock, alive, hire, settings, table, tell, laws } = parts;
  const until = clock.now() + restMs;
  let restedRounds = 0;
  while (clock.now() < until) {
    // A death that was due already may still come.
    while (alive().length < 2) hire();
    const [worker] = alive();
    const open = [...settings.services.keys()].filter((service) => !rests(caseIn(table, service)));
    restedRounds = open.length === 0 ? restedRounds + 1 : 0;
    if (restedRounds === restedRoundsMin) return true;
    if (worker) {
      await switchAutopilot({ tell, laws }, worker, "on");
      for (const service of open) attend(parts, worker, service);
    }
    await clock.advance(minute);
  }
  return false;
}

function attend(parts: Resting, worker: Worker, service: ServiceName): void {
  const current = caseIn(parts.table, service);
  const ana = people[0];
  if (current?.phase.kind !== "proposing" || ana === undefined) return;
  const pressing = { ...parts, random: createSeededRandom(1) };
  if (current.hold) void tap(pressing, worker, service, { kind: "resume", by: ana });
  const { proposal } = current.phase;
  if (proposal.mode === "auto" && current.blocked === undefined) return;
  const by = people.find((person) => person.allowed && person.id !== proposal.orderedBy?.id) ?? ana;
  void tap(pressing, worker, service, answerTo(proposal, by));
}

/** A symptom without a ladder offers nothing and is closed; a rung that only observes is ordered; the rest is approved. */
function answerTo(proposal: Proposal, by: Asker): CaseEvent {
  const ordered = proposal.orderedBy !== undefined;
  if (proposal.rung < 0 && !ordered) return { kind: "close", by, why: "seen" };
  if (proposal.mode === "observe" && !ordered)
    return { kind: "order", by, recovery: proposal.recovery, why: "still bad" };
  return { kind: "approve", by, proposal: proposal.number };
}

function rests(current: ServiceCase | undefined): boolean {
  if (current === undefined) return true;
  const { phase, owes, entries, incident } = current;
  const still = phase.kind === "idle" || phase.kind === "resolved" || phase.kind === "needs-person";
  const shows = incident === undefined || (current.shown?.version ?? 0) >= current.cardVersion;
  return still && owes.length === 0 && entries.length === 0 && shows;
}
