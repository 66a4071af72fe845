/**
 * The daily digest of each channel: what changed since the last one, what is open, what was blocked, what belongs to nobody.
 * Built at send time; sent by the worker that speaks; a claim per channel and day keeps it from being sent twice.
 */
import { Cron } from "croner";
import type { CardModel } from "../domain/cardModel.ts";
import { codeOf } from "../domain/errors.ts";
import { symptomWords } from "../domain/cardWords.ts";
import { sentence } from "../domain/reasons.ts";
import type { Entry, Incident, ServiceCase } from "../domain/serviceCase.ts";
import type { Settings } from "../domain/settings.ts";
import { capital, utc, type Piece } from "../domain/text.ts";
import type { Cases, Records } from "../ports/store.ts";
import type { LoopParts } from "./loop.ts";
import { recentEntries } from "./timeline.ts";
import type { Sender } from "./sender.ts";
import { unmatchedList, type UnmatchedItem } from "./unmatched.ts";

export interface DigestParts extends LoopParts {
  readonly settings: Settings;
  readonly records: Records;
  readonly cases: Cases;
  readonly sender: Pick<Sender, "send" | "holds">;
}

export interface Digests {
  /** Waits for the next time of the cron, for ever. */
  run(signal: AbortSignal): Promise<void>;
  /** Now: the digest of one channel, without sending it. */
  build(channel: string): Promise<CardModel>;
}

interface Sent {
  readonly at: number;
}

const firstSpanMs = 24 * 60 * 60 * 1000;
/** Nobody speaks at that second (a takeover): it is tried for this long. */
const tryForMs = 10 * 60_000;
const tryMs = 5_000;
const linesMax = 10;
const entriesMax = 50;

export function makeDigests(parts: DigestParts): Digests {
  const { settings, clock } = parts;
  const build = (channel: string) => buildDigest(parts, channel);
  return {
    build,
    run: async (signal) => {
      if (!settings.digest.enabled) return;
      const cron = new Cron(settings.digest.cron, { timezone: settings.digest.timeZone, paused: true });
      while (!signal.aborted) {
        const next = cron.nextRun(new Date(clock.now()))?.getTime();
        if (next === undefined) return;
        await clock.sleep(next - clock.now(), signal);
        if (!signal.aborted) await sendAll(parts, build, next, signal);
      }
    },
  };
}

/** Every channel once; what fails is tried again until its time is over. */
async function sendAll(parts: DigestParts, build: Digests["build"], slot: number, signal: AbortSignal): Promise<void> {
  const open = new Set(channelsOf(parts.settings));
  while (open.size > 0 && !signal.aborted && parts.clock.now() < slot + tryForMs) {
    for (const channel of parts.sender.holds() ? [...open] : []) {
      try {
        await sendOne(parts, build, { channel, slot });
        open.delete(channel);
      } catch (error) {
        parts.log.warn("digest-not-sent", { channel, code: codeOf(error) });
      }
    }
    if (open.size > 0 && (await sentAll(parts.records, open, slot))) return;
    if (open.size > 0) await parts.clock.sleep(tryMs, signal);
  }
}

async function sentAll(records: Records, channels: ReadonlySet<string>, slot: number): Promise<boolean> {
  for (const channel of channels) {
    const sent = await records.get<Sent>({ collection: "digest", id: channel }).catch(() => undefined);
    if (sent === undefined || sent.body.at < slot) return false;
  }
  return true;
}

async function sendOne(
  { records, sender, clock }: DigestParts,
  build: Digests["build"],
  { channel, slot }: { channel: string; slot: number },
): Promise<void> {
  const key = { collection: "digest", id: channel };
  const last = await records.get<Sent>(key);
  if (last && last.body.at >= slot) return;
  // The key names the slot: after a lost answer it is found in the channel and not posted again.
  const card = { ...(await build(channel)), key: `digest/${channel}/${slot}` };
  await sender.send({ channel, card, priority: "digest", mayStand: true });
  const body: Sent = { at: clock.now() };
  if (last) await records.replace(key, body, last.rev);
  else await records.putIfAbsent(key, body);
}

export function channelsOf(settings: Settings): string[] {
  const own = [...settings.services.values()].map((service) => service.channel);
  return [...new Set([settings.defaultChannel, ...own])];
}

