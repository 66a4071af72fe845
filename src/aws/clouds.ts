/** The cloud of each account and region: the bot's own with its own credentials, others by the role that medic.yaml names. */
import { NotFound } from "../domain/errors.ts";
import type { AccountDefinition } from "../domain/service.ts";
import type { Scope } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Cloud, Clouds, OnBehalf } from "../ports/cloud.ts";
import type { Log } from "../ports/log.ts";
import { assumedRole, readSession, runSession, sessionKey, type RoleSession } from "./assumedRole.ts";
import { regionClients, stsClient } from "./clients.ts";
import { awsCloud } from "./cloud.ts";
import { route53GapMs } from "./dns.ts";
import { slotsEvery, type Slot } from "./slots.ts";

export interface CloudsParts {
  /** By account id; every other account is entered with the bot's own credentials. */
  readonly accounts: ReadonlyMap<string, AccountDefinition>;
  readonly awsCallMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Runs that go on at once, with room: an older one's session is simply made again when it is needed. */
const runCloudsMax = 64;

/** Clouds are made when they are first asked for, and kept. Throws NotFound for what names no account and region. */
export function awsClouds(parts: CloudsParts): Clouds {
  const standing = new Map<string, Cloud>();
  const ofRuns = new Map<string, Cloud>();
  const slots = new Map<string, Slot>();
  // Route 53 counts the requests of a whole account, from whatever region and session they come.
  const slotOf = (account: string): Slot => kept(slots, account, () => slotsEvery(route53GapMs, parts.clock));
  const make = (account: string, region: string, session?: RoleSession): Cloud => {
    const { awsCallMs, clock, log } = parts;
    const credentials = session && assumedRole(stsClient(region, awsCallMs, clock), session, clock);
    const clients = regionClients(region, awsCallMs, clock, credentials);
    return awsCloud(clients, { clock, log, dnsSlot: slotOf(account) });
  };
  return (scope: Scope, onBehalf?: OnBehalf) => {
    const [account = "", region = ""] = scope.split("/");
    if (region === "") throw new NotFound(`account and region ${scope}`);
    const role = parts.accounts.get(account);
    if (role === undefined) return kept(standing, scope, () => make(account, region));
    if (onBehalf === undefined) return kept(standing, scope, () => make(account, region, readSession(role)));
    const session = runSession(role, onBehalf);
    const cloud = kept(ofRuns, `${scope}\n${sessionKey(session)}`, () => make(account, region, session));
    const [oldest] = ofRuns.keys();
    if (ofRuns.size > runCloudsMax && oldest !== undefined) ofRuns.delete(oldest);
    return cloud;
  };
}

function kept<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
