/** What the world must look like when a run has ended, and when the night is over. */
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Account } from "../../src/memory/account.ts";
import { drillTag, runTag, stepTag } from "../../src/ports/compute.ts";
import type { Court } from "./laws.ts";
import { machineAnywhere, servesBehind } from "./truth.ts";

const isOff = (state: string | undefined) => state === "stopped" || state === "stopping";

/** The run is over: what it borrowed is given back, or stands as a debt. */
export function borrowedLaws(court: Court, current: ServiceCase): void {
  const { need, accounts, settings } = court;
  const { service, placement } = current;
  const defined = settings.services.get(service);
  const owes = (id: string) => current.debts.some((debt) => debt.id === id);
  const home = placement.instanceId;
  if (home !== undefined) {
    const account = accounts.find((each) => each.scope === placement.scope);
    const state = machineAnywhere(court, home)?.state;
    const byUs = lastWrite(account, home);
    const isOurs = byUs?.who === "medic" && byUs.operation === "StopInstances";
    const forgotten = isOff(state) && isOurs && !current.debts.some(({ kind }) => kind === "stopped-instance");
    need("stopped-machine-owed", !forgotten, `${service}: ${home} is ${state} by us, and its start is forgotten`);
  }
  for (const account of accounts) {
    const suspended = account.peek
      .groups()
      .filter(({ name }) => defined?.target.kind === "asg" && defined.target.asgName === name);
    for (const group of suspended) {
      const left = group.suspended.join(", ");
      need(
        "suspended-owed",
        left === "" || owes(`suspended-processes/${group.name}`),
        `${service}: ${left} stay suspended, owed by nobody`,
      );
      need(
        "raised-max-owed",
        group.max <= maxOf(account, group.name) || owes(`raised-max/${group.name}`),
        `${service}: max is ${group.max}, owed by nobody`,
      );
    }
  }
  const allocationId = placement.allocationId ?? defined?.elasticIp;
  const address = accounts.flatMap(({ peek }) => peek.addresses()).find((each) => each.allocationId === allocationId);
  const released = accounts.some(({ writes }) =>
    writes.some((w) => w.who === "medic" && w.operation === "DisassociateAddress"),
  );
  if (
    address &&
    released &&
    address.instanceId === undefined &&
    machineAnywhere(court, home ?? "")?.state !== "terminated"
  ) {
    const isOwed = owes(`address/${address.allocationId}`);
    need(
      "address-owed",
      isOwed || lostByItself(court, address.allocationId),
      `${service}: ${address.publicIp} is on nobody, owed by nobody`,
    );
  }
}

function lastWrite(account: Account | undefined, id: string) {
  return account?.writes.filter((w) => w.instanceId === id && w.outcome === "accepted").at(-1);
}

/** The group of tonight's cast that may have its max raised begins with this one. */
const maxOf = (_account: Account, group: string) => (group === "search" ? 3 : 1);

/** Its last holder was terminated, which lets go of an address without anybody's call. */
function lostByItself(court: Court, allocationId: string): boolean {
  const holding = court.accounts.flatMap(({ peek }) => peek.addressHistory(allocationId)).at(-1);
  const state = machineAnywhere(court, holding?.instanceId ?? "")?.state;
  return state === undefined || state === "terminated" || state === "shutting-down";
}

/** Nothing goes wrong any more: the case knows where the service lives, and every former home is off, watched or owed. */
export function quietLaws(court: Court, current: ServiceCase): void {
  const { need, accounts, settings } = court;
  const { service, placement, debts, former } = current;
  const defined = settings.services.get(service);
  const isOfGroup = defined?.target.kind === "asg";
  for (const { instanceId, byRun, returned, quarantined } of former) {
    const state = machineAnywhere(court, instanceId)?.state;
    const isKnown =
      returned !== undefined || quarantined !== undefined || debts.some((d) => d.id === `unfenced/${instanceId}`);
    if (byRun !== undefined && !isOfGroup)
      need("former-is-known", state !== "running" || isKnown, `${service}: ${instanceId} runs again, and nobody knows`);
  }
  if (debts.length > 0 || placement.instanceId === undefined || isOfGroup) return;
  const home = placement.instanceId;
  const allocationId = placement.allocationId;
  const address = accounts.flatMap(({ peek }) => peek.addresses()).find((each) => each.allocationId === allocationId);
  if (address?.instanceId !== undefined)
    need(
      "address-at-home",
      address.instanceId === home,
      `${service} lives on ${home}, its address is on ${address.instanceId}`,
    );
  if (defined?.dns === undefined) return;
  const behind = servesBehind(court, defined.dns.zoneId, defined.dns.name).map(({ id }) => id);
  need(
    "record-leads-home",
    behind.length === 0 || behind.includes(home),
    `${service} lives on ${home}, its record leads to ${behind.join(", ")}`,
  );
}

export function wholeNightLaws(court: Court): void {
  const { need, accounts, settings } = court;
  const debts = [...settings.services.keys()].flatMap((service) => court.caseOf(service)?.debts ?? []);
  for (const account of accounts) {
    const { peek, writes, region } = account;
    for (const write of writes) {
      if (write.who !== "medic" || write.operation !== "TerminateInstances" || write.outcome !== "accepted") continue;
      const tags = peek.machines().find(({ id }) => id === write.instanceId)?.tags;
      need("terminates-drills-only", tags?.[drillTag.key] === drillTag.value, `the bot terminated ${write.instanceId}`);
    }
    for (const { id, state, tags } of peek.machines()) {
      const isDrill = tags[drillTag.key] === drillTag.value && state !== "terminated" && state !== "shutting-down";
      const isOwed = debts.some((debt) => debt.kind === "drill-instance" && debt.data?.["instanceId"] === id);
      need(
        "drill-owed",
        !isDrill || isOwed || debts.some(({ id: debt }) => debt === `drill-instance/${tags[runTag]}`),
        `drill instance ${id} is ${state}, owed by nobody`,
      );
    }
    const made = {
      instances: peek.machines(),
      volumes: peek.volumes(),
      snapshots: peek.snapshots(),
      images: peek.images(),
    };
    for (const [kind, things] of Object.entries(made)) {
      const keys = things.flatMap(({ tags }) =>
        tags[runTag] === undefined || tags[stepTag] === undefined
          ? []
          : [`${tags[runTag]} ${tags[stepTag]} ${tags["ec2-medic:device"] ?? ""}`.trim()],
      );
      const twice = keys.filter((key, at) => keys.indexOf(key) !== at);
      need("made-once", twice.length === 0, `${region}: ${kind} made twice: ${twice.join("; ")}`);
    }
  }
}
