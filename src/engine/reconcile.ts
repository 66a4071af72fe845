/**
 * What CloudWatch says now against what the cases believe: a missed ALARM opens, a missed OK closes, an old one changes nothing.
 * One worker per scope does it, by lease.
 */
import { hasPassed } from "../ports/clock.ts";
import { Throttled } from "../domain/errors.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { Settings } from "../domain/settings.ts";
import type { InstanceId, Scope, ServiceName } from "../domain/words.ts";
import type { AlarmView, Alarms } from "../ports/alarms.ts";
import type { Clouds } from "../ports/cloud.ts";
import { globMatches } from "../domain/glob.ts";
import type { Glance } from "../ports/glance.ts";
import type { Lease, Leases } from "../ports/store.ts";
import { guessOfMetric, worstOf, type Guess } from "../signals/symptom.ts";
import { alarmOfSubject } from "./gatherEvidence.ts";
import type { EventHandler } from "./handleEvent.ts";
import type { Intake } from "./intake.ts";
import type { Inventory } from "./inventory.ts";
import { eachGuarded, isOthers, type LoopDefinition, type LoopParts } from "./loop.ts";
import type { ScopeBook } from "./scopeBook.ts";
import { signalOfAlarm } from "./signalOfAlarm.ts";

export interface ReconcileParts extends LoopParts {
  readonly worker: string;
  readonly settings: Settings;
  readonly leases: Leases;
  readonly glance?: Glance | undefined;
  readonly clouds: Clouds;
  readonly handler: EventHandler;
  readonly intake: Intake;
  readonly inventory: Pick<Inventory, "place">;
  readonly book: ScopeBook;
  /** What is learned about alarms on the way, for guesses about composite ones. */
  readonly learnAlarm: (name: string, guess: Guess) => void;
}

/** Rounds that fail in a row before AWS counts as sick: one throttled minute is no storm. */
const sickAfter = 3;
const width = 8;

export function reconcileLoop(parts: ReconcileParts, scope: Scope): LoopDefinition {
  const { timing } = parts.settings;
  let failed = 0;
  let allAt = -Infinity;
  let lease: Lease | undefined;
  return {
    name: `reconcile ${scope}`,
    periodMs: timing.reconcileMs,
    idle: () => lease === undefined && isOthers(parts, `reconcile/${scope}`),
    round: async () => {
      const now = parts.clock.now();
      // Twice the period: whoever holds it keeps it, and a dead worker is replaced within one round.
      const times = { now, leaseMs: timing.reconcileMs * 2, takeoverMs: timing.takeoverMs };
      lease = await parts.leases.acquire(`reconcile/${scope}`, parts.worker, times);
      if (lease === undefined) return;
      const { alarms } = parts.clouds(scope);
      try {
        const all = hasPassed(parts.clock, allAt, timing.reconcileAllMs);
        await once(parts, { scope, alarms, all });
        if (all) allAt = now;
        failed = 0;
      } catch (error) {
        failed += error instanceof Throttled ? 1 : 0;
        if (failed === sickAfter) await parts.book.reportSick(scope, "AWS throttles the bot's reads");
        throw error;
      }
    },
    end: async () => {
      if (lease) await parts.leases.release(lease);
    },
  };
}

interface Round {
  readonly scope: Scope;
  readonly alarms: Alarms;
  readonly all: boolean;
}

async function once(parts: ReconcileParts, { scope, alarms, all }: Round): Promise<void> {
  const inAlarm = await alarms.inAlarm();
  for (const view of inAlarm) if (view.metric) parts.learnAlarm(view.name, guessOfMetric(view.metric));
  await eachGuarded(parts, { name: "reconcile", items: inAlarm, width }, (view) => onAlarm(parts, scope, view));
  const names = namesToAsk(parts, { scope, all });
  const known = new Set(inAlarm.map((view) => view.name));
  const others = (await alarms.byName([...names])).filter((view) => !known.has(view.name));
  await eachGuarded(parts, { name: "reconcile", items: others, width }, (view) => onQuiet(parts, scope, view));
  if (all) warnMissing(parts, names, [...inAlarm, ...others]);
}

/** Alarms that open cases believe to be bad, and at times every alarm that medic.yaml names exactly. */
function namesToAsk(parts: ReconcileParts, { scope, all }: Omit<Round, "alarms">): Set<string> {
  const names = new Set<string>();
  for (const service of servicesIn(parts, scope)) {
    const current = parts.handler.known(service.name);
    for (const { subject } of current?.bad ?? []) {
      const name = alarmOfSubject(subject);
      if (name !== undefined) names.add(name);
    }
    if (all) for (const { name } of service.alarms) if (!name.includes("*")) names.add(name);
  }
  return names;
}

