/** How each owed thing is done. All of it may be done twice: keys are derived, records are put if absent. */
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import type { Signal } from "../domain/signal.ts";
import type { InstanceId, RunId, ServiceName } from "../domain/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Clouds } from "../ports/cloud.ts";
import type { Handle } from "../ports/handle.ts";
import type { Records } from "../ports/store.ts";
import { recordOrder } from "./audit.ts";
import type { Autopilot } from "./autopilot.ts";
import type { DossierWriter } from "./dossiers.ts";
import { alarmOfSubject, type Gathered } from "./gatherEvidence.ts";
import type { MailRelay } from "./mailRelay.ts";
import type { Performers } from "./relay.ts";
import type { Runner } from "./runPlan.ts";
import type { ScopeBook } from "./scopeBook.ts";
import { signalOfAlarm } from "./signalOfAlarm.ts";

export interface PerformerParts {
  readonly records: Records;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly clouds: Clouds;
  readonly handle: Handle;
  readonly autopilot: Autopilot;
  readonly book: ScopeBook;
  readonly runner: Runner;
  readonly mail: MailRelay;
  readonly dossiers: DossierWriter;
  gather(current: ServiceCase): Promise<Gathered>;
  /** Sees to an old primary that came back; true = nothing more is owed. */
  quarantine(instanceId: InstanceId, current: ServiceCase): Promise<boolean>;
  /** Strong read. */
  readonly loadCase: (service: ServiceName) => Promise<ServiceCase | undefined>;
}

export function makePerformers(parts: PerformerParts): Performers {
  const { handle, records, book } = parts;
  return {
    mail: async (owed, current) => {
      const told = await parts.mail.send(owed, current);
      if (told && current.incident) {
        await handle(current.service, { kind: "told", incident: current.incident.id, via: "mail" });
      }
      return true;
    },
    evidence: async ({ reading }, current) => {
      const { evidence, instance } = await parts.gather(current);
      await parts.dossiers.write(current, instance);
      await handle(current.service, { kind: "evidence", reading, evidence });
      return false;
    },
    reread: async ({ subject }, current) => {
      const signal = await reread(parts, subject, current);
      if (signal) await handle(current.service, { kind: "signal", signal });
      return true;
    },
    permit: async ({ reading }, current) => {
      await givePermit(parts, reading, current);
      return false;
    },
    run: async ({ runId }, current) => {
      if (parts.runner.carried().includes(runId)) return false;
      if (current.phase.kind === "recovering") await recordOrder(records, current, current.phase);
      parts.runner.ensure(current.service, runId);
      // The run itself says when it ended; until then it stays owed, which is how another worker takes it over.
      return false;
    },
    archive: async ({ incident }, current) => {
      const key = { collection: `closed/${current.service}`, id: incident };
      const body = current.incident?.id === incident ? current.incident : { id: incident };
      await records.putIfAbsent(key, { ...body, closedAt: parts.clock.now(), lastRun: current.lastRun ?? null });
      return true;
    },
    opening: async ({ incident }, current) => {
      await book.countOpening({ scope: current.placement.scope, incident, service: current.service });
      return true;
    },
    quarantine: ({ instanceId }, current) => parts.quarantine(instanceId, current),
    "release-permit": async ({ runId, scope }, current) => {
      await book.releasePermit(scope ?? current.placement.scope, runId);
      return true;
    },
  };
}

/** What DescribeAlarms says now is a new signal; without an alarm behind the subject there is nothing to read. */
async function reread(
  { clouds, settings }: PerformerParts,
  subject: string,
  current: ServiceCase,
): Promise<Signal | undefined> {
  const name = alarmOfSubject(subject);
  if (name === undefined) return undefined;
  const [view] = await clouds(current.placement.scope).alarms.byName([name]);
  const service = settings.services.get(current.service);
  return view && signalOfAlarm(view, service, subject);
}

async function givePermit(parts: PerformerParts, reading: number, current: ServiceCase): Promise<void> {
  const { handle, book, timing } = { ...parts, timing: parts.settings.timing };
  const runId = `${current.service}/${current.runFence + 1}` as RunId;
  const { scope } = current.placement;
  const answer = await book
    .takePermit({ scope, runId, service: current.service })
    .catch(() => ({ granted: false, refusal: "unreadable" }) as const);
  // Half the age that is allowed: the decision that follows must still find it fresh.
  await parts.autopilot.readWithin(timing.killSwitchAgeMs / 2);
  const told = await handle(current.service, { kind: "permit", reading, ...answer });
  // The order that asked is over: the leave was taken for nothing.
  if (told.kind !== "ignored" || !answer.granted) return;
  const now = await parts.loadCase(current.service);
  const isUsed = now?.phase.kind === "recovering" && now.phase.runId === runId;
  if (!isUsed) await book.releasePermit(scope, runId);
}
