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

/** People were told by mail before the bot first touched anything, and once more that it is about to act. */
export function toldBeforeActing(stage: Stage, since = 0): boolean {
  const writes = botWrites(stage).filter((each) => each.at >= since);
  const first = Math.min(...writes.map((each) => each.at));
  return stage.mailbox.mails.some(
    (mail) => mail.at >= since && mail.at <= first && /^\[(bad|about to act)\]/.test(mail.subject),
  );
}

/** The card says who decided it: a person by name, or the rule. */
export function decidedBy(stage: Stage, service: string, who: string): boolean {
  return stage.card(service)?.body.includes(who) === true;
}

/** When the bot last did this, epoch ms; NaN when it never did. */
export function wroteAt(stage: Stage, operation: string): number {
  return botWrites(stage).findLast((each) => each.operation === operation)?.at ?? Number.NaN;
}

function botWrites(stage: Stage): readonly { readonly at: number; readonly operation: string }[] {
  return [...stage.account.writes, ...stage.dr.writes]
    .filter((each) => each.who === "medic" && each.outcome === "accepted")
    .toSorted((a, b) => a.at - b.at);
}

/** Writes of the bot that AWS took, by operation. */
export function wrote(stage: Stage, operation: string): number {
  return botWrites(stage).filter((each) => each.operation === operation).length;
}

/** No address was ever on two machines at one time. */
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
