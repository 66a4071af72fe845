/** What many scenarios do: wait for a card, let it run, look at the world. */
import type { Stage } from "../stage.ts";
import { minutes, seconds } from "./scenario.ts";

export async function cardAppears(stage: Stage, service: string): Promise<void> {
  await stage.until(`${service} has a card`, () => stage.card(service) !== undefined, minutes(12));
  // People read before they press.
  await stage.wait(seconds(30));
}

export async function proposes(stage: Stage, service: string, recovery: string, withinMs = minutes(60)): Promise<void> {
  const isProposed = () => {
    const phase = stage.caseOf(service)?.phase;
    return phase?.kind === "proposing" && phase.proposal.recovery === recovery;
  };
  await stage.until(`${recovery} is proposed for ${service}`, isProposed, withinMs);
  await stage.wait(seconds(30));
}

export async function resolves(stage: Stage, service: string, withinMs = minutes(60)): Promise<void> {
  const isOver = () => ["resolved", "needs-person"].includes(stage.phaseOf(service));
  await stage.until(`${service} is over`, isOver, withinMs);
  await stage.wait(minutes(1));
  stage.expect(`${service} is resolved`, stage.phaseOf(service) === "resolved");
  stage.expect(`${service} answers`, stage.answers(service));
}

/** Who holds the address, by its allocation id. */
export function holderOf(stage: Stage, allocationId: string): string | undefined {
  return stage.account.peek.addresses().find((each) => each.allocationId === allocationId)?.instanceId;
}

/** Writes of the bot that AWS took, by operation. */
export function wrote(stage: Stage, operation: string): number {
  const all = [...stage.account.writes, ...stage.dr.writes];
  return all.filter((each) => each.operation === operation && each.who === "medic" && each.outcome === "accepted")
    .length;
}

/** No address was ever on two, and none moved while its former holder still ran. */
export function addressesWereSafe(stage: Stage): boolean {
  const history = stage.account.peek.addressHistory();
  return history.every((one, i) =>
    history.every(
      (other, j) =>
        i === j ||
        one.allocationId !== other.allocationId ||
        one.from >= (other.to ?? Infinity) ||
        other.from >= (one.to ?? Infinity),
    ),
  );
}

/** Only what the bot itself launched for a drill may ever be terminated by it. */
export function terminatedNothing(stage: Stage): boolean {
  return wrote(stage, "TerminateInstances") === 0;
}
