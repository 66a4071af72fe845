/**
 * Somebody starts the old machine again, at every point of a run: whatever then gives anything to the new one finds it off, or owed.
 * The instant itself is nobody's: who starts it between the last look and the act cannot be seen.
 */
import { describe, expect, test } from "vitest";
import type { InstanceId } from "../../src/domain/words.ts";
import { carryPlan, machineIn, type Variation } from "./planWorld.ts";
import type { Call, Ended, PlanWorld, Story } from "./planStory.ts";

const gives = [
  ...["compute.launch", "compute.disassociate", "compute.associate"],
  ...["dns.upsert", "dns.setInverted", "routing.set", "scaling.register"],
];

interface Start {
  /** Number of the call before which it happens; not before the machine is off. */
  readonly call: number;
  /** The worker dies in the same moment, so that time passes between any two calls. */
  readonly crash: boolean;
}

/** What is wrong with a run in which this happened. [] = nothing. */
async function brokenBy(story: Story, old: InstanceId, start: Start, over: Variation = {}): Promise<string[]> {
  const found: string[] = [];
  let startedAt: number | undefined;
  let startedBefore = Infinity;
  const given = new Set<string>();
  let owed = false;
  let gaveSince = false;
  const meanwhile = (call: Call, world: PlanWorld): void => {
    const { state } = machineIn(world, old);
    if (call.args[0] === `unfenced/${old}` && call.name.startsWith("control.")) owed = call.name === "control.borrow";
    if (startedAt === undefined && call.number >= start.call && state === "stopped") {
      startedAt = call.at;
      startedBefore = call.number;
      void home(world, old).calls.start("somebody", [old]);
    }
    if (!gives.includes(call.name)) return;
    // Records that are sent once more, to hear of INSYNC, give nothing that has not been given.
    const said = JSON.stringify([call.name, call.args]);
    const again = call.name === "dns.upsert" && given.has(said);
    given.add(said);
    if (startedAt === undefined || call.at <= startedAt || again) return;
    gaveSince = true;
    if (state !== "stopped" && !owed) found.push(`${call.said} while ${old} is ${state} and its stop is not owed`);
  };
  const fault: Variation["fault"] = ({ number }) =>
    start.crash && number === startedBefore ? "crash-after" : undefined;
  const ended = await carryPlan({ ...story, meanwhile, fenced: [] }, { ...over, fault });
  return [...found, ...leftBehind(ended, old, gaveSince)];
}

function leftBehind(ended: Ended, old: InstanceId, gaveSince: boolean): string[] {
  const { outcome, debts, moved } = ended;
  const { state } = machineIn(ended, old);
  const found: string[] = [];
  if (outcome === undefined) found.push("it never ended");
  if (moved && gaveSince && state === "running" && !debts.includes(`unfenced/${old}`))
    found.push(`${old} runs beside its successor, and nobody owes its stop`);
  if (outcome?.kind === "done" && debts.includes(`stopped-instance/${old}`))
    found.push(`the service has moved, and the start of ${old} is still owed`);
  const isOff = state === "stopped" || state === "stopping";
  if (isOff && !moved && outcome?.kind !== "done" && !debts.includes(`stopped-instance/${old}`))
    found.push(`${old} is ${state}, the service has not moved, and nobody owes its start`);
  return found;
}

function home({ accounts }: PlanWorld, id: InstanceId) {
  const found = accounts.find(({ peek }) => peek.machines().some((machine) => machine.id === id));
  if (found === undefined) throw new Error(`no account has a machine ${id}`);
  return found;
}

/** The first point at which something breaks. */
async function brokenAnywhere(
  story: Story,
  old: InstanceId,
  crashes: readonly boolean[],
  over: Variation = {},
): Promise<string | undefined> {
  const { calls } = await carryPlan({ ...story, fenced: [] }, over);
  const stopped = calls.find(({ name }) => name === "compute.stop")?.number ?? 1;
  for (const { number, said } of calls.filter((call) => call.number > stopped)) {
    for (const crash of crashes) {
      const broken = await brokenBy(story, old, { call: number, crash }, over);
      if (broken.length > 0) return `started before ${number} ${said}${crash ? ", crashed" : ""}: ${broken.join("; ")}`;
    }
  }
  return undefined;
}

/** Each story as it is, and then with each step's last look left out, which must show. */
export function startedAgainAnywhere(stories: readonly Story[], old: InstanceId): void {
  describe.each([...stories])("started again anywhere: $title", (story) => {
    test("it is off, or owed, or the run ends", { timeout: 180_000 }, async () => {
      expect(await brokenAnywhere(story, old, [true, false])).toBeUndefined();
    });

    test("each last look is needed", { timeout: 180_000 }, async () => {
      const { plan } = await carryPlan({ ...story, fenced: [] });
      const looking = (plan?.steps ?? [])
        .filter((step) => "clearsTheWay" in step && "act" in step)
        .map(({ name }) => name);
      const entered = await namesReached(story, looking);
      const unseen: string[] = [];
      for (const step of entered) {
        const mutate: NonNullable<Variation["mutate"]> = (whole) => ({
          ...whole,
          steps: whole.steps.map((each) => {
            if (each.name !== step) return each;
            return { ...each, clearsTheWay: async () => {} };
          }),
        });
        if ((await brokenAnywhere(story, old, [true], { mutate })) === undefined) unseen.push(step);
      }
      expect(unseen).toEqual([]);
      expect(entered.length).toBeGreaterThan(0);
    });
  });
}

/** Steps whose act is started in this story, but for one that only takes something from the old machine. */
async function namesReached(story: Story, names: readonly string[]): Promise<string[]> {
  const { starts } = await carryPlan({ ...story, fenced: [] });
  return names.filter((name) => (starts.get(name) ?? 0) > 0 && !name.includes("send nothing to the old instance"));
}
