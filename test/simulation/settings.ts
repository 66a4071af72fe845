/** The accounts and the settings of a night: what every service of the cast brings along, put together. */
import type { Settings } from "../../src/domain/settings.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { Account } from "../../src/memory/account.ts";
import { createAccount } from "../../src/memory/account.ts";
import type { SeededRandom } from "../../src/memory/seededRandom.ts";
import { createSharedWorld } from "../../src/memory/sharedWorld.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { drillGroup, drillSubnet, type Cast } from "./cast.ts";
import { accountId, drRegion, orphanAlarm, region, topic, zoneId, type Part } from "./places.ts";

/** The first is home; nights of lone machines have no other. */
export function simulatedAccounts({ kind, parts }: Cast, clock: Clock, random: SeededRandom): Account[] {
  const all = <T>(of: (part: Part) => readonly T[] | undefined): T[] => parts.flatMap((part) => of(part) ?? []);
  const shared = createSharedWorld({ clock, zones: [{ id: zoneId, records: all((part) => part.records) }] });
  const home = createAccount({
    ...{ clock, random, shared, accountId, region },
    machines: all((part) => part.machines),
    addresses: all((part) => part.addresses),
    groups: all((part) => part.groups),
    targetGroups: all((part) => part.targetGroups),
    snapshots: all((part) => part.snapshots),
    subnets: [{ id: drillSubnet, availabilityZone: `${region}a` }],
    securityGroups: [drillGroup],
    sites: [...all((part) => part.sites), { host: "control.example", via: { kind: "outside" } }],
    alarms: [...all((part) => part.alarms), orphanAlarm],
    stateNoticeTopics: [topic],
  });
  if (kind === "lone") return [home];
  const away = createAccount({
    ...{ clock, shared, accountId, region: drRegion, random: random.fork("away") },
    snapshots: all((part) => part.away?.snapshots),
    stateNoticeTopics: [topic],
  });
  return [home, away];
}

export function simulatedSettings({ parts }: Cast): Settings {
  return {
    services: new Map(parts.map(({ service }) => [service.name, service])),
    timing: { ...defaultTiming, windowMs: 30 * 60_000 },
    accounts: new Map(),
    defaultChannel: "#ops",
    digest: { cron: "0 9 * * *", timeZone: "Europe/Berlin", enabled: true },
    controlUrl: "https://control.example/",
  };
}
