/**
 * Carries any recovery as the engine would: inputs resolved once and stored as JSON, one look, let time go by, another look.
 * Every call in or out is counted, and can crash the worker, fail, be slow or lose its answer. A dead worker's memory goes with
 * it; what another one finds is the inputs, the journal, the debts and the world.
 */
import { codeOf, MedicError, NotPermitted, sentenceOf, Throttled, Unreachable } from "../../src/domain/errors.ts";
import type { Evidence, Reading } from "../../src/domain/evidence.ts";
import { worldsReasons } from "../../src/domain/ladder.ts";
import { newCase } from "../../src/domain/newCase.ts";
import type { Order, RunOutcome, ServiceCase } from "../../src/domain/serviceCase.ts";
import type { InstanceId, RunId, Scope } from "../../src/domain/words.ts";
import type { Account } from "../../src/memory/account.ts";
import type { CallHooks } from "../../src/memory/callHooks.ts";
import { memoryClouds } from "../../src/memory/memoryClouds.ts";
import { memoryProber } from "../../src/memory/memoryProber.ts";
import { createSeededRandom } from "../../src/memory/seededRandom.ts";
import { createVirtualClock, type VirtualClock } from "../../src/memory/virtualClock.ts";
import { advance } from "../../src/recovery/advance.ts";
import { AbandonRun, newMemory, type Control, type Halt } from "../../src/recovery/control.ts";
import type { Asked, RecoveryPorts } from "../../src/recovery/definition.ts";
import type { Journal, Plan, Step, StepEntry, StepView } from "../../src/recovery/plan.ts";
import { startAt, timingOf } from "./planStory.ts";
import type { Call, Ended, PlanWorld, PreviewEnded, Story } from "./planStory.ts";

export * from "./planStory.ts";

/** To the plan it is what losing the lease is: this worker is out of the run at once. */
export class Crash extends AbandonRun {}

export const callFaults = ["crash-before", "crash-after", "throttled", "lost-answer", "slow"] as const;
export type CallFault = (typeof callFaults)[number] | "denied";

export interface Variation {
  readonly fault?: (call: Call) => CallFault | undefined;
  /** Of every account, from right before the order. */
  readonly account?: readonly Parameters<Account["breakAccount"]>[0][];
  /** Each safe act is started twice in a row, as after an answer that was lost. */
  readonly repeatActs?: boolean;
  readonly mutate?: (plan: Plan<RecoveryPorts>) => Plan<RecoveryPorts>;
  /** What the engine answers at a safe point. */
  readonly halt?: (acted: boolean, calls: number) => Halt | undefined;
}

export const runId = "web/7" as RunId;
const lookMs = 5_000;
/** Longer than the longest plan with all its patience: what is not over by then never ends. */
const looksMax = 2_400;
/** Below the bot's own limit per call, so that it succeeds late. */
const slowMs = 8_000;
const resolvePatienceMs = 60_000;
/** A dead worker's lease, and the wait before a takeover. */
const takeoverMs = 35_000;

export async function carryPlan(story: Story, variation: Variation = {}): Promise<Ended> {
  const { world, current } = await stage(story, variation);
  const run = openRun(story, variation, world);
  let plan: Plan<RecoveryPorts> | undefined;
  let inputs: string | undefined;
  let outcome: RunOutcome | undefined;
  let memory = newMemory();
  const since = world.clock.now();
  for (let look = 0; look < looksMax && outcome === undefined; look += 1) {
    try {
      if (inputs === undefined) {
        const resolved = await over(world.clock, resolveOnce(story, run, { current, since }));
        if (typeof resolved === "object") outcome = resolved;
        else inputs = resolved;
      }
      if (inputs !== undefined) {
        plan ??= watched(story.definition.plan(JSON.parse(inputs)), run, variation);
        const { journal, ports, control } = run;
        const state = await over(world.clock, advance({ plan, journal, ports, control, memory }));
        if (state.kind === "ended") outcome = state.outcome;
      }
    } catch (error) {
      if (error instanceof Crash) {
        memory = newMemory();
        plan = undefined;
        await world.clock.advance(takeoverMs);
      } else if (!(error instanceof MedicError && error.retry === "later")) throw error;
    }
    if (outcome === undefined) await world.clock.advance(lookMs);
  }
  const { calls, acts, debts, borrowed, entries, starts, broken } = run;
  const moved = plan?.moved?.(entries);
  const ended = { outcome, calls, acts, debts: [...debts], borrowed, entries, starts, broken };
  return { ...world, ...ended, plan, moved, inputs: inputs === undefined ? undefined : JSON.parse(inputs) };
}

/** The preview of a story, before anything is ordered. */
export async function previewOf(story: Story): Promise<PreviewEnded> {
  const { world, current } = await stage(story, {});
  const { ports } = openRun(story, {}, world);
  const { definition, recovery, service } = story;
  const asked = { current, service, timing: timingOf(story), recovery };
  const preview = await over(world.clock, definition.preview(asked, ports));
  return { ...world, preview };
}

