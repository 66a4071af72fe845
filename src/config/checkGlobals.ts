/** The settings that all services share: durations and their relations, the digest's time, switches. */
import { Cron } from "croner";
import { defaultTiming, durationMsMin } from "../domain/timing.ts";
import type { Timing } from "../domain/timing.ts";
import { brokenRelations } from "../domain/timingRelations.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import type { Finding } from "./findings.ts";
import { timingName } from "./timingSchema.ts";
import type { RawGlobals } from "./schema.ts";

export function checkGlobals(raw: Partial<RawGlobals>, timing: Timing, broken: ReadonlySet<string>): Finding[] {
  const findings = digestFindings(raw.digest);
  if (!broken.has("timing")) findings.push(...timingFindings(raw.timing ?? {}, timing));
  if (raw.controlUrl !== undefined && !URL.canParse(raw.controlUrl))
    findings.push({
      severity: "error",
      path: ["controlUrl"],
      message: `found "${raw.controlUrl}"; needed: a complete URL`,
      fix: "For example `controlUrl: https://status.example.net`.",
    });
  if (raw.killSwitch === undefined && !broken.has("killSwitch"))
    findings.push({
      severity: "warning",
      path: ["killSwitch"],
      message:
        "no killSwitch: autopilot can be switched off only from Slack (`/medic autopilot off`) or by MEDIC_AUTOPILOT",
      fix: "Add `killSwitch: { parameter: /ec2-medic/autopilot }`: a switch that works when Slack does not.",
    });
  return findings;
}

type RawTiming = Readonly<Record<string, string | readonly string[] | undefined>>;

function timingFindings(raw: NonNullable<RawGlobals["timing"]>, timing: Timing): Finding[] {
  const findings: Finding[] = [];
  const written = raw as RawTiming;
  for (const [key, usual] of Object.entries(defaultTiming) as [keyof Timing, number | readonly number[]][]) {
    const name = timingName(key);
    const value = written[name];
    for (const [index, text] of (value === undefined ? [] : [value].flat()).entries()) {
      const usualMs = typeof usual === "number" ? usual : (usual[index] ?? usual.at(-1) ?? 0);
      const path = typeof value === "string" ? ["timing", name] : ["timing", name, index];
      findings.push(...lengthFinding({ path, text, usualMs }));
    }
  }
  if (findings.some((finding) => finding.severity === "error")) return findings;
  return [...findings, ...relationFindings(written, timing)];
}

function lengthFinding({ path, text, usualMs }: { path: Finding["path"]; text: string; usualMs: number }): Finding[] {
  const ms = parseDuration(text) ?? 0;
  const name = String(path[1]);
  if (ms < durationMsMin)
    return [
      {
        severity: "error",
        path,
        message: `found "${text}"; needed: at least ${formatDuration(durationMsMin)}, below it the loops would spin instead of wait`,
        fix: `Write \`${name}: ${formatDuration(usualMs)}\`, the default, or leave it out.`,
      },
    ];
  if (ms >= usualMs) return [];
  const message = `found "${text}", below the default of ${formatDuration(usualMs)}`;
  return [{ severity: "warning", path, message, fix: "Fine for a trial; in production leave it out." }];
}

function relationFindings(written: RawTiming, timing: Timing): Finding[] {
  return brokenRelations(timing).map(({ fields, message }): Finding => {
    const names = fields.map(timingName);
    const changed = names.filter((name) => written[name] !== undefined);
    const at = changed[0] ?? names[0] ?? "";
    const set = changed.map((name) => `${name} (default ${defaultOf(name)})`).join(", ");
    return {
      severity: "error",
      path: ["timing", at],
      message,
      fix: `Change ${set === "" ? names.join(" or ") : set}.`,
    };
  });
}

function defaultOf(name: string): string {
  const value = defaultTiming[`${name}Ms` as keyof Timing];
  return [value].flat().map(formatDuration).join(", ");
}

function digestFindings(raw: RawGlobals["digest"]): Finding[] {
  const findings: Finding[] = [];
  const error = (key: string, message: string, fix: string) =>
    findings.push({ severity: "error", path: ["digest", key], message, fix });
  if (raw?.timeZone !== undefined && !isTimeZone(raw.timeZone))
    error(
      "timeZone",
      `found "${raw.timeZone}"; needed: an IANA time zone`,
      "For example `timeZone: Europe/Berlin`, or UTC.",
    );
  if (raw?.cron === undefined) return findings;
  const objection = cronObjection(raw.cron);
  if (objection !== undefined)
    error(
      "cron",
      `found "${raw.cron}"; needed: five cron fields, minute hour day month weekday (${objection})`,
      'For example `cron: "0 8 * * 1-5"`: at eight on working days.',
    );
  return findings;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Built without a function and paused: nothing is scheduled, only read. */
function cronObjection(cron: string): string | undefined {
  try {
    const job = new Cron(cron, { paused: true, mode: "5-part" });
    return job.nextRun(new Date("2026-01-01T00:00:00Z")) === null ? "it never comes round" : undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Cron(Pattern)?:?\s*/i, "") : String(error);
  }
}