async function onAlarm(parts: ReconcileParts, scope: Scope, view: AlarmView): Promise<void> {
  const service = serviceOf(parts, scope, view);
  if (service === undefined) return unmatched(parts, scope, view);
  const current = parts.handler.known(service.name);
  // Known to be bad, or an older change than what is known: nothing new.
  if (current && (isBad(current, view.name) || (current.latest[view.name] ?? 0) >= view.changedAt)) return;
  await parts.intake.takeSignal(service.name, withChildren(parts, view, signalOfAlarm(view, service)));
}

async function onQuiet(parts: ReconcileParts, scope: Scope, view: AlarmView): Promise<void> {
  if (view.state !== "OK") return;
  for (const service of servicesIn(parts, scope)) {
    const current = parts.handler.known(service.name);
    for (const { subject } of current?.bad ?? []) {
      if (alarmOfSubject(subject) !== view.name) continue;
      await parts.intake.takeSignal(service.name, signalOfAlarm(view, service, subject));
    }
  }
}

function isBad(current: ServiceCase, alarm: string): boolean {
  return current.bad.some((b) => alarmOfSubject(b.subject) === alarm);
}

/** What is configured here, and what a run has taken here: its alarms at home still speak of it too. */
function servicesIn({ settings, handler }: ReconcileParts, scope: Scope): ServiceDefinition[] {
  return [...settings.services.values()].filter(
    ({ name, scope: home, dr }) =>
      home === scope || (dr?.scope === scope && handler.known(name)?.placement.scope === scope),
  );
}

function serviceOf(parts: ReconcileParts, scope: Scope, view: AlarmView): ServiceDefinition | undefined {
  const services = servicesIn(parts, scope);
  const named =
    services.find((s) => s.alarms.some(({ name }) => name === view.name)) ??
    services.find((s) => s.alarms.some(({ name }) => globMatches(name, view.name)));
  if (named) return named;
  const id = view.dimensions["InstanceId"] as InstanceId | undefined;
  const group = view.dimensions["AutoScalingGroupName"];
  const targetGroup = view.dimensions["TargetGroup"];
  return services.find((service) => owns(parts, service.name, { id, group, targetGroup }));
}

function owns(
  { inventory, settings }: ReconcileParts,
  service: ServiceName,
  named: { id: InstanceId | undefined; group: string | undefined; targetGroup: string | undefined },
): boolean {
  const place = inventory.place(service);
  const target = settings.services.get(service)?.target;
  const { id, group, targetGroup } = named;
  if (id !== undefined && target?.kind === "instance" && target.instanceId === id) return true;
  if (id !== undefined && place?.instanceIds.includes(id)) return true;
  if (group !== undefined && (place?.asgName === group || (target?.kind === "asg" && target.asgName === group)))
    return true;
  return targetGroup !== undefined && place?.targetGroupArns.some((arn) => arn.endsWith(`:${targetGroup}`)) === true;
}

const childName = /(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*["']?([^"')]+)["']?\s*\)/g;

/** A composite alarm is as bad as the worst of its children that this worker has seen. */
function withChildren(
  { settings }: ReconcileParts,
  view: AlarmView,
  signal: ReturnType<typeof signalOfAlarm>,
): ReturnType<typeof signalOfAlarm> {
  if (!view.composite || view.rule === undefined) return signal;
  const children = [...view.rule.matchAll(childName)].flatMap((match) => match[1] ?? []);
  const services = [...settings.services.values()];
  const guesses = children.flatMap((child): Guess[] => {
    const set = services.flatMap((s) => s.alarms).find((m) => m.symptom && globMatches(m.name, child))?.symptom;
    return set ? [{ symptom: set, evidenceKind: "metric" }] : [];
  });
  const worst = worstOf(guesses);
  return worst && signal.symptom === "warning" ? { ...signal, ...worst } : signal;
}

async function unmatched(parts: ReconcileParts, scope: Scope, view: AlarmView): Promise<void> {
  const [account = "?", region = "?"] = scope.split("/");
  await parts.intake.takeUnmatched(
    {
      key: `alarm ${account}/${region} ${view.name}`,
      cls: view.composite ? "composite_alarm" : "alarm",
      what: view.name,
      isAlarming: true,
      reason: view.reason,
      where: `${account} ${region}`,
      why: `no service lists alarm "${view.name}"; found in ALARM by reading`,
      count: 1,
      firstAt: view.changedAt,
      lastAt: parts.clock.now(),
    },
    `read ${view.name} ${view.changedAt}`,
  );
}

function warnMissing({ log }: ReconcileParts, names: ReadonlySet<string>, found: readonly AlarmView[]): void {
  const there = new Set(found.map((view) => view.name));
  const missing = [...names].filter((name) => !there.has(name));
  if (missing.length > 0) log.warn("alarms-missing", { missing, next: "medic.yaml names alarms that do not exist" });
}
