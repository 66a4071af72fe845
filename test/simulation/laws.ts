/** What must hold in the whole world (DESIGN §6), beyond what one case can see. Every broken law is a sentence. */
import { brokenInCase } from "../../src/domain/invariants.ts";
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import { cardOf } from "../../src/domain/card.ts";
import type { CardModel } from "../../src/domain/cardModel.ts";
import type { Settings } from "../../src/domain/settings.ts";
import type { Account } from "../../src/memory/account.ts";
import type { PortCall } from "../../src/memory/callHooks.ts";
import type { MemoryTable } from "../../src/memory/memoryTable.ts";
import type { MemoryMessage } from "../../src/memory/memoryChat.ts";

export interface LawParts {
  readonly account: Account;
  readonly table: MemoryTable;
  readonly settings: Settings;
  readonly now: () => number;
}

export interface Laws {
  readonly broken: string[];
  readonly onCaseWrite: (service: string) => void;
  readonly onMutation: (worker: string, call: PortCall) => void;
  /** A person's word was stored: the switch is off from now on. */
  onSwitch(state: "on" | "off"): void;
  /** Keys of signals that were ever in a case. */
  readonly seenKeys: ReadonlySet<string>;
  atTheEnd(messages: readonly MemoryMessage[]): void;
}

export function makeLaws({ account, table, settings, now }: LawParts): Laws {
  const broken: string[] = [];
  const last = new Map<string, ServiceCase>();
  const seenKeys = new Set<string>();
  const reboots = new Map<string, number>();
  const ranProposals = new Set<string>();
  let offSince: number | undefined;
  const need = (holds: boolean, sentence: string) => void (holds || broken.push(`${stamp(now())} ${sentence}`));
  const caseOf = (service: string): ServiceCase | undefined => {
    const stored = table.cases.get(service);
    return stored && (JSON.parse(stored.body) as ServiceCase);
  };

  const onStart = (before: ServiceCase | undefined, after: ServiceCase) => {
    const { phase } = after;
    need(phase.kind === "recovering", `${after.service}: the run counter moved and nothing runs`);
    if (phase.kind !== "recovering") return;
    need(before?.phase.kind !== "recovering", `${after.service}: a second run beside the first`);
    const proposal = `${after.service} #${phase.order.proposal}`;
    need(!ranProposals.has(proposal), `${proposal} ran twice`);
    ranProposals.add(proposal);
    if (phase.order.by.kind === "person") return;
    need(!before?.hold || now() >= before.hold.until, `${after.service}: an automatic run started during a hold`);
    need(before?.incident?.toldAt !== undefined, `${after.service}: an automatic run started and nobody was told`);
    const offForMs = offSince === undefined ? 0 : now() - offSince;
    need(offForMs <= settings.timing.killSwitchAgeMs, `${after.service}: an automatic run started, the switch was off`);
  };

  return {
    broken,
    seenKeys,
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
      for (const sentence of brokenInCase(after)) need(false, `${service}: ${sentence}`);
      need(after.rev === (before?.rev ?? 0) + 1, `${service}: rev went from ${before?.rev ?? 0} to ${after.rev}`);
      need(after.cardVersion >= (before?.cardVersion ?? 0), `${service}: the card version went back`);
      if (after.runFence > (before?.runFence ?? 0)) onStart(before, after);
      if (before?.phase.kind === "recovering" && after.phase.kind !== "recovering") {
        needStartRemembered(account, after, need);
      }
    },
    onMutation: (worker, call) => {
      const instanceId = String(call.args[0]);
      const service = [...settings.services.values()].find(
        ({ target }) => target.kind === "instance" && target.instanceId === instanceId,
      );
      need(service !== undefined, `${worker} touches ${instanceId}, which belongs to no service`);
      if (service === undefined) return;
      const current = caseOf(service.name);
      const { phase } = current ?? {};
      need(phase?.kind === "recovering", `${worker} acts on ${service.name} in phase ${phase?.kind}`);
      const lease = table.leases.get(`run/${service.name}`);
      const isLive = lease?.owner === worker && lease.until > now();
      need(
        isLive,
        `${worker} acts on ${service.name} without a live lease (owner ${lease?.owner}, until ${lease?.until})`,
      );
      if (phase?.kind !== "recovering") return;
      need(phase.order.why !== "", `${service.name}: a run without a reason`);
      if (call.name !== "reboot") return;
      const count = (reboots.get(phase.runId) ?? 0) + 1;
      reboots.set(phase.runId, count);
      need(count === 1, `${phase.runId}: reboot number ${count}`);
    },
    atTheEnd: (messages) => {
      for (const service of settings.services.keys()) {
        const current = caseOf(service);
        if (current) checkEnd({ current, messages, table, account, settings, now: now(), need });
      }
      const terminated = account.writes.filter((w) => w.who === "medic" && w.operation === "TerminateInstances");
      need(terminated.length === 0, "the bot terminated an instance");
    },
  };
}

type Need = (holds: boolean, sentence: string) => void;

/** The run is over: a machine that the bot has switched off is on again, or its start stands as a debt. */
function needStartRemembered(account: Account, current: ServiceCase, need: Need): void {
  const { instanceId } = current.placement;
  if (instanceId === undefined) return;
  const { state } = account.peek.machine(instanceId);
  const ours = account.writes.filter((w) => w.instanceId === instanceId && w.outcome === "accepted").at(-1);
  const isOff = state === "stopped" || state === "stopping";
  const stoppedByUs = ours?.who === "medic" && ours.operation === "StopInstances";
  const owed = current.debts.some((debt) => debt.kind === "stopped-instance");
  need(
    !(isOff && stoppedByUs) || owed,
    `${current.service}: ${instanceId} is ${state} by us, and its start is forgotten`,
  );
}

function checkEnd(about: {
  readonly current: ServiceCase;
  readonly messages: readonly MemoryMessage[];
  readonly table: MemoryTable;
  readonly account: Account;
  readonly settings: Settings;
  readonly now: number;
  readonly need: Need;
}): void {
  const { current, messages, table, account, settings, now, need } = about;
  const { service, incident, phase } = current;
  needStartRemembered(account, current, need);
  const filed = table.records.get(`timeline/${service}`)?.size ?? 0;
  need(filed === current.entryCount, `${service}: ${filed} of ${current.entryCount} timeline entries are filed`);
  const rests = phase.kind === "idle" || phase.kind === "resolved" || phase.kind === "needs-person";
  need(rests, `${service}: still ${phase.kind} although nothing goes wrong any more`);
  if (incident === undefined) return;
  const cards = messages.filter((message) => message.key === incident.id);
  need(cards.length === 1, `${service}: ${cards.length} cards stand for ${incident.id}`);
  const shows = current.shown?.version ?? 0;
  need(shows >= current.cardVersion, `${service}: the card is at ${shows}, the store at ${current.cardVersion}`);
  const card = cards.at(-1)?.card;
  // A newer version that looks the same is not sent: what stands there must still be what the case says now.
  const wanted = cardOf({ current, service: settings.services.get(service), now });
  need(card?.title === wanted.title, `${service}: the card says "${card?.title}", the case "${wanted.title}"`);
  const offered = (buttons: CardModel["buttons"]) => buttons.map((button) => button.action).join(", ");
  const [stands, should] = [offered(card?.buttons ?? []), offered(wanted.buttons)];
  need(stands === should, `${service}: the card offers [${stands}], the case [${should}]`);
}

const stamp = (ms: number) => new Date(ms).toISOString().slice(11, 19);
