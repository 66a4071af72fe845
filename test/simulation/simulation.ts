/**
 * One simulated night from one seed. Phase one: machines break, messages are lost, doubled, late and out of order, workers die,
 * answers of the store, of AWS and of Slack get lost, people press what they see and what they saw a while ago. Phase two: nothing
 * goes wrong any more, somebody attends; everything must come to rest. The laws are checked after every transition.
 *
 * Everything that goes wrong is a decision of the night's history: drawn from the seed, or taken from a history that is played again.
 */
import { memoryAutopilot } from "../../src/memory/memoryAutopilot.ts";
import { memoryChat, type MemoryChat, type MemoryMessage } from "../../src/memory/memoryChat.ts";
import { caseIn, memoryTable, type MemoryTable } from "../../src/memory/memoryTable.ts";
import { createSeededRandom, type SeededRandom } from "../../src/memory/seededRandom.ts";
import { createVirtualClock, type VirtualClock } from "../../src/memory/virtualClock.ts";
import { castOf, type Cast } from "./cast.ts";
import { breakSomething, faultsOf } from "./chaos.ts";
import { perform, type Doing } from "./deeds.ts";
import { deliverMessages, keptLaws } from "./delivery.ts";
import { makeFates, type Fates } from "./fates.ts";
import { isFate, type Deed, type Disturbance, type Fate, type History } from "./history.ts";
import { makeLaws, type Broken, type LawParts, type Laws } from "./laws.ts";
import { press } from "./people.ts";
import { rested } from "./rest.ts";
import { simulatedAccounts, simulatedSettings } from "./settings.ts";
import { startWorker, type Worker, type WorkerParts } from "./worker.ts";

export interface Night {
  readonly seed: number;
  /** How many and which kind: three lone machines, or three services of the six patterns. */
  readonly kind: Cast["kind"];
  readonly broken: readonly Broken[];
  readonly story: readonly string[];
  readonly ended: Readonly<Record<string, string>>;
  readonly runs: number;
  readonly virtualMs: number;
  /** What stands in Slack in the end. */
  readonly messages: readonly MemoryMessage[];
  /** Everything that went wrong: played again it is the same night. */
  readonly history: History;
}

export interface NightOptions {
  /** Played again with these disturbances and no others. */
  readonly history?: History;
  /** A law of a test's own. */
  readonly law?: NonNullable<LawParts["ofTest"]>;
  /** Plays also the looks that are known to find nothing: slower, and the same night. */
  readonly everyLook?: boolean;
}

const startAt = Date.UTC(2026, 10, 21, 1, 0, 0);
const faultsMs = 21 * 60_000;
/** Workers take up their work before anything happens. */
const quietMs = 30_000;

export async function playNight(seed: number, options: NightOptions = {}): Promise<Night> {
  const stage = setStage(seed, options);
  const { clock, laws, table, chat, accounts, workers, doing, fates, cast, story } = stage;
  doing.hire();
  doing.hire();
  const world = new AbortController();
  for (const account of accounts) void account.run(world.signal);
  const accepted = deliverMessages({ ...stage, random: stage.random.fork("doors") });
  await clock.advance(quietMs);
  const last = options.history ? await playAgain(stage, options.history) : await draw(stage);

  fates.calm();
  for (const account of accounts) for (const fault of faultsOf(cast)) account.mendAccount(fault);
  stage.tell("--- nothing goes wrong any more ---");
  while (stage.alive().length < 2) doing.hire();
  const isRested = await rested(stage);
  laws.atTheEnd(chat.messages());
  laws.need("all-comes-to-rest", isRested, "not everything came to rest within the bound");
  keptLaws(laws, table, accepted);
  world.abort();
  for (const worker of workers) worker.kill();
  const names = [...stage.settings.services.keys()];
  const cases = names.map((service) => [service, caseIn(table, service)] as const);
  return {
    ...{ seed, kind: cast.kind, broken: laws.broken, story },
    ended: Object.fromEntries(cases.map(([service, current]) => [service, current?.phase.kind ?? "no case"])),
    runs: cases.reduce((sum, [, current]) => sum + (current?.runFence ?? 0), 0),
    virtualMs: clock.now() - startAt,
    messages: chat.messages(),
    history: { seed, services: names, faultsMs: last, disturbances: stage.disturbances },
  };
}