async function stage(
  story: Story,
  { account: faults }: Variation,
): Promise<{ world: PlanWorld; current: ServiceCase }> {
  const clock = createVirtualClock({ startAt });
  const accounts = story.accounts({ clock, random: createSeededRandom(11) });
  const [account] = accounts;
  if (account === undefined) throw new Error(`the story "${story.title}" has no account`);
  const world = { clock, accounts, account };
  await story.break?.(world);
  await clock.advance(3 * 60_000);
  for (const fault of faults ?? []) for (const each of accounts) each.breakAccount(fault);
  const placement = { scope: account.scope as Scope, region: account.region, ...story.placement };
  return { world, current: { ...newCase(story.service.name, placement), ...story.current } };
}

interface Run {
  readonly ports: RecoveryPorts;
  readonly journal: Journal;
  readonly control: Control;
  readonly io: <T>(name: string, work: () => Promise<T>, args?: readonly unknown[]) => Promise<T>;
  readonly entries: StepEntry[];
  readonly debts: Set<string>;
  readonly borrowed: string[];
  readonly calls: Call[];
  readonly acts: Call[];
  readonly starts: Map<string, number>;
  readonly broken: string[];
}

function openRun(story: Story, variation: Variation, world: PlanWorld): Run {
  const { clock, accounts } = world;
  const calls: Call[] = [];
  const acts: Call[] = [];
  const broken: string[] = [];
  const begin = async (about: Pick<Call, "name" | "args" | "mutating">): Promise<Call> => {
    const said = [about.name, ...wordsOf(about.args)].join(" ");
    const call: Call = { ...about, number: calls.length + 1, said, at: clock.now() };
    calls.push(call);
    const fault = variation.fault?.(call);
    if (fault === "crash-before") throw new Crash(call.said);
    if (fault === "throttled") throw new Throttled(call.said);
    if (fault === "denied") throw new NotPermitted(call.said);
    if (fault === "slow") await clock.sleep(slowMs);
    story.meanwhile?.(call, world);
    broken.push(...unfenced(story, call, world));
    return call;
  };
  const end = (call: Call): void => {
    if (call.mutating) acts.push(call);
    const fault = variation.fault?.(call);
    if (fault === "crash-after") throw new Crash(call.said);
    if (fault === "lost-answer") throw new Unreachable(call.said);
  };
  const io: Run["io"] = async (name, work, args = []) => {
    const call = await begin({ name, args, mutating: false });
    const answer = await work();
    end(call);
    return answer;
  };
  const under = new WeakMap<readonly unknown[], Call>();
  const hooks: CallHooks = {
    before: async ({ port, name, args, mutating }) => {
      under.set(args, await begin({ name: `${port}.${name}`, args, mutating }));
    },
    after: async ({ args }) => {
      const call = under.get(args);
      if (call) end(call);
    },
  };
  const clouds = memoryClouds(accounts, { hooks });
  return { ...storeOf(io, variation, calls), io, calls, acts, broken, starts: new Map(), ports: portsOf() };

  function portsOf(): RecoveryPorts {
    const prober = memoryProber(accounts, clock);
    return {
      ...clouds(world.account.scope as Scope),
      clock,
      at: (scope) => clouds(scope),
      // The engine's reads and probes never throw: what fails is unknown.
      evidence: () =>
        io("evidence", () => (story.evidence ?? ((w) => evidenceOf(story, w)))(world)).catch((error: unknown) =>
          nothingRead(error, clock.now()),
        ),
      probe: async (options) => {
        const { probe } = story.service;
        if (probe === undefined) return undefined;
        const asked = options?.connectTo === undefined ? probe : { ...probe, connectTo: options.connectTo };
        return io("probe", () => prober.ask(asked)).catch((error: unknown) => {
          if (error instanceof Crash) throw error;
          return { offline: sentenceOf(error) };
        });
      },
      ...story.ports,
    };
  }
}

/** Journal and debts: durable when they resolve, and as mortal as any other call. */
function storeOf(io: Run["io"], variation: Variation, calls: readonly Call[]) {
  const entries: StepEntry[] = [];
  const debts = new Set<string>();
  const borrowed: string[] = [];
  const journal: Journal = {
    get entries() {
      return entries;
    },
    write: (entry) =>
      io("journal.write", async () => {
        const stored = JSON.parse(JSON.stringify(entry)) as StepEntry;
        const at = entries.findIndex((each) => each.step === entry.step);
        if (at < 0) entries.push(stored);
        else entries[at] = stored;
      }),
  };
  const control: Control = {
    halt: async (acted) => variation.halt?.(acted, calls.length),
    mayAct: async () => undefined,
    borrow: (debt) =>
      io(
        "control.borrow",
        async () => {
          debts.add(debt.id);
          borrowed.push(debt.id);
        },
        [debt.id],
      ),
    repay: (debt) => io("control.repay", async () => void debts.delete(debt), [debt]),
    onStep: async () => undefined,
    onProgress: async () => undefined,
  };
  return { entries, debts, borrowed, journal, control };
}

