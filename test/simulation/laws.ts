/** What must hold in the whole world (DESIGN §6), beyond what one case can see. Every broken law is a sentence. */
import { brokenInCase } from "../../src/domain/invariants.ts";
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Settings } from "../../src/domain/settings.ts";
import { ladderRecoveries } from "../../src/domain/words.ts";
import type { Account } from "../../src/memory/account.ts";
import { caseIn, type MemoryTable } from "../../src/memory/memoryTable.ts";
import type { MemoryMessage } from "../../src/memory/memoryChat.ts";
import { actLaws, type Act } from "./actLaws.ts";
import { cardLaws } from "./cardLaws.ts";
import { borrowedLaws, quietLaws, wholeNightLaws } from "./worldLaws.ts";

export interface LawParts {
  /** The first is home. */
  readonly accounts: readonly Account[];
  readonly table: MemoryTable;
  readonly settings: Settings;
  readonly now: () => number;
}

/** What every kind of law is judged by. */
export interface Court extends LawParts {
  readonly need: (holds: boolean, sentence: string) => void;
  /** As it stands in the store. */
  readonly caseOf: (service: string) => ServiceCase | undefined;
}

export interface Laws {
  readonly broken: string[];
  readonly onCaseWrite: (service: string) => void;
  /** A mutating call is about to land. */
  readonly onAct: (act: Act) => void;
  /** It has landed. */
  readonly onLanded: (act: Act) => void;
  /** A person's word was stored: the switch is off from now on. */
  onSwitch(state: "on" | "off"): void;
  /** Keys of signals that were ever in a case. */
  readonly seenKeys: ReadonlySet<string>;
  atTheEnd(messages: readonly MemoryMessage[]): void;
}

export function makeLaws(parts: LawParts): Laws {
  const { table, settings, now } = parts;
  const broken: string[] = [];
  const last = new Map<string, ServiceCase>();
  const seenKeys = new Set<string>();
  let offSince: number | undefined;
  const court: Court = {
    ...parts,
    need: (holds, sentence) => void (holds || broken.push(`${stamp(now())} ${sentence}`)),
    caseOf: (service) => caseIn(table, service),
  };
  const { need, caseOf } = court;
  const acts = actLaws(court);
  const onStart = startLaws(court, () => (offSince === undefined ? 0 : now() - offSince));

  return {
    broken,
    seenKeys,
    ...acts,
    onSwitch: (state) => {
      if (state === "on") offSince = undefined;
      else offSince ??= now();
    },
    onCaseWrite: (service) => {
      const after = caseOf(service);
      const before = last.get(service);
      // A refused write changes nothing.
      if (after === undefined || after.rev === before?.rev) return;
      last.set(service, after);
      for (const { key } of after.seen) seenKeys.add(key);
      for (const sentence of brokenInCase(after, table.cases.get(service)?.body.length))
        need(false, `${service}: ${sentence}`);
      need(after.rev === (before?.rev ?? 0) + 1, `${service}: rev went from ${before?.rev ?? 0} to ${after.rev}`);
      need(after.cardVersion >= (before?.cardVersion ?? 0), `${service}: the card version went back`);
      if (after.runFence > (before?.runFence ?? 0)) onStart(before, after);
      if (before?.phase.kind === "recovering" && after.phase.kind !== "recovering") borrowedLaws(court, after);
    },
    atTheEnd: (messages) => {
      for (const service of settings.services.keys()) {
        const current = caseOf(service);
        if (current === undefined) continue;
        borrowedLaws(court, current);
        cardLaws(court, current, messages);
        quietLaws(court, current);
      }
      wholeNightLaws(court);
    },
  };
}

/** A run begins: one at a time, once for each proposal, and by itself only upwards, told, and neither held nor switched off. */
function startLaws({ need, settings, now }: Court, offForMs: () => number) {
  const ranProposals = new Set<string>();
  return (before: ServiceCase | undefined, after: ServiceCase): void => {
    const { phase, service } = after;
    need(phase.kind === "recovering", `${service}: the run counter moved and nothing runs`);
    if (phase.kind !== "recovering") return;
    need(before?.phase.kind !== "recovering", `${service}: a second run beside the first`);
    const { order } = phase;
    const proposal = `${service} #${order.proposal}`;
    need(!ranProposals.has(proposal), `${proposal} ran twice`);
    ranProposals.add(proposal);
    if (order.by.kind === "person") return;
    const known = (ladderRecoveries as readonly string[]).includes(order.recovery);
    need(known, `${service}: a rule ordered ${order.recovery}`);
    const incident = before?.incident;
    const rung = incident?.ladder[order.rung];
    need(
      rung?.recovery === order.recovery,
      `${service}: a rule ran ${order.recovery}, which is not rung ${order.rung}`,
    );
    need(rung?.mode === "auto", `${service}: rung ${order.rung} is ${rung?.mode} and ran by itself`);
    need(
      order.rung > (incident?.highestActed ?? -1),
      `${service}: an automatic run of rung ${order.rung}, and ${incident?.highestActed} acted already`,
    );
    need((order.options ?? []).length === 0, `${service}: a rule consented to ${order.options?.join(", ")}`);
    need(!before?.hold || now() >= before.hold.until, `${service}: an automatic run started during a hold`);
    need(incident?.toldAt !== undefined, `${service}: an automatic run started and nobody was told`);
    need(offForMs() <= settings.timing.killSwitchAgeMs, `${service}: an automatic run started, the switch was off`);
  };
}

const stamp = (ms: number) => new Date(ms).toISOString().slice(11, 19);
