/**
 * The worker dies before and after every single call of the plan; every call fails once, loses its answer once, or fails for ever.
 * Whatever happens: it ends, there are never two reboots, a start that is owed is done or stands as a debt, and nothing is
 * terminated.
 */
import { describe, expect, test } from "vitest";
import type { MachineFault } from "../../src/memory/accountFaults.ts";
import { restartPlan, restartSteps } from "../../src/recovery/restart.ts";
import type { Plan } from "../../src/recovery/plan.ts";
import type { RestartPorts } from "../../src/recovery/restart.ts";
import { carryRestart, machine, type CallFault, type Ended, type WorldOptions } from "./restartWorld.ts";

const stories: readonly { readonly breaks: readonly MachineFault[]; readonly symptom: "os" | "host" }[] = [
  { breaks: ["kernel-hangs"], symptom: "os" },
  { breaks: ["kernel-hangs-for-good"], symptom: "os" },
  { breaks: ["host-fails", "stuck-stopping"], symptom: "host" },
];

function unlawful(ended: Ended): string[] {
  const { account, debts, outcome } = ended;
  const broken: string[] = [];
  const { reboots } = account.countOf(machine);
  const { state } = account.peek.machine(machine);
  if (reboots > 1) broken.push(`${reboots} reboots`);
  if (account.writes.some((write) => write.operation === "TerminateInstances")) broken.push("something was terminated");
  const isOff = state === "stopped" || state === "stopping";
  if (isOff && debts.length === 0) broken.push(`the machine is ${state} and nobody owes its start`);
  if (outcome === undefined) broken.push("the run never ended");
  if (outcome?.kind === "done" && isOff) broken.push("done, and the machine is off");
  return broken;
}

async function withFaultAt(call: number, kind: CallFault, options: WorldOptions): Promise<Ended> {
  return carryRestart({ ...options, fault: (at) => (at === call ? kind : undefined) });
}

describe.each(stories)("$breaks", ({ breaks, symptom }) => {
  const options: WorldOptions = { breaks, inputs: { symptom } };

  test.each(["crash-before", "crash-after", "throttled", "lost-answer"] as const)(
    "%s at every call of the plan costs time and nothing else",
    async (kind) => {
      const clean = await carryRestart(options);
      expect(clean.outcome?.kind).toBe("done");
      for (let call = 1; call <= clean.calls; call += 1) {
        const ended = await withFaultAt(call, kind, options);
        expect({ call, broken: unlawful(ended), outcome: ended.outcome?.kind }).toEqual({
          call,
          broken: [],
          outcome: "done",
        });
      }
    },
  );

  test.each(["instance", "checks", "reboot", "stop", "start", "evidence"])(
    "%s that fails for ever ends in words, with every debt standing",
    async (name) => {
      for (const kind of ["throttled", "lost-answer"] as const) {
        const ended = await carryRestart({
          ...options,
          fault: (_call, called) => (called === name ? kind : undefined),
        });
        expect({ kind, broken: unlawful(ended) }).toEqual({ kind, broken: [] });
      }
    },
  );

  test.each(["throttled", "slow-calls", "reads-lag"] as const)("an account with %s is survived", async (fault) => {
    const ended = await carryRestart({ ...options, account: [fault] });
    expect(unlawful(ended)).toEqual([]);
  });
});

describe("a plan in another order is found out", () => {
  const swapped =
    (first: string, second: string) =>
    (inputs: Parameters<typeof restartPlan>[0]): Plan<RestartPorts> => {
      const plan = restartPlan(inputs);
      const steps = [...plan.steps];
      const a = steps.findIndex((step) => step.name === first);
      const b = steps.findIndex((step) => step.name === second);
      const [one, other] = [steps[a], steps[b]];
      if (one && other) {
        steps[a] = other;
        steps[b] = one;
      }
      return { ...plan, steps };
    };

  test("starting before stopping leaves the machine off without help", async () => {
    const ended = await carryRestart({
      breaks: ["host-fails"],
      inputs: { symptom: "host" },
      plan: swapped(restartSteps.stopped, restartSteps.started),
    });
    const isWhole = unlawful(ended).length === 0 && ended.debts.length === 0;
    expect(isWhole && ended.account.countOf(machine).starts === 1).toBe(false);
  });

  test("a reboot that may be repeated reboots twice", async () => {
    const repeated = (inputs: Parameters<typeof restartPlan>[0]): Plan<RestartPorts> => {
      const plan = restartPlan(inputs);
      const steps = plan.steps.map((s) => (s.name === restartSteps.rebooted ? { ...s, again: "safe" as const } : s));
      return { ...plan, steps };
    };
    const clean = await carryRestart({ breaks: ["kernel-hangs"] });
    let worst = 0;
    for (let call = 1; call <= clean.calls; call += 1) {
      const ended = await withFaultAt(call, "crash-after", { breaks: ["kernel-hangs"], plan: repeated });
      worst = Math.max(worst, ended.account.countOf(machine).reboots);
    }
    expect(worst).toBeGreaterThan(1);
  });
});
