/** What goes wrong in the world during a night, and what people do there by hand. */
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { Account } from "../../src/memory/account.ts";
import { accountFaults, type AccountFault, type MachineFault } from "../../src/memory/accountFaults.ts";
import { cloudFaults } from "../../src/memory/cloudFaults.ts";
import { groupFaults } from "../../src/memory/groupFaults.ts";
import type { SeededRandom } from "../../src/memory/seededRandom.ts";
import type { Cast } from "./cast.ts";
import { orphanAlarm, volumeTag } from "./places.ts";

export interface Chaos {
  readonly cast: Cast;
  readonly random: SeededRandom;
  /** The first is home. */
  readonly accounts: readonly Account[];
  readonly tell: (line: string) => void;
}

const lonely: readonly MachineFault[] = [
  "kernel-hangs",
  "kernel-hangs-for-good",
  "host-fails",
  "process-dies",
  "disk-full",
  "stuck-stopping",
  "stuck-stopping-for-ever",
  "stopped-by-a-person",
];

/** Of a machine that another one can take over from; so are those of a whole account there. */
const replaceable: readonly MachineFault[] = [
  ...lonely,
  "host-fails",
  "kernel-hangs-for-good",
  "terminated-by-somebody",
];

/** How often each begins, per look; those that take a region or all names with them are rare. */
const rare: ReadonlySet<AccountFault> = new Set<AccountFault>(["region-down", "region-api-down", "zone-down"]);

export function breakSomething({ cast, random, accounts, tell }: Chaos): void {
  const [home] = accounts;
  if (home === undefined) return;
  const isLone = cast.kind === "lone";
  if (random.chance(0.12)) {
    const machines = home.peek.machines().filter(({ state }) => state !== "terminated");
    const machine = machines.length > 0 ? random.pick(machines) : undefined;
    if (machine) home.break(random.pick(isLone ? lonely : replaceable), machine.id);
  }
  if (random.chance(0.03)) home.setAlarm(orphanAlarm.name, "ALARM", "jobs wait");
  breakAccounts({ cast, random, accounts, tell });
  if (random.chance(0.04)) {
    home.faults.throttledCalls = random.int(1, 20);
    tell(`AWS throttles the next ${home.faults.throttledCalls} calls`);
  }
  if (isLone) return;
  if (random.chance(0.06)) startSomething(random, home);
  if (random.chance(0.05)) {
    for (const { name } of home.peek.groups()) home.setLoad(name, random.pick([40, 60, 170, 260]));
  }
  if (random.chance(0.3)) for (const { service } of cast.parts) writeNextPage(service, home);
}

/** Whatever may be drawn begins now and then, and is usually over a minute or two later. */
function breakAccounts({ cast, random, accounts }: Chaos): void {
  for (const account of accounts) {
    for (const fault of faultsOf(cast)) {
      if (account.accountHas(fault)) {
        if (random.chance(0.35)) account.mendAccount(fault);
      } else if (random.chance(rare.has(fault) ? 0.002 : cast.kind === "lone" ? 0.02 : 0.008)) {
        const where = placeOf(fault, account, random);
        account.breakAccount(fault, where === undefined ? {} : { in: where });
      }
    }
  }
}

export function faultsOf(cast: Cast): readonly AccountFault[] {
  return cast.kind === "lone" ? accountFaults : [...accountFaults, ...groupFaults, ...cloudFaults];
}

function placeOf(fault: AccountFault, { region }: Account, random: SeededRandom): string | undefined {
  if (fault !== "no-capacity-in" && fault !== "zone-down") return undefined;
  return `${region}${random.pick(["a", "b", "c"])}`;
}

/** The original returns, or somebody starts what is off: also at the wrong moment. */
function startSomething(random: SeededRandom, home: Account): void {
  const off = home.peek.machines().filter(({ state }) => state === "stopped");
  if (off.length === 0) return;
  const { id } = random.pick(off);
  void home.calls.start("somebody", [id]).catch(() => undefined);
}

/** The service writes to its volume while it serves: what is written must not be lost by any move. */
function writeNextPage(service: ServiceDefinition, home: Account): void {
  if (service.pattern !== "asg-ebs" || service.target.kind !== "asg") return;
  const site = home.peek.site(`${service.name}.example`);
  if (site.kind !== "answers" || site.status >= 400 || site.by === undefined) return;
  const member = home.peek.group(service.target.asgName).members.find(({ id }) => id === site.by);
  const volume = home.peek.volumes().find((each) => each.attachment?.instanceId === site.by && isData(each.tags));
  if (member?.lifecycle !== "InService" || volume?.attachment?.state !== "attached") return;
  home.writeData(volume.id, `page ${pageOf(volume.content.marker) + 1}`);
}

const isData = (tags: Readonly<Record<string, string>>) => tags[volumeTag.key] === volumeTag.value;

export function pageOf(marker: string): number {
  return Number(/^page (\d+)$/.exec(marker)?.[1] ?? 0);
}
