/** From what was written to what the program reads: lengths in milliseconds, defaults filled in, names branded. */
import { defaultLadders, defaultRung } from "../domain/rungDefaults.ts";
import type { AlarmMatcher, Ladders, ProbeDefinition, Rung, ServiceDefinition, Target } from "../domain/service.ts";
import type { Settings } from "../domain/settings.ts";
import { defaultTiming } from "../domain/timing.ts";
import type { Timing } from "../domain/timing.ts";
import type { AllocationId, InstanceId, Pattern, Scope, ServiceName, Symptom } from "../domain/words.ts";
import { parseDuration } from "./duration.ts";
import { timingName } from "./timingSchema.ts";
import type { RawGlobals, RawRung, RawService } from "./schema.ts";
import { present, toAccounts, toRecovering, toTag } from "./toRecovering.ts";

/** A probe that takes longer is no answer for people either. */
const probeTimeoutMs = 5000;

/** Eight in the morning, every day: early enough to act on, late enough to be read. */
export const defaultDigest = { cron: "0 8 * * *", timeZone: "UTC", enabled: true } as const;

const ms = (text: string | undefined, otherwise: number): number =>
  (text === undefined ? undefined : parseDuration(text)) ?? otherwise;

export function toTiming(raw: RawGlobals["timing"]): Timing {
  const given = (raw ?? {}) as Readonly<Record<string, string | readonly string[] | undefined>>;
  const entries = Object.entries(defaultTiming).map(([key, value]: [string, number | readonly number[]]) => {
    const written = given[timingName(key)];
    if (written === undefined) return [key, value];
    return [key, typeof written === "string" ? ms(written, 0) : written.map((item) => ms(item, 0))];
  });
  return Object.fromEntries(entries) as Timing;
}

export function toGlobals(raw: Partial<RawGlobals>): Omit<Settings, "services"> {
  const { killSwitch } = raw;
  const optional = present<Pick<Settings, "mailTopic" | "controlUrl" | "killSwitch">>({
    mailTopic: raw.mailTopic,
    controlUrl: raw.controlUrl,
    killSwitch:
      killSwitch === undefined
        ? undefined
        : killSwitch.parameter !== undefined
          ? { kind: "ssm", parameter: killSwitch.parameter }
          : { kind: "file", path: killSwitch.file ?? "" },
  });
  return {
    ...optional,
    timing: toTiming(raw.timing),
    accounts: toAccounts(raw.accounts),
    defaultChannel: raw.defaults?.channel ?? "",
    digest: {
      cron: raw.digest?.cron ?? defaultDigest.cron,
      timeZone: raw.digest?.timeZone ?? defaultDigest.timeZone,
      enabled: raw.digest?.enabled ?? defaultDigest.enabled,
    },
  };
}

export function scopeOf(account: string, region: string): Scope {
  return `${account}/${region}` as Scope;
}

/**
 * Fills in the account that the bot's credentials belong to, for services that named none; asked once at start.
 * Until then `account` is "" and the scope begins with "/".
 */
export function withAccount(settings: Settings, account: string): Settings {
  const services = [...settings.services.values()].map((service): ServiceDefinition => {
    if (service.account !== "") return service;
    const { dr } = service;
    const moved = dr === undefined ? {} : { dr: { ...dr, scope: scopeOf(account, dr.region) } };
    return { ...service, ...moved, account, scope: scopeOf(account, service.region) };
  });
  return { ...settings, services: new Map(services.map((service) => [service.name, service])) };
}

export interface ServiceInput {
  readonly name: string;
  readonly raw: Partial<RawService>;
  readonly defaults: Partial<RawGlobals["defaults"]>;
  readonly timing: Timing;
}

/** Expects what the schema has accepted; what was broken and left out falls back to something that acts on nothing. */
export function toService({ name, raw, defaults, timing }: ServiceInput): ServiceDefinition {
  const from = <K extends keyof RawGlobals["defaults"]>(key: K) => raw[key] ?? defaults[key];
  const account = from("account") ?? "";
  const region = from("region") ?? "";
  const pattern = raw.pattern ?? "instance";
  const approvers = from("approvers");
  const people = { users: approvers?.users ?? [], groups: approvers?.groups ?? [] };
  const optional = present<
    Pick<ServiceDefinition, "owner" | "elasticIp" | "probe" | "runbook" | "mentionGroup" | "secondChannel" | "rpoMaxMs">
  >({
    owner: raw.owner,
    elasticIp: raw.elasticIp as AllocationId | undefined,
    probe: raw.probe && toProbe(raw.probe),
    runbook: raw.runbook,
    mentionGroup: from("mentionGroup"),
    secondChannel: from("secondChannel"),
    rpoMaxMs: raw.rpoMax === undefined ? undefined : ms(raw.rpoMax, 0),
  });
  const recovering = toRecovering(raw, (elsewhere) => scopeOf(account, elsewhere));
  return {
    ...optional,
    ...recovering,
    name: name as ServiceName,
    description: raw.description ?? name,
    account,
    region,
    scope: scopeOf(account, region),
    pattern,
    target: toTarget(raw.target ?? {}),
    watchProbe: raw.probe?.watch ?? false,
    alarms: (raw.alarms ?? []).map(toMatcher),
    channel: from("channel") ?? "",
    approvers: people,
    requireOther: from("requireOther") ?? false,
    fence: raw.fence ?? "stop",
    ladders:
      raw.ladders === undefined
        ? defaultLadders({ ...recovering, pattern, approvers: people }, timing)
        : toLadders(raw.ladders, timing, pattern),
  };
}

function toTarget(raw: RawService["target"]): Target {
  if (raw.instance !== undefined) return { kind: "instance", instanceId: raw.instance as InstanceId };
  if (raw.asg !== undefined) return { kind: "asg", asgName: raw.asg };
  return { kind: "tag", ...toTag(raw.tag ?? "") };
}

function toMatcher(raw: NonNullable<RawService["alarms"]>[number]): AlarmMatcher {
  if (typeof raw === "string") return { name: raw };
  return raw.symptom === undefined ? { name: raw.name } : { name: raw.name, symptom: raw.symptom };
}

function toProbe(raw: NonNullable<RawService["probe"]>): ProbeDefinition {
  const timeoutMs = ms(raw.timeout, probeTimeoutMs);
  if (raw.url === undefined) {
    const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(raw.tcp ?? "") ?? [];
    return { kind: "tcp", host, port: Number(port), timeoutMs };
  }
  const [low = 200, high = low] = String(raw.status ?? "200-399")
    .split("-")
    .map(Number);
  const definition = { kind: "http", url: raw.url, statusMin: low, statusMax: high, timeoutMs } as const;
  return raw.text === undefined ? definition : { ...definition, text: raw.text };
}

function toLadders(raw: NonNullable<RawService["ladders"]>, timing: Timing, pattern: Pattern): Ladders {
  const entries = Object.entries(raw) as [Symptom, readonly RawRung[] | undefined][];
  return Object.fromEntries(
    entries.map(([symptom, rungs]) => [symptom, (rungs ?? []).map((rung) => toRung(rung, timing, pattern))]),
  );
}

function toRung(raw: RawRung, timing: Timing, pattern: Pattern): Rung {
  const usual = defaultRung(raw.recovery, raw.mode, timing, pattern);
  return {
    ...usual,
    vetoMs: ms(raw.veto, usual.vetoMs),
    approvals: raw.approvals ?? usual.approvals,
    limitMs: ms(raw.limit, usual.limitMs),
  };
}
