/**
 * One simulated night from one seed. Phase one: machines break, messages are lost, doubled, late and out of order, workers die,
 * answers of the store, of AWS and of Slack get lost, people press what they see and what they saw a while ago. Phase two: nothing
 * goes wrong any more, somebody attends; everything must come to rest. The laws are checked after every transition.
 */
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Account } from "../../src/memory/account.ts";
import { memoryAutopilot } from "../../src/memory/memoryAutopilot.ts";
import { memoryChat, type ChatFault } from "../../src/memory/memoryChat.ts";
import { bodyOf, caseIn, memoryTable } from "../../src/memory/memoryTable.ts";
import { createSeededRandom, type SeededRandom } from "../../src/memory/seededRandom.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { choreCollection, type ChoreRecord } from "../../src/engine/choreRecord.ts";
import { changeKey } from "../../src/signals/changeKey.ts";
import type { Parsed } from "../../src/signals/parsed.ts";
import { parseBody } from "../../src/signals/parseMessage.ts";
import { castOf } from "./cast.ts";
import { breakSomething, faultsOf } from "./chaos.ts";
import { makeLaws } from "./laws.ts";
import { attend, press, switchAutopilot, type Attending } from "./people.ts";
import { topic } from "./places.ts";
import { simulatedAccounts, simulatedSettings } from "./settings.ts";
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
export async function playNight(seed: number): Promise<Night> {
  const random = createSeededRandom(seed);
  const clock = createVirtualClock({ startAt, promisesOnly: true });
  const story: string[] = [];
  const tell = (line: string) => void story.push(`${new Date(clock.now()).toISOString().slice(11, 23)} ${line}`);
  const cast = castOf(random.fork("cast"));
  const settings = simulatedSettings(cast);
  const accounts = simulatedAccounts(cast, clock, random.fork("account"));
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
  const laws = makeLaws({ accounts, table, settings, now: () => clock.now() });
  for (const account of accounts) account.onLine((line) => tell(`${line.who}: ${line.text}`));

  const hasMail = random.chance(0.5);
  const workers: Worker[] = [];
  let started = 0;
  const hire = () => {
    started += 1;
    const name = `worker-${started}`;
    tell(`${name} starts`);
    workers.push(
      startWorker({
        ...{ name, clock, accounts, table, chat, autopilot, settings, weather, hasMail, tell },
        random: random.fork(name),
        onAct: laws.onAct,
        onLanded: laws.onLanded,
        onCaseWrite: laws.onCaseWrite,
      }),
    );
  };
  const alive = () => workers.filter((worker) => !worker.isDead());
  hire();
  hire();

  const world = new AbortController();
  for (const account of accounts) void account.run(world.signal);
  const accepted: Accepted[] = [];
  deliverMessages({
    random: random.fork("messages"),
    clock,
    accounts,
    alive,
    accepted,
    isCalm: () => calm,
    isChore: (token) => choreExists(table, token),
    tell,
  });
  let calm = false;

  const chaos = random.fork("chaos");
  const people = random.fork("people");
  await clock.advance(30_000);
  const endOfFaults = startAt + faultsMs;
  while (clock.now() < endOfFaults) {
    await clock.advance(chaos.int(5_000, 40_000));
    breakSomething({ cast, random: chaos, accounts, tell });
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
  for (const account of accounts) for (const fault of faultsOf(cast)) account.mendAccount(fault);
  tell("--- nothing goes wrong any more ---");
  while (alive().length < 2) hire();
  const rested = await comeToRest({ clock, alive, hire, settings, table, laws, tell });
  // The last cards and records follow within moments.
  await clock.advance(minute);
  laws.atTheEnd(chat.messages());
  if (!rested) laws.broken.push("not everything came to rest within the bound");
  for (const { key, what, matched } of accepted) {
    // What nothing matched at first may be matched a little later: a member that its group has just launched.
    const kept = laws.seenKeys.has(key) || (!matched && isListed(table, key));
    if (!kept) laws.broken.push(`an accepted message (${what}, ${key}) is in no timeline, inbox or list`);
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

function choreExists(table: ReturnType<typeof memoryTable>, token: string | null): boolean {
  const chores = [...(table.records.get(choreCollection)?.values() ?? [])];
  return token !== null && chores.some((stored) => bodyOf<ChoreRecord>(stored).answer.token === token);
}

function isListed(table: ReturnType<typeof memoryTable>, key: string): boolean {
  if (table.records.get("inbox")?.has(key)) return true;
  const listed = [...(table.records.get("unmatched")?.values() ?? [])];
  return listed.some(({ body }) => body.includes(key));
}

interface Accepted {
  readonly key: string;
  /** For the sentence that says what was lost. */
  readonly what: string;
  readonly matched: boolean;
}

const saidOf = ({ resources }: Parsed): string => resources.asgName ?? resources.instanceId ?? "an alarm";

interface Delivering {
  readonly random: SeededRandom;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly accounts: readonly Account[];
  readonly alive: () => Worker[];
  readonly accepted: Accepted[];
  readonly isCalm: () => boolean;
  /** The hook of this token is a stored chore. */
  readonly isChore: (token: string | null) => boolean;
  readonly tell: (line: string) => void;
}

/** SNS to the door of some worker: at least once, late, doubled, out of order, sometimes never. What is refused comes again. */
function deliverMessages({ random, clock, accounts, alive, accepted, isCalm, isChore, tell }: Delivering): void {
  const take: Parameters<Account["subscribe"]>[1] = ({ message, messageId, topicArn, at }) => {
    const copies = isCalm() ? 1 : random.pick([0, 1, 1, 1, 1, 1, 2, 3]);
    if (copies === 0) tell(`SNS: message ${messageId.slice(0, 8)} is lost`);
    const [parsed] = parseBody(message, { messageId, topicArn, sentAt: at });
    if (parsed === undefined) return;
    for (let copy = 0; copy < copies; copy += 1) {
      void deliver(parsed, isCalm() ? 50 : random.pick([20, 200, 2_000, 30_000, 120_000]));
    }
  };
  for (const account of accounts) account.subscribe(topic, take);
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
      const key = changeKey(parsed);
      // A hook becomes a chore before it is answered; the chore is removed long after its end.
      if (parsed.cls === "lifecycle_hook" && answer.kind === "matched" && isChore(parsed.token)) return;
      accepted.push({ key, what: `${parsed.cls} about ${saidOf(parsed)}`, matched: answer.kind === "matched" });
      return;
    }
  };
}

interface Resting extends Attending {
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
      for (const service of open) {
        const current = caseIn(table, service);
        if (current) attend(parts, worker, current);
      }
    }
    await clock.advance(minute);
  }
  return false;
}

function rests(current: ServiceCase | undefined): boolean {
  if (current === undefined) return true;
  const { phase, owes, entries, incident } = current;
  const still = phase.kind === "idle" || phase.kind === "resolved" || phase.kind === "needs-person";
  const shows = incident === undefined || (current.shown?.version ?? 0) >= current.cardVersion;
  return still && owes.length === 0 && entries.length === 0 && shows;
}
