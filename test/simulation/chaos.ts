/** What goes wrong in the world during a night, and what people do there by hand: drawn here, done in deeds.ts. */
import type { Account } from "../../src/memory/account.ts";
import { accountFaults, type AccountFault, type MachineFault } from "../../src/memory/accountFaults.ts";
import { cloudFaults } from "../../src/memory/cloudFaults.ts";
import { groupFaults } from "../../src/memory/groupFaults.ts";
import type { SeededRandom } from "../../src/memory/seededRandom.ts";
import type { Cast } from "./cast.ts";
import type { Deed } from "./history.ts";
import type { Worker } from "./worker.ts";

export interface Chaos {
  readonly cast: Cast;
  readonly random: SeededRandom;
  /** The first is home. */
  readonly accounts: readonly Account[];
  readonly alive: () => readonly Worker[];
  readonly act: (deed: Deed) => void;
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

export function breakSomething(chaos: Chaos): void {
  const { cast, random, accounts, act } = chaos;
  const [home] = accounts;
  if (home === undefined) return;
  const isLone = cast.kind === "lone";
  if (random.chance(0.12)) {
    const machines = home.peek.machines().filter(({ state }) => state !== "terminated");
    const machine = machines.length > 0 ? random.pick(machines) : undefined;
    if (machine) act({ kind: "break", fault: random.pick(isLone ? lonely : replaceable), machine: machine.id });
  }
  if (random.chance(0.03)) act({ kind: "orphan-alarm" });
  breakAccounts(chaos);
  if (random.chance(0.04)) act({ kind: "throttle", calls: random.int(1, 20) });
  if (!isLone) disturbPatterns(chaos, home);
  breakWorkers(chaos);
}

/** The original returns, or somebody starts what is off, also at the wrong moment; load comes and goes; data is written. */
function disturbPatterns({ cast, random, act }: Chaos, home: Account): void {
  if (random.chance(0.06)) {
    const off = home.peek.machines().filter(({ state }) => state === "stopped");
    if (off.length > 0) act({ kind: "start", machine: random.pick(off).id });
  }
  if (random.chance(0.05)) {
    for (const { name } of home.peek.groups())
      act({ kind: "load", group: name, percent: random.pick([40, 60, 170, 260]) });
  }
  if (!random.chance(0.3)) return;
  for (const { service } of cast.parts) if (service.pattern === "asg-ebs") act({ kind: "page", service: service.name });
}

function breakWorkers({ random, alive, act }: Chaos): void {
  for (const { name } of alive()) {
    if (random.chance(0.06)) act({ kind: "kill", worker: name, calls: random.int(1, 60), afterIt: random.chance(0.5) });
    else if (random.chance(0.06)) act({ kind: "stall", worker: name, ms: random.int(5, 90) * 1_000 });
  }
  if (alive().length < 2 && random.chance(0.6)) act({ kind: "hire" });
}

/** Whatever may be drawn begins now and then, and is usually over a minute or two later. */
function breakAccounts({ cast, random, accounts, act }: Chaos): void {
  for (const account of accounts) {
    const { region } = account;
    for (const fault of faultsOf(cast)) {
      if (account.accountHas(fault)) {
        if (random.chance(0.35)) act({ kind: "mend", region, fault });
      } else if (random.chance(rare.has(fault) ? 0.002 : cast.kind === "lone" ? 0.02 : 0.008)) {
        const where = placeOf(fault, region, random);
        act({ kind: "account", region, fault, ...(where === undefined ? {} : { in: where }) });
      }
    }
  }
}

export function faultsOf(cast: Cast): readonly AccountFault[] {
  return cast.kind === "lone" ? accountFaults : [...accountFaults, ...groupFaults, ...cloudFaults];
}

function placeOf(fault: AccountFault, region: string, random: SeededRandom): string | undefined {
  if (fault !== "no-capacity-in" && fault !== "zone-down") return undefined;
  return `${region}${random.pick(["a", "b", "c"])}`;
}