interface Stage extends Pick<WorkerParts, "settings" | "accounts" | "tell"> {
  readonly random: SeededRandom;
  readonly clock: VirtualClock;
  readonly story: readonly string[];
  readonly cast: Cast;
  readonly table: MemoryTable;
  readonly fates: Fates;
  readonly chat: MemoryChat;
  readonly laws: Laws;
  readonly workers: readonly Worker[];
  readonly alive: () => Worker[];
  readonly hire: () => void;
  readonly doing: Doing;
  readonly disturbances: readonly Disturbance[];
  readonly act: (deed: Deed) => void;
}

function setStage(seed: number, { history, law, everyLook = false }: NightOptions): Stage {
  const random = createSeededRandom(seed);
  const clock = createVirtualClock({ startAt, promisesOnly: true, everyLook });
  const story: string[] = [];
  const tell = (line: string) => void story.push(`${new Date(clock.now()).toISOString().slice(11, 23)} ${line}`);
  const disturbances: Disturbance[] = [];
  const record = (each: Deed | Fate) => void disturbances.push({ at: clock.now() - startAt, ...each });
  const cast = playingIn(castOf(random.fork("cast")), history);
  const settings = simulatedSettings(cast);
  const accounts = simulatedAccounts(cast, clock, random.fork("account"));
  const table = memoryTable();
  const fates = makeFates({ random: random.fork("fates"), record, given: history?.disturbances });
  const delays = random.fork("chat");
  const chat = memoryChat({
    now: () => clock.now(),
    fault: () => fates.chat(),
    delay: () => clock.sleep(40 + delays.int(0, 200)),
  });
  const laws = makeLaws({ accounts, table, settings, now: () => clock.now(), ofTest: law });
  for (const account of accounts) account.onLine((line) => tell(`${line.who}: ${line.text}`));
  const parts = { clock, accounts, table, chat, settings, fates, tell };
  const { workers, hire } = office({ ...parts, autopilot: memoryAutopilot("on"), hasMail: random.chance(0.5) }, laws);
  const alive = () => workers.filter((worker) => !worker.isDead());
  const doing: Doing = { alive, settings, clock, tell, laws, cast, accounts, hire };
  const act = (deed: Deed): void => {
    record(deed);
    perform(doing, deed);
  };
  return { ...parts, random, story, cast, laws, workers, alive, hire, doing, disturbances, act };
}

function playingIn(cast: Cast, history: History | undefined): Cast {
  if (history === undefined) return cast;
  return { ...cast, parts: cast.parts.filter(({ service }) => history.services.includes(service.name)) };
}

function office(
  parts: Omit<WorkerParts, "name" | "onAct" | "onLanded" | "onCaseWrite">,
  { onAct, onLanded, onCaseWrite }: Laws,
): { readonly workers: readonly Worker[]; readonly hire: () => void } {
  const workers: Worker[] = [];
  const hire = () => {
    const name = `worker-${workers.length + 1}`;
    parts.tell(`${name} starts`);
    workers.push(startWorker({ ...parts, name, onAct, onLanded, onCaseWrite }));
  };
  return { workers, hire };
}

/** Answers for how long things went wrong. */
async function draw(stage: Stage): Promise<number> {
  const { clock, random } = stage;
  const chaos = random.fork("chaos");
  const people = random.fork("people");
  while (clock.now() < startAt + faultsMs) {
    await clock.advance(chaos.int(5_000, 40_000));
    breakSomething({ ...stage, random: chaos });
    if (people.chance(0.5)) press({ ...stage, random: people });
  }
  return clock.now() - startAt;
}

async function playAgain({ clock, act }: Stage, history: History): Promise<number> {
  for (const each of history.disturbances) {
    if (isFate(each)) continue;
    const { at, ...deed } = each;
    // What was done in one go is done in one go: nothing else comes to its turn in between.
    if (clock.now() < startAt + at) await clock.advanceTo(startAt + at);
    act(deed);
  }
  if (clock.now() < startAt + history.faultsMs) await clock.advanceTo(startAt + history.faultsMs);
  return history.faultsMs;
}
