/**
 * The one test of all plans. `lawsOf` tells a story with every fault at every call; `mutationsOf` takes each plan apart (two steps
 * swapped, a step, a gate, a guard, a debt left out) and demands that some story or law finds it out.
 */
import { describe, expect, test } from "vitest";
import { mayClimb } from "../../src/domain/ladder.ts";
import type { InstanceId, Scope } from "../../src/domain/words.ts";
import type { Account } from "../../src/memory/account.ts";
import { memoryClouds } from "../../src/memory/memoryClouds.ts";
import type { RecoveryPorts } from "../../src/recovery/definition.ts";
import type { Plan, Step } from "../../src/recovery/plan.ts";
import { drillTag, runTag, stepTag, type Tags } from "../../src/ports/compute.ts";
import { callFaults, carryPlan, runId, type CallFault, type Variation } from "./planWorld.ts";
import type { Call, Ended, Story } from "./planStory.ts";

/** Laws that hold whatever was done to the run. [] = lawful. */
export async function unlawful(story: Story, ended: Ended): Promise<string[]> {
  const { outcome, plan, starts, broken } = ended;
  const found = [...broken];
  if (outcome === undefined) found.push("it never ended");
  if (outcome?.kind === "failed" || outcome?.kind === "refused") {
    if (outcome.detail.length < 10) found.push(`it ended without a sentence: ${outcome.code}`);
    if (outcome.climb && !mayClimb(outcome)) found.push(`${outcome.code} climbs`);
  }
  // From taking something away to giving it back there is no place to end by wish.
  const between = ended.debts.filter((debt) => /^(stopped-instance|address)\//.test(debt));
  if (outcome?.kind === "stopped" && between.length > 0 && !story.mayStopOwing)
    found.push(`it was stopped while it owed ${between.join(", ")}`);
  for (const step of plan?.steps ?? []) {
    const times = starts.get(step.name) ?? 0;
    if (step.again === "never" && times > 1) found.push(`"${step.name}" was started ${times} times`);
  }
  for (const account of ended.accounts) found.push(...unlawfulIn(story, ended, account));
  found.push(...servedByTwo(story, ended));
  found.push(...(await madeTwice(story, ended)));
  return found;
}

function unlawfulIn(story: Story, ended: Ended, account: Account): string[] {
  const owes = (debt: string): boolean => ended.debts.includes(debt);
  const found: string[] = [];
  for (const write of account.writes) {
    if (write.who !== "medic" || write.outcome !== "accepted") continue;
    if (write.operation === "TerminateInstances" && !isDrill(account, write.instanceId))
      found.push(`${write.instanceId} was terminated`);
  }
  if (!story.deletes && ended.acts.some((call) => call.name === "storage.deleteSnapshot"))
    found.push("a snapshot was deleted");
  // Off for the sake of a move that has been made: the service does not live on it any more.
  const hasLeft = (id: string) => ended.moved?.instanceId !== undefined && ended.moved.instanceId !== id;
  const mayBeOff = (id: string) =>
    hasLeft(id) || (story.staysOff as readonly string[] | undefined)?.includes(id) === true;
  for (const machine of account.peek.machines()) {
    const isOff = machine.state === "stopped" || machine.state === "stopping";
    const byUs = ended.acts.some((call) => call.name === "compute.stop" && call.args[0] === machine.id);
    if (isOff && byUs && !mayBeOff(machine.id) && !owes(`stopped-instance/${machine.id}`))
      found.push(`${machine.id} is ${machine.state} and nobody owes its start`);
    if (isDrill(account, machine.id) && machine.state !== "terminated" && machine.state !== "shutting-down")
      if (!owes(`drill-instance/${runId}`))
        found.push(`drill instance ${machine.id} is ${machine.state}, and nobody owes its end`);
  }
  for (const machine of account.peek.machines()) {
    const { reboots } = account.countOf(machine.id);
    if (reboots > 1) found.push(`${machine.id} was rebooted ${reboots} times`);
  }
  for (const address of account.peek.addresses()) {
    const touched = ended.acts.some(
      (call) => call.name === "compute.disassociate" || call.args[0] === address.allocationId,
    );
    if (touched && address.instanceId === undefined && ended.acts.some((call) => call.name === "compute.disassociate"))
      if (!owes(`address/${address.allocationId}`))
        found.push(`${address.allocationId} is on nobody, and nobody owes it`);
  }
  found.push(...groupsLeft(ended, account));
  return found;
}

/** The service has moved, and where it was something still runs: only as a debt. */
function servedByTwo({ service, placement }: Story, { account, moved, debts }: Ended): string[] {
  const old = placement?.instanceId;
  const isOfGroup = service.pattern === "asg" || service.pattern === "asg-ebs" || service.pattern === "alb-asg";
  if (isOfGroup || old === undefined || moved?.instanceId === undefined || moved.instanceId === old) return [];
  const { state } = account.peek.machine(old);
  if (state !== "running" || debts.includes(`unfenced/${old}`)) return [];
  return [`${old} still runs beside ${moved.instanceId}, and nobody owes its stop`];
}

/** What the run changed about a group and neither gave back nor owes. */
function groupsLeft(ended: Ended, account: Account): string[] {
  const found: string[] = [];
  const touched = (name: string) => ended.acts.filter((call) => call.name === name).map((call) => String(call.args[0]));
  for (const group of account.peek.groups()) {
    const suspendedByUs = ended.acts
      .filter((call) => call.name === "scaling.suspend" && call.args[0] === group.name)
      .flatMap((call) => call.args[1] as readonly string[]);
    const left = group.suspended.filter((process) => suspendedByUs.includes(process));
    if (left.length > 0 && !ended.debts.includes(`suspended-processes/${group.name}`))
      found.push(`${left.join(", ")} of ${group.name} stay suspended, and nobody owes them`);
    if (touched("scaling.setMax").includes(group.name) && group.desired > group.max)
      found.push(`${group.name} is beyond its max`);
  }
  return found;
}

function isDrill(account: Account, id: string): boolean {
  const machine = account.peek.machines().find((each) => each.id === id);
  return machine?.tags[drillTag.key] === drillTag.value;
}

/** Asked through the ports once every fault of reading is over. */
async function madeTwice(story: Story, { accounts }: Ended): Promise<string[]> {
  const found: string[] = [];
  let launched = 0;
  const clouds = memoryClouds(accounts);
  for (const account of accounts) {
    // Work on the truth: lag, throttling and silence are over.
    for (const fault of ["throttled", "reads-lag", "slow-calls", "offline"] as const) account.mendAccount(fault);
    for (const fault of ["region-down", "region-api-down", "zone-down"] as const) account.mendAccount(fault);
    account.faults.denied.clear();
    const { compute, storage } = clouds(account.scope as Scope);
    const instances = await compute.instancesByTag(runTag, runId);
    launched += instances.length;
    const made: Readonly<Record<string, readonly { readonly tags: Tags }[]>> = {
      instances,
      volumes: await storage.volumesByTag(runTag, runId),
      snapshots: await storage.snapshotsByTag(runTag, runId),
      images: await storage.imagesByTag(runTag, runId),
    };
    for (const [kind, things] of Object.entries(made)) {
      const keys = things.map((thing) => `${thing.tags[stepTag]} ${thing.tags["ec2-medic:device"] ?? ""}`);
      const twice = keys.filter((key, at) => keys.indexOf(key) !== at);
      if (twice.length > 0) found.push(`${account.region}: ${kind} made twice: ${twice.join(", ")}`);
    }
  }
  if (launched > (story.launches ?? 0)) found.push(`${launched} instances were launched`);
  return found;
}

/** How the end of a run without faults differs from what the story tells. [] = as told. */
export async function untold(story: Story, ended: Ended): Promise<string[]> {
  const { ends } = story;
  const { outcome } = ended;
  const found: string[] = [];
  const differs = (what: string, is: unknown, wanted: unknown): void => {
    if (JSON.stringify(is) !== JSON.stringify(wanted))
      found.push(`${what} is ${JSON.stringify(is)}, wanted ${JSON.stringify(wanted)}`);
  };
  differs("the outcome", outcome?.kind, ends.kind);
  if (ends.code !== undefined)
    differs("the code", outcome !== undefined && "code" in outcome ? outcome.code : undefined, ends.code);
  if (found.length > 0 && outcome !== undefined) found.push(JSON.stringify(outcome));
  if (ends.acts !== undefined) differs("what was done", actsOf(ended), ends.acts);
  differs("what is owed", ended.debts, ends.debts ?? []);
  if (ends.moved !== undefined) differs("the move", ended.moved, ends.moved);
  found.push(...((await ends.world?.(ended)) ?? []));
  return found;
}

/** Mutating calls in order, without their port: "stop i-0aaa". */
export function actsOf({ acts }: Pick<Ended, "acts">): string[] {
  return acts.map(({ said }) => said.slice(said.indexOf(".") + 1));
}

const accountFaultsTried = ["throttled", "slow-calls", "reads-lag", "no-capacity"] as const;

/** Runs at each call of the clean run; stops at the first that is broken, which is the one to look at. */
async function brokenAt(
  story: Story,
  clean: Ended,
  vary: (call: number) => Variation,
): Promise<{ call: string; broken: string[]; outcome: unknown } | undefined> {
  const kinds = [story.ends.kind, ...(story.mayEnd ?? [])];
  for (const { number, said } of clean.calls) {
    const ended = await carryPlan(story, vary(number));
    const broken = await unlawful(story, ended);
    if (!kinds.includes(ended.outcome?.kind ?? "failed")) broken.push(`it ended ${ended.outcome?.kind}`);
    else if (ended.outcome?.kind === story.ends.kind) broken.push(...((await story.ends.world?.(ended)) ?? []));
    if (broken.length > 0) return { call: `${number} ${said}`, broken, outcome: ended.outcome };
  }
  return undefined;
}

const at = (number: number, kind: CallFault): Variation => ({
  fault: (call) => (call.number === number ? kind : undefined),
});

const anyEnd = ["stopped", "done", "failed", "refused"] as const;

/** A person asks for a stop from this call on. */
const stoppedFrom = (from: number): Variation => ({
  halt: (_acted, calls) => (calls >= from ? { kind: "stop", why: "Ada stopped it" } : undefined),
});

/** The story told without faults, and then with every fault at every call. */
export function lawsOf(story: Story): void {
  describe(`${story.definition.id}: ${story.title}`, () => {
    test("told without faults it ends as it should", async () => {
      const ended = await carryPlan(story);
      expect([...(await untold(story, ended)), ...(await unlawful(story, ended))]).toEqual([]);
    });

    test.each(callFaults)("%s at any call costs time and nothing else", async (kind) => {
      const clean = await carryPlan(story);
      expect(await brokenAt(story, clean, (call) => at(call, kind))).toBeUndefined();
    });

    test("a person who stops it at any call leaves nothing that nobody owes", async () => {
      const clean = await carryPlan(story);
      expect(await brokenAt({ ...story, mayEnd: anyEnd }, clean, stoppedFrom)).toBeUndefined();
    });

    test("every act may be started twice", async () => {
      const ended = await carryPlan(story, { repeatActs: true });
      const told = { ...story, ends: withoutActs(story) };
      expect([...(await untold(told, ended)), ...(await unlawful(story, ended))]).toEqual([]);
    });

    test.each(["throttled", "lost-answer", "denied"] as const)(
      "one call that is %s for ever ends in words",
      async (kind) => {
        const clean = await carryPlan(story);
        const names = [...new Set(clean.calls.map((call) => call.name))].filter((name) => !isOfTheStore(name));
        for (const name of names) {
          const ended = await carryPlan(story, { fault: (call) => (call.name === name ? kind : undefined) });
          expect({ name, broken: await unlawful(story, ended) }).toEqual({ name, broken: [] });
        }
      },
    );

    test.each(accountFaultsTried)("an account with %s is survived", async (fault) => {
      const ended = await carryPlan(story, { account: [fault] });
      const broken = await unlawful(story, ended);
      const mayFail = fault === "throttled" || fault === "no-capacity" || story.mayFailOn?.includes(fault);
      const told = { ...story, ends: withoutActs(story) };
      expect([...broken, ...(mayFail ? [] : await untold(told, ended))]).toEqual([]);
    });
  });
}

function isOfTheStore(name: string): boolean {
  return name.startsWith("journal.") || name.startsWith("control.");
}

/** With faults an act may have been asked for more than once. */
function withoutActs({ ends: { acts: _acts, ...ends } }: Story): Story["ends"] {
  return ends;
}

type AnyPlan = Plan<RecoveryPorts>;
type AnyStep = Step<RecoveryPorts>;

interface Mutant {
  readonly name: string;
  /** Only a crash or a stop in the wrong place shows it: debts, safe points, what may be repeated. */
  readonly showsUnderFaults: boolean;
  readonly mutate: (plan: AnyPlan) => AnyPlan;
}

/** Everything that can be wrong with a plan by leaving out or turning round one thing. */
function mutantsOf(plan: AnyPlan): Mutant[] {
  const mutants: Mutant[] = plan.gates.map((_gate, index) => ({
    name: `without gate ${index + 1}`,
    showsUnderFaults: false,
    mutate: (whole) => ({ ...whole, gates: whole.gates.filter((_each, i) => i !== index) }),
  }));
  plan.steps.forEach((step, index) => {
    const next = plan.steps[index + 1];
    const changed = (what: string, change: (step: AnyStep) => AnyStep | undefined, showsUnderFaults = false): void => {
      const steps = (whole: AnyPlan) =>
        whole.steps.flatMap((each) => (each.name === step.name ? (change(each) ?? []) : each));
      const mutate = (whole: AnyPlan): AnyPlan => ({ ...whole, steps: steps(whole) });
      mutants.push({ name: `"${step.name}" ${what}`, showsUnderFaults, mutate });
    };
    changed("left out", () => undefined);
    if (next)
      mutants.push({
        name: `"${next.name}" before "${step.name}"`,
        showsUnderFaults: false,
        mutate: (whole) => swapped(whole, step.name, next.name),
      });
    if (step.guard) changed("without its guard", ({ guard: _guard, ...rest }) => rest);
    if (step.borrows) changed("without its debt", ({ borrows: _borrows, ...rest }) => rest, true);
    if (step.alsoBorrows) changed("without its other debts", ({ alsoBorrows: _also, ...rest }) => rest, true);
    if (step.repays) changed("without repaying", ({ repays: _repays, ...rest }) => rest);
    if (step.alsoRepays) changed("without repaying the others", ({ alsoRepays: _also, ...rest }) => rest);
    if (step.again === "never") changed("repeated", (each) => ({ ...each, again: "safe" }), true);
    if (step.againAfterMs) changed("repeated at once", ({ againAfterMs: _after, ...rest }) => rest, true);
    if (!step.safePoint) changed("as a safe point", (each) => ({ ...each, safePoint: true }), true);
  });
  return mutants;
}

function swapped(plan: AnyPlan, first: string, second: string): AnyPlan {
  const steps = [...plan.steps];
  const a = steps.findIndex((step) => step.name === first);
  const b = steps.findIndex((step) => step.name === second);
  const [one, other] = [steps[a], steps[b]];
  if (one === undefined || other === undefined) return plan;
  steps[a] = other;
  steps[b] = one;
  return { ...plan, steps };
}

/** Crashes and stops are tried at every call of this many stories: more of them find little more. */
const deepStories = 3;

/** Is the mutant found out by any story: told plainly, else with what it needs for ever denied, crashed or stopped anywhere? */
async function foundOut(stories: readonly Story[], { mutate, showsUnderFaults }: Mutant): Promise<boolean> {
  for (const story of stories) {
    const ended = await carryPlan(story, { mutate });
    if ([...(await untold(story, ended)), ...(await unlawful(story, ended))].length > 0) return true;
  }
  if (!showsUnderFaults) return false;
  const whole = stories.filter(({ ends }) => ends.kind === "done");
  for (const story of whole) if (await brokenByDenial(story, mutate)) return true;
  const deep = whole.filter((story) => story.deep);
  for (const story of deep.length > 0 ? deep : whole.slice(0, deepStories)) {
    const clean = await carryPlan(story, { mutate });
    if (await brokenAt(story, clean, (call) => ({ ...at(call, "crash-after"), mutate }))) return true;
    if (await brokenAt({ ...story, mayEnd: anyEnd }, clean, (call) => ({ ...stoppedFrom(call), mutate }))) return true;
  }
  return false;
}

async function brokenByDenial(story: Story, mutate: Mutant["mutate"]): Promise<boolean> {
  const { acts } = await carryPlan(story, { mutate });
  for (const name of new Set(acts.map((call) => call.name))) {
    const ended = await carryPlan(story, { mutate, fault: (call) => (call.name === name ? "denied" : undefined) });
    if ((await unlawful(story, ended)).length > 0) return true;
  }
  return false;
}

/**
 * Every mutant of the plans that these stories make is found out. `harmless` names those that are not and why: a step that only
 * waits, a gate that says earlier what a guard says later. A harmless one that is found out after all is an error too.
 */
export function mutationsOf(
  name: string,
  stories: readonly Story[],
  harmless: Readonly<Record<string, string>> = {},
): void {
  test(`${name}: a plan with one thing wrong is found out`, { timeout: 180_000 }, async () => {
    const mutants = new Map<string, Mutant>();
    for (const story of stories) {
      const ended = await carryPlan(story);
      const { plan } = ended;
      // A story that is not as told finds every mutant out, and none.
      expect({ story: story.title, untold: await untold(story, ended) }).toEqual({ story: story.title, untold: [] });
      for (const mutant of plan ? mutantsOf(plan) : []) mutants.set(mutant.name, mutant);
    }
    const survived: string[] = [];
    for (const mutant of mutants.values()) if (!(await foundOut(stories, mutant))) survived.push(mutant.name);
    expect(survived.toSorted()).toEqual(Object.keys(harmless).toSorted());
  });
}

/** Ids of the calls of one name, for a story's own assertions. */
export function callsOf({ calls }: Pick<Ended, "calls">, name: string): Call[] {
  return calls.filter((call) => call.name === name);
}

export function isOff(account: Account, id: InstanceId): boolean {
  return account.peek.machine(id).state === "stopped";
}