/** One try at the inputs: JSON when they are found, an outcome when they are refused; throws to be asked again. */
async function resolveOnce(
  story: Story,
  run: Run,
  { current, since }: { readonly current: ServiceCase; readonly since: number },
): Promise<string | RunOutcome> {
  const { definition, service, blueprint } = story;
  const order = orderOf(story);
  const timing = timingOf(story);
  const asked: Asked = { order, current, service, timing, runId, ...(blueprint ? { blueprint } : {}) };
  try {
    const inputs = await definition.resolve(asked, run.ports);
    return await run.io("journal.write", async () => JSON.stringify(inputs));
  } catch (error) {
    if (error instanceof Crash || !(error instanceof MedicError)) throw error;
    if (error.retry === "later" && run.ports.clock.now() - since < resolvePatienceMs) throw error;
    const code = codeOf(error);
    const climb = (worldsReasons as readonly string[]).includes(code);
    return { kind: "refused", code, detail: sentenceOf(error), climb };
  }
}

function orderOf({ byRule, recovery, options, amount, approvals = [] }: Story): Order {
  return {
    by: byRule ? { kind: "rule", rule: "veto window over" } : { kind: "person", person: { id: "U1", name: "Ada" } },
    why: "it is down",
    proposal: 1,
    recovery,
    rung: 0,
    limitMs: 60 * 60_000,
    at: startAt,
    approvals,
    ...(options ? { options } : {}),
    ...(amount === undefined ? {} : { amount }),
  };
}

/** The plan as mutated, with every start of an act counted. */
function watched(bare: Plan<RecoveryPorts>, run: Run, variation: Variation): Plan<RecoveryPorts> {
  const plan = variation.mutate?.(bare) ?? bare;
  const counted = (step: Step<RecoveryPorts>): Step<RecoveryPorts> => {
    if (step.act === undefined) return step;
    const once = async (ports: RecoveryPorts, view: StepView): Promise<void> => {
      run.starts.set(step.name, (run.starts.get(step.name) ?? 0) + 1);
      await step.act?.(ports, view);
    };
    if (!variation.repeatActs || step.again === "never") return { ...step, act: once };
    return {
      ...step,
      act: async (ports, view) => {
        await once(ports, view);
        await once(ports, view);
      },
    };
  };
  return { ...plan, steps: plan.steps.map(counted) };
}

/** A slow call sleeps on this clock. */
async function over<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let isOver = false;
  work.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  await clock.runUntil(() => isOver, 30 * 60_000);
  return work;
}

const promotesUsually = ["compute.associate", "dns.upsert", "dns.setInverted", "routing.set"];

/** The fence is looked at in the truth of the account, at the instant at which another machine begins to serve. */
function unfenced({ fenced = [], promotes = promotesUsually }: Story, call: Call, world: PlanWorld): string[] {
  if (!promotes.includes(call.name)) return [];
  return fenced.flatMap((id) => {
    const { state } = machineIn(world, id);
    return state === "stopped" || state === "terminated" ? [] : [`${call.said} while ${id} is ${state}`];
  });
}

/** A machine of any of the accounts, in truth. */
export function machineIn({ accounts }: Pick<PlanWorld, "accounts">, id: InstanceId) {
  const home = accounts.find((account) => account.peek.machines().some((machine) => machine.id === id));
  if (home === undefined) throw new Error(`no account has a machine ${id}`);
  return home.peek.machine(id);
}

/** Ids and the like; what is long or nested is left out. */
function wordsOf(args: readonly unknown[]): string[] {
  return args.flatMap((arg) => {
    if (typeof arg === "string" || typeof arg === "number" || typeof arg === "boolean") return [String(arg)];
    if (typeof arg !== "object" || arg === null) return [];
    return "force" in arg && arg.force === true ? ["by force"] : [];
  });
}

async function evidenceOf(story: Story, { account, clock }: PlanWorld): Promise<Evidence> {
  const readAt = clock.now();
  const readings: Reading[] = [];
  const id = story.placement?.instanceId;
  if (id !== undefined) {
    const { state, checks } = account.peek.machine(id);
    const impaired = state !== "running" || checks?.system === "impaired" || checks?.instance === "impaired";
    const passes = checks?.system === "ok" && checks.instance === "ok";
    readings.push({ kind: "ec2", verdict: impaired ? "bad" : passes ? "good" : "unknown", readAt, detail: state });
  }
  if (story.service.probe?.kind === "http") {
    const answer = account.peek.site(new URL(story.service.probe.url).hostname);
    const isUp = answer.kind === "answers" && answer.status < 400;
    readings.push({ kind: "probe", verdict: isUp ? "good" : "bad", readAt, detail: answer.kind });
  }
  return { readings, alarms: [] };
}

function nothingRead(error: unknown, readAt: number): Evidence {
  if (error instanceof Crash) throw error;
  const unknown = { verdict: "unknown" as const, readAt, detail: "not read" };
  return {
    readings: [
      { kind: "ec2", ...unknown },
      { kind: "probe", ...unknown },
    ],
    alarms: [],
  };
}