async function buildDigest(parts: DigestParts, channel: string): Promise<CardModel> {
  const { settings, records, clock } = parts;
  const now = clock.now();
  const last = await records.get<Sent>({ collection: "digest", id: channel });
  const since = last?.body.at ?? now - firstSpanMs;
  const open: ServiceCase[] = [];
  const changed: { service: string; entry: Entry }[] = [];
  for await (const current of parts.cases.all()) {
    const service = settings.services.get(current.service);
    if ((service?.channel ?? settings.defaultChannel) !== channel) continue;
    if (current.incident && current.phase.kind !== "idle" && current.phase.kind !== "resolved") open.push(current);
    const recent = await recentEntries(records, current.service, entriesMax);
    for (const { body } of recent) {
      if (body.at >= since && milestones.has(body.reason.code)) changed.push({ service: current.service, entry: body });
    }
  }
  const unmatched = channel === settings.defaultChannel ? await unmatchedList(records, linesMax) : [];
  return digestCard({ channel, since, now, open, changed, unmatched });
}

/** What a team wants to know the next morning; steps and readings stand in the thread. */
const milestones: ReadonlySet<string> = new Set([
  "incident-opened",
  "incident-reopened",
  "recovered",
  "cleared-by-itself",
  "closed-by-person",
  "run-started",
  "run-failed",
  "run-refused",
  "run-stopped",
  "verify-failed",
  "ladder-ended",
  "needs-person",
  "refused",
  "held",
  "approval-expired",
  "original-returned",
]);

export interface DigestInput {
  readonly channel: string;
  readonly since: number;
  readonly now: number;
  readonly open: readonly ServiceCase[];
  readonly changed: readonly { readonly service: string; readonly entry: Entry }[];
  readonly unmatched: readonly UnmatchedItem[];
}

export function digestCard({ channel, since, now, open, changed, unmatched }: DigestInput): CardModel {
  const unacked = open.filter((current) => current.incident?.ack === undefined);
  const sorted = [...changed].sort((a, b) => a.entry.at - b.entry.at).slice(-linesMax * 2);
  const rows = sorted.map(({ service, entry }) => [service, capital(sentence(entry.reason)), utc(entry.at, true)]);
  const quiet = open.length === 0 && changed.length === 0 && unmatched.length === 0;
  const lines = (title: string, values: readonly string[]): CardModel["facts"] =>
    values.length === 0
      ? []
      : [{ label: title, value: values.slice(0, linesMax).flatMap((v, i): Piece[] => (i ? ["\n", v] : [v])) }];
  return {
    key: `digest/${channel}/${now}`,
    version: 1,
    tone: open.length > 0 ? "person" : "quiet",
    title: quiet ? "Quiet since the last digest" : `Digest: ${open.length} open, ${unacked.length} without an owner`,
    summary: [quiet ? "Nothing happened since " : "What happened since ", { time: since, style: "date-time" }, "."],
    facts: [
      ...lines("Open", open.map(openLine)),
      ...lines(
        "Blocked",
        open.flatMap((c) => (c.blocked ? [`${c.service}: ${sentence(c.blocked)}`] : [])),
      ),
      ...lines(
        "Owed back",
        open.flatMap((c) => c.debts.map((debt) => `${c.service}: ${debt.what}`)),
      ),
      ...lines(
        "Belongs to no service",
        unmatched.map((item) => `${item.what} (${item.count} ×, ${item.why})`),
      ),
    ],
    notes: [],
    buttons: [],
    menu: [],
    ...(rows.length > 0 ? { table: { head: ["Service", "What", "When"], rows } } : {}),
  };
}

function openLine({ service, phase, incident }: ServiceCase): string {
  const owner = incident?.ack ? `${incident.ack.by.name} has it` : "nobody has it";
  const broken = symptomWords[incident?.symptom ?? "down"];
  return `${service} ${broken} since ${utc(openedAt(incident), true)}: ${phaseWords[phase.kind]}, ${owner}`;
}

/** Where an open incident stands, for people who were asleep. */
const phaseWords: Readonly<Record<ServiceCase["phase"]["kind"], string>> = {
  idle: "over",
  proposing: "waits for a decision",
  confirming: "about to act",
  recovering: "being recovered",
  verifying: "being proven well",
  resolved: "over",
  "needs-person": "needs a person",
};

const openedAt = (incident: Incident | undefined) => incident?.openedAt ?? 0;
