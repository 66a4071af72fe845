/**
 * Fresh reads about one service, by id and never by listing everything (an availability zone that is down makes lists fail).
 * Every read stands alone: one that fails or is throttled is unknown and takes nothing else with it.
 */
import { recoveryName } from "../domain/recoveryWords.ts";
import { Throttled, codeOf } from "../domain/errors.ts";
import type { Evidence, Reading } from "../domain/evidence.ts";
import { clip } from "../domain/limits.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import { utc } from "../domain/text.ts";
import type { Scope, Verdict } from "../domain/words.ts";
import type { AlarmView } from "../ports/alarms.ts";
import type { Clock } from "../ports/clock.ts";
import type { Cloud } from "../ports/cloud.ts";
import type { InstanceChecks, InstanceView } from "../ports/compute.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { ProbeAnswer } from "../ports/prober.ts";
import { isIdle } from "../ports/scaling.ts";
import { groupReading, nobodyAsks, targetsReading } from "./groupReadings.ts";
import type { GuardedProbe } from "./guardedProbe.ts";

export interface EvidenceParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly probe: GuardedProbe;
  /** Throttling is AWS being sick: the scope's book counts it. */
  readonly onThrottled: (current: ServiceCase) => void;
}

export interface Asked {
  readonly current: ServiceCase;
  readonly service: ServiceDefinition | undefined;
  readonly cloud: Cloud;
  /** Target groups that the inventory knows for this service. */
  readonly targetGroupArns: readonly string[];
  /** Alarms stay where they were made, wherever a run has taken the service. */
  readonly cloudOf?: (scope: Scope) => Cloud;
}

export interface Gathered {
  readonly evidence: Evidence;
  readonly instance: InstanceView | undefined;
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** Lines of recent changes that a card can use. */
const changesMax = 5;
const activitiesMax = 3;

export async function gatherEvidence(parts: EvidenceParts, asked: Asked): Promise<Gathered> {
  const { current, service, cloud } = asked;
  const { instanceId, asgName } = current.placement;
  const read = reader(parts, current);
  const names = alarmNames(current);
  const isGroup = asgName !== undefined && instanceId === undefined;
  const [instance, checks, alarms, targets, probe, activities, group] = await Promise.all([
    instanceId ? read("instance", () => cloud.compute.instance(instanceId)) : undefined,
    instanceId ? read("checks", () => cloud.compute.checks(instanceId)) : undefined,
    names.length > 0 ? read("alarms", () => alarmsOf(asked, names)) : undefined,
    instanceId && asked.targetGroupArns.length > 0
      ? read("targets", () => cloud.scaling.targetHealth(instanceId, asked.targetGroupArns))
      : undefined,
    service?.probe ? parts.probe.ask(service.probe) : undefined,
    asgName ? read("activities", () => cloud.scaling.activities(asgName, activitiesMax)) : undefined,
    isGroup ? readGroup(read, cloud, { asgName, targetGroupArns: asked.targetGroupArns }, parts.clock) : [],
  ]);
  const readAt = parts.clock.now();
  const readings: Reading[] = [];
  if (instance && checks) readings.push(ec2Reading(instance, checks, readAt));
  readings.push(...group);
  if (probe) readings.push(probeReading(probe, readAt));
  if (targets) readings.push(...targetReadings(targets, readAt));
  const view = instance?.ok ? instance.value : undefined;
  const stoppedByPerson = instance?.ok ? wasStoppedByPerson(view, current) : undefined;
  const evidence: Evidence = {
    readings,
    alarms: alarms?.ok ? alarmStates(current, alarms.value) : [],
    ...(stoppedByPerson === undefined ? {} : { stoppedByPerson }),
    ...(view?.state === "terminated" || view?.state === "shutting-down" ? { terminated: view.stateReason ?? "" } : {}),
    changes: changesOf({ view, current, activities: activities?.ok ? activities.value : [] }),
  };
  return { evidence, instance: view };
}

/** By the place where each alarm was made, else the service's own home. */
async function alarmsOf({ current, service, cloud, cloudOf }: Asked, names: readonly string[]): Promise<AlarmView[]> {
  const home = service?.scope ?? current.placement.scope;
  if (cloudOf === undefined || home === current.placement.scope) return cloud.alarms.byName(names);
  const arns = new Map(current.bad.map((b) => [alarmOfSubject(b.subject), b.alarmArn]));
  const scopeOf = (name: string): Scope => {
    const [, , , region, account] = arns.get(name)?.split(":") ?? [];
    return region && account ? (`${account}/${region}` as Scope) : home;
  };
  const scopes = [...new Set(names.map(scopeOf))];
  const found = scopes.map((scope) => cloudOf(scope).alarms.byName(names.filter((name) => scopeOf(name) === scope)));
  return (await Promise.all(found)).flat();
}

/** A service on several machines is seen by its group and by every target, not by one instance. */
async function readGroup(
  read: ReturnType<typeof reader>,
  { scaling }: Cloud,
  about: { readonly asgName: string; readonly targetGroupArns: readonly string[] },
  clock: Clock,
): Promise<Reading[]> {
  const group = await read("group", () => scaling.group(about.asgName));
  const targets = await Promise.all(about.targetGroupArns.map((arn) => read("targets", () => scaling.targets(arn))));
  const readAt = clock.now();
  const unread = (kind: "ec2" | "target", why: string): Reading => ({
    ...{ kind, verdict: "unknown", readAt },
    detail: `${kind === "ec2" ? "the group" : "target health"} could not be read (${why})`,
  });
  return [
    group.ok ? groupReading(group.value, readAt) : unread("ec2", group.why),
    ...targets.flatMap((each) => {
      if (!each.ok) return unread("target", each.why);
      return nobodyAsks(each.value) ? [] : targetsReading(each.value, readAt);
    }),
  ];
}

function reader({ log, metrics, onThrottled }: EvidenceParts, current: ServiceCase) {
  return async <T>(what: string, work: () => Promise<T>): Promise<Read<T>> => {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      const code = codeOf(error);
      if (error instanceof Throttled) onThrottled(current);
      metrics.count("medic_evidence_unread_total", { what, code });
      log.warn("evidence-unread", { service: current.service, what, code });
      return { ok: false, why: code };
    }
  };
}

