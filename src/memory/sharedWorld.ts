/**
 * What several simulated accounts and regions have in common: one agenda, so that things happen in one order; DNS, which is global;
 * the routing controls of ARC; and each other, for copies from region to region.
 */
import type { Clock } from "../ports/clock.ts";
import { createAgenda } from "./agenda.ts";
import type { Agenda } from "./agenda.ts";
import { openDns } from "./dnsZones.ts";
import type { DnsDefinitions, DnsWorld } from "./dnsModel.ts";
import type { World } from "./world.ts";

export interface SharedWorld {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly worlds: Set<World>;
  readonly dns: DnsWorld;
  /** How many things have got an id. */
  made: number;
}

export interface SharedWorldOptions extends DnsDefinitions {
  readonly clock: Clock;
}

export function createSharedWorld(options: SharedWorldOptions): SharedWorld {
  const agenda = createAgenda(options.clock);
  const worlds = new Set<World>();
  return { clock: options.clock, agenda, worlds, dns: openDns(options, { agenda, worlds }), made: 0 };
}
