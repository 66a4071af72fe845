/**
 * One instance in the simulated account, a journal in memory, and a plan that is carried as the engine would: one look, let time
 * go by, another look. Every call in or out is counted, and can crash, fail, be slow or lose its answer.
 */
import { Throttled, Unreachable } from "../../src/domain/errors.ts";
import type { Evidence, Reading } from "../../src/domain/evidence.ts";
import type { RunOutcome } from "../../src/domain/serviceCase.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { InstanceId } from "../../src/domain/words.ts";
import type { MachineFault, AccountFault } from "../../src/memory/accountFaults.ts";
import { createAccount, type Account } from "../../src/memory/account.ts";
import { memoryCompute } from "../../src/memory/memoryCompute.ts";
import { createSeededRandom } from "../../src/memory/seededRandom.ts";
import { createVirtualClock, type VirtualClock } from "../../src/memory/virtualClock.ts";
import { advance } from "../../src/recovery/advance.ts";
import { AbandonRun, newMemory, type Control, type Halt } from "../../src/recovery/control.ts";
import type { Journal, Plan, StepEntry } from "../../src/recovery/plan.ts";
import { restartPlan, type RestartPorts } from "../../src/recovery/restart.ts";
import type { RestartInputs } from "../../src/recovery/restartInputs.ts";

export const machine = "i-0aaa0000000000001" as InstanceId;
const startAt = Date.UTC(2026, 10, 21, 3, 0, 0);

/** To the plan it is what losing the lease is: this worker is out of the run at once. */
export class Crash extends AbandonRun {}

export type CallFault = "crash-before" | "crash-after" | "throttled" | "lost-answer";

export interface WorldOptions {
  readonly breaks?: readonly MachineFault[];
  readonly account?: readonly AccountFault[];
  readonly inputs?: Partial<RestartInputs>;
  /** The fault of the call with this number, counted from 1. */
  readonly fault?: (call: number, name: string) => CallFault | undefined;
  readonly state?: "running" | "stopped";
  readonly hasProbe?: boolean;
  /** Servers that only resemble EC2 keep the first LaunchTime for ever. */
  readonly launchTimeStands?: boolean;
  /** Set in motion at this call: a person asks to stop, and so on. */
  readonly halt?: (acted: boolean, world: { readonly account: Account; readonly calls: number }) => Halt | undefined;
  readonly plan?: (inputs: RestartInputs) => Plan<RestartPorts>;
  readonly machine?: { readonly asgName?: string; readonly spot?: boolean; readonly hasInstanceStore?: boolean };
}

export interface Ended {
  readonly outcome: RunOutcome | undefined;
  readonly calls: number;
  readonly account: Account;
  readonly debts: readonly string[];
  readonly entries: readonly StepEntry[];
  readonly clock: VirtualClock;
}

const lookMs = 5_000;
/** Twice the longest plan, plus patience: what is not over by then never ends. */
const looksMax = 900;

export async function carryRestart(options: WorldOptions = {}): Promise<Ended> {
  const clock = createVirtualClock({ startAt });
  const account = createAccount({
    clock,
    random: createSeededRandom(11),
    machines: [{ id: machine, name: "web", state: options.state ?? "running", ...options.machine }],
    sites: [{ host: "web.example", via: { kind: "machine", instanceId: machine } }],
  });
  for (const fault of options.breaks ?? []) account.break(fault, machine);
  await clock.advance(3 * 60_000);
  for (const fault of options.account ?? []) account.breakAccount(fault);
  const entries: StepEntry[] = [];
  const debts = new Set<string>();
  let calls = 0;

  const io = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    calls += 1;
    const fault = options.fault?.(calls, name);
    if (fault === "crash-before") throw new Crash(name);
    if (fault === "throttled") throw new Throttled(name);
    const answer = await work();
    if (fault === "crash-after") throw new Crash(name);
    if (fault === "lost-answer") throw new Unreachable(name);
    return answer;
  };
  const compute = memoryCompute(account);
  const evidence = () => evidenceOf(account, clock.now(), options.hasProbe ?? true);
  const ports: RestartPorts = {
    clock,
    compute: {
      instance: (id) =>
        io("instance", async () => {
          const view = await compute.instance(id);
          return view && options.launchTimeStands ? { ...view, launchTime: startAt } : view;
        }),
      checks: (id) => io("checks", () => compute.checks(id)),
      reboot: (id) => io("reboot", () => compute.reboot(id)),
      stop: (id, how) => io("stop", () => compute.stop(id, how)),
      start: (id) => io("start", () => compute.start(id)),
    },
    // The engine's reads never throw: a read that fails is unknown.
    evidence: () => io("evidence", evidence).catch((error: unknown) => nothingRead(error, clock.now())),
  };
  const journal: Journal = {
    get entries() {
      return entries;
    },
    write: (entry) =>
      io("journal", async () => {
        const at = entries.findIndex((each) => each.step === entry.step);
        if (at < 0) entries.push(entry);
        else entries[at] = entry;
      }),
  };
  const control: Control = {
    halt: async (acted) => options.halt?.(acted, { account, calls }),
    mayAct: async () => undefined,
    borrow: (debt) => io("borrow", async () => void debts.add(debt.id)),
    repay: (debt) => io("repay", async () => void debts.delete(debt)),
    onStep: async () => undefined,
  };
  const inputs = inputsOf(options.inputs);
  const plan = (options.plan ?? restartPlan)(inputs);
  let memory = newMemory();
  let outcome: RunOutcome | undefined;
  for (let look = 0; look < looksMax && outcome === undefined; look += 1) {
    try {
      const working = advance({ plan, journal, ports, control, memory });
      // A slow call sleeps on this clock.
      await settle(clock, working);
      const state = await working;
      if (state.kind === "ended") outcome = state.outcome;
    } catch (error) {
      // A dead worker's memory goes with it; another one comes after the lease.
      if (error instanceof Crash) {
        memory = newMemory();
        await clock.advance(35_000);
      } else if (!(error instanceof Throttled || error instanceof Unreachable)) throw error;
    }
    await clock.advance(lookMs);
  }
  return { outcome, calls, account, debts: [...debts], entries, clock };
}

async function settle(clock: VirtualClock, work: Promise<unknown>): Promise<void> {
  let over = false;
  work.then(
    () => (over = true),
    () => (over = true),
  );
  await clock.runUntil(() => over, 120_000);
}

export function inputsOf(over: Partial<RestartInputs> = {}): RestartInputs {
  return {
    recovery: "restart",
    instanceId: machine,
    symptom: "os",
    orderedByPerson: false,
    kindsNeeded: 2,
    alarmKinds: {},
    stoppedByUs: false,
    timing: defaultTiming,
    ...over,
  };
}

async function evidenceOf(account: Account, readAt: number, hasProbe: boolean): Promise<Evidence> {
  const view = account.peek.machine(machine);
  const checks = view.checks;
  const running = view.state === "running";
  const impaired = !running || checks?.system === "impaired" || checks?.instance === "impaired";
  const passes = running && checks?.system === "ok" && checks.instance === "ok";
  const ec2: Reading = {
    kind: "ec2",
    verdict: impaired ? "bad" : passes ? "good" : "unknown",
    readAt,
    detail: view.state,
  };
  const answer = account.peek.site("web.example");
  const isUp = answer.kind === "answers" && answer.status < 400;
  const probe: Reading = { kind: "probe", verdict: isUp ? "good" : "bad", readAt, detail: answer.kind };
  return { readings: hasProbe ? [ec2, probe] : [ec2], alarms: [] };
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