/** Subjects of alarms; a contributor's subject begins with its alarm's name. */
export function alarmOfSubject(subject: string): string | undefined {
  if (subject === "probe" || subject.startsWith("instance ") || subject.startsWith("group ")) return undefined;
  return subject.split(" · ")[0];
}

function alarmNames(current: ServiceCase): string[] {
  const names = current.bad.flatMap((b) => alarmOfSubject(b.subject) ?? []);
  return [...new Set(names)];
}

function alarmStates(current: ServiceCase, views: readonly AlarmView[]): Evidence["alarms"] {
  const states = new Map(views.map((view) => [view.name, view]));
  return current.bad.flatMap(({ subject }) => {
    const name = alarmOfSubject(subject);
    if (name === undefined) return [];
    // Read and not there: the alarm was deleted, which neither heals nor fails.
    const view = states.get(name);
    return [view ? { subject, state: view.state, changedAt: view.changedAt } : { subject, state: "INSUFFICIENT_DATA" }];
  });
}

function ec2Reading(
  instance: Read<InstanceView | undefined>,
  checks: Read<InstanceChecks | undefined>,
  readAt: number,
): Reading {
  const say = (verdict: Verdict, detail: string): Reading => ({ kind: "ec2", verdict, readAt, detail });
  if (!instance.ok) return say("unknown", `the instance could not be read (${instance.why})`);
  const view = instance.value;
  if (view === undefined) return say("bad", "the instance does not exist");
  if (view.state === "pending") return say("unknown", "the instance is starting");
  if (view.state !== "running") return say("bad", `the instance is ${view.state}`);
  if (!checks.ok) return say("unknown", `status checks could not be read (${checks.why})`);
  return checksReading(checks.value, say);
}

function checksReading(
  checks: InstanceChecks | undefined,
  say: (verdict: Verdict, detail: string) => Reading,
): Reading {
  if (checks === undefined) return say("unknown", "running, no status checks reported yet");
  const named = [
    ["system check", checks.system],
    ["instance check", checks.instance],
    ["volume check", checks.ebs],
  ] as const;
  const impaired = named.filter(([, state]) => state === "impaired").map(([name]) => name);
  const since = checks.impairedSince === undefined ? "" : ` since ${utc(checks.impairedSince)}`;
  if (impaired.length > 0) return say("bad", `${impaired.join(" and ")} impaired${since}`);
  const both = [checks.system, checks.instance];
  if (both.includes("initializing")) return say("unknown", "running, status checks are starting");
  if (both.includes("unknown")) return say("unknown", "running, status checks have no data");
  return say("good", "running, status checks pass");
}

function probeReading(probe: ProbeAnswer | { readonly offline: string }, readAt: number): Reading {
  if ("offline" in probe) return { kind: "probe", verdict: "unknown", readAt, detail: probe.offline };
  return { kind: "probe", verdict: probe.good ? "good" : "bad", readAt, detail: clip(probe.detail) };
}

const targetVerdicts: Readonly<Record<string, Verdict>> = {
  healthy: "good",
  unhealthy: "bad",
  "unhealthy.draining": "bad",
  unused: "bad",
};

function targetReadings(
  targets: Read<readonly { readonly state: string; readonly reason?: string }[]>,
  readAt: number,
): Reading[] {
  if (!targets.ok) {
    return [{ kind: "target", verdict: "unknown", readAt, detail: `target health could not be read (${targets.why})` }];
  }
  // What no load balancer asks says nothing about the instance.
  return targets.value
    .filter((target) => !isIdle(target))
    .map((target) => ({
      kind: "target" as const,
      verdict: targetVerdicts[target.state] ?? ("unknown" as const),
      readAt,
      detail: `target ${target.state}${target.reason ? ` (${target.reason})` : ""}`,
    }));
}

/** "User initiated" is what EC2 says about every stop by API; our own stops stand on the case as a debt. */
function wasStoppedByPerson(view: InstanceView | undefined, current: ServiceCase): boolean {
  if (view === undefined || view.state === "running" || view.state === "pending") return false;
  // A group's own terminations read like a person's.
  if (current.placement.asgName !== undefined) return false;
  const ours = current.debts.some((debt) => debt.kind === "stopped-instance" && debt.id.endsWith(view.id));
  return !ours && /user[ .-]?initiated/i.test(view.stateReason ?? "");
}

function changesOf(from: {
  readonly view: InstanceView | undefined;
  readonly current: ServiceCase;
  readonly activities: readonly { readonly at: number; readonly what: string }[];
}): string[] {
  const { view, current, activities } = from;
  const dated: { at: number; what: string }[] = activities.map(({ at, what }) => ({ at, what }));
  if (view) dated.push({ at: view.launchTime, what: `${view.id} started` });
  const { lastRun } = current;
  if (lastRun)
    dated.push({ at: lastRun.endedAt, what: `${recoveryName(lastRun.recovery)} by the bot: ${lastRun.outcome}` });
  const lines = dated.sort((a, b) => b.at - a.at).map(({ at, what }) => `${utc(at, true)} ${clip(what, 120)}`);
  if (view?.stateReason) lines.unshift(`EC2 says: ${clip(view.stateReason, 120)}`);
  return lines.slice(0, changesMax);
}
