/** Can each rung run, may anybody approve it, and is there enough evidence for it to run by itself? */
import { isDestructive } from "../domain/ladder.ts";
import { changesWhere, defaultRung, leastLimitMs, runsOnPattern } from "../domain/rungDefaults.ts";
import type { Rung } from "../domain/service.ts";
import { durationMsMin } from "../domain/timing.ts";
import type { Timing } from "../domain/timing.ts";
import { ladderRecoveries, patterns } from "../domain/words.ts";
import type { EvidenceKind, Pattern, Recovery, Symptom } from "../domain/words.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { evidenceKindsOf } from "./evidenceKinds.ts";
import { servicePath } from "./findings.ts";
import type { CheckedService, Finding } from "./findings.ts";
import { lossFindings, needsOf } from "./rungNeeds.ts";
import type { RawRung } from "./schema.ts";

interface RungCheck {
  readonly service: CheckedService;
  readonly symptom: Symptom;
  readonly index: number;
  readonly rung: Rung;
  readonly raw: RawRung | undefined;
  readonly timing: Timing;
}

export function checkLadders(service: CheckedService, timing: Timing): Finding[] {
  if (service.broken.has("ladders") || service.broken.has("pattern")) return [];
  const { definition, raw } = service;
  const findings: Finding[] = [];
  for (const [symptom, rungs] of Object.entries(definition.ladders) as [Symptom, readonly Rung[]][]) {
    const written = raw.ladders?.[symptom];
    for (const [index, rung] of rungs.entries()) {
      findings.push(...checkRung({ service, symptom, index, rung, raw: written?.[index], timing }));
    }
    findings.push(...checkOrder(service, symptom, rungs));
  }
  return findings;
}

function checkRung(check: RungCheck): Finding[] {
  const { service, rung } = check;
  const { pattern } = service.definition;
  if (!runsOnPattern(rung.recovery, pattern)) return [cannotRun(check)];
  const path = rungPath(check, "recovery");
  return [
    ...needsOf(service, rung.recovery, path),
    ...(rung.mode === "auto" ? lossFindings(service, rung.recovery, rungPath(check, "mode")) : []),
    ...modeFindings(check),
    ...approvalFindings(check),
    ...evidenceFindings(check),
    ...lengthFindings(check),
  ];
}

const groupPatterns: readonly Pattern[] = ["asg", "asg-ebs", "alb-asg"];

function cannotRun(check: RungCheck): Finding {
  const { recovery } = check.rung;
  const { pattern } = check.service.definition;
  const can = ladderRecoveries.filter((each) => runsOnPattern(each, pattern));
  const stops = recovery === "stop-start" || recovery === "force-stop-start" || recovery === "restart";
  const why = groupPatterns.includes(pattern) && stops ? ": its group would replace the instance meanwhile" : "";
  const on = patterns.filter((each) => runsOnPattern(recovery, each));
  return {
    severity: "error",
    path: rungPath(check, "recovery"),
    message: `${recovery} cannot run on pattern ${pattern}${why}; needed: one of ${can.join(", ")}`,
    fix: `Write one of those, remove this rung (a symptom without a ladder is a card only), or correct the pattern: ${recovery} runs on ${on.join(", ")}.`,
  };
}

function modeFindings(check: RungCheck): Finding[] {
  const findings: Finding[] = [];
  const { rung, raw, symptom } = check;
  const idle = (key: "veto" | "approvals", mode: string) => {
    if (raw?.[key] === undefined || rung.mode === mode) return;
    findings.push({
      severity: "warning",
      path: rungPath(check, key),
      message: `${key} has no effect: this rung's mode is ${rung.mode}`,
      fix: `Remove it, or set mode: ${mode}.`,
    });
  };
  idle("veto", "auto");
  idle("approvals", "approve");
  if (rung.mode === "auto" && symptom === "warning") {
    findings.push({
      severity: "warning",
      path: rungPath(check, "mode"),
      message: `an automatic ${rung.recovery} for symptom warning: every metric that no rule knows is a warning`,
      fix: "Give the alarm its own symptom under alarms, and leave warning without a ladder.",
    });
  }
  return findings;
}

function approvalFindings(check: RungCheck): Finding[] {
  const { service, rung } = check;
  if (service.broken.has("approvers") || rung.mode !== "approve") return [];
  const { users, groups } = service.definition.approvers;
  const problem = (message: string, fix: string): Finding[] => [
    { severity: "error", path: rungPath(check, rung.approvals > 1 ? "approvals" : "mode"), message, fix },
  ];
  if (users.length + groups.length === 0)
    return problem(
      "this rung waits for an approval, but nobody may approve: no approvers are configured, so no button works",
      "Add `approvers: { users: [U0123456789] }` (or groups) to the service or to defaults.",
    );
  const people = new Set(users).size;
  if (groups.length === 0 && people < rung.approvals)
    return problem(
      `found ${rung.approvals} approvals, but ${people} approver(s); needed: at least as many different people`,
      "Add people or a user group to approvers, or lower approvals.",
    );
  if (groups.length === 0 && people < 2 && service.definition.requireOther)
    return problem(
      "requireOther asks for a second person, but only one may approve",
      "Add a second person or a user group to approvers, or remove requireOther.",
    );
  return [];
}

function evidenceFindings(check: RungCheck): Finding[] {
  const { service, rung, symptom } = check;
  const blind = service.broken.has("target") || service.broken.has("probe") || service.broken.has("alarms");
  if (blind || rung.mode !== "auto") return [];
  if (rung.recovery !== "restart" && !isDestructive(rung.recovery, symptom)) return [];
  const kinds = evidenceKindsOf(service.definition);
  if (kinds.length >= 2) return [];
  const path = rungPath(check, "mode");
  const found = kindsInWords(kinds);
  const fix =
    "Add a probe to the service, or an alarm of another kind (with its `symptom` written, where its name does not tell); or set mode: approve.";
  // A restart begins with a reboot, except for symptom host; its second half asks for two kinds again when it gets there.
  if (rung.recovery === "restart" && symptom !== "host") {
    const message = `only one kind of evidence (${found}): the reboot runs by itself, the stop and start after it will not`;
    return [{ severity: "warning", path, message, fix }];
  }
  const message = `an automatic ${rung.recovery} needs two different kinds of evidence; found: ${found}`;
  return [{ severity: "error", path, message, fix }];
}

function kindsInWords(kinds: readonly EvidenceKind[]): string {
  const words: Readonly<Record<EvidenceKind, string>> = {
    ec2: "ec2 (state and status checks)",
    probe: "probe",
    target: "target health",
    canary: "canary",
    metric: "another metric",
  };
  return kinds.length === 0 ? "none" : kinds.map((kind) => words[kind]).join(", ");
}

function lengthFindings(check: RungCheck): Finding[] {
  const findings: Finding[] = [];
  const { service, rung, raw, timing } = check;
  for (const key of ["veto", "limit"] as const) {
    const ms = raw?.[key] === undefined ? undefined : parseDuration(raw[key]);
    if (ms !== undefined && ms < durationMsMin) {
      const message = `found "${raw?.[key]}"; needed: at least ${formatDuration(durationMsMin)}`;
      findings.push({ severity: "error", path: rungPath(check, key), message, fix: `For example \`${key}: 5m\`.` });
    }
  }
  const steps = leastLimitMs(rung.recovery, service.definition.pattern, timing);
  if (raw?.limit !== undefined && rung.limitMs >= durationMsMin && rung.limitMs < steps)
    findings.push({
      severity: "error",
      path: rungPath(check, "limit"),
      message: `found "${raw.limit}"; needed: at least ${formatDuration(steps)}, the sum of this plan's waits, else a healthy run is cut off`,
      fix: `Write \`limit: ${formatDuration(steps)}\` or more, or shorten the waits under timing.`,
    });
  const { vetoMs } = defaultRung(rung.recovery, rung.mode, timing);
  const usualVeto = { vetoMs, setting: changesWhere(rung.recovery) ? "vetoReprovision" : "vetoRestart" };
  if (rung.mode === "auto" && raw?.veto !== undefined && rung.vetoMs >= durationMsMin && rung.vetoMs < usualVeto.vetoMs)
    findings.push({
      severity: "warning",
      path: rungPath(check, "veto"),
      message: `found "${raw.veto}", below timing.${usualVeto.setting} (${formatDuration(usualVeto.vetoMs)}): little time to wake, read and tap Hold`,
      fix: "Keep it only if nobody would ever object.",
    });
  return findings;
}

/** Proposals only go up: a rung that does less than the one before it would never help. */
function checkOrder(service: CheckedService, symptom: Symptom, rungs: readonly Rung[]): Finding[] {
  // The list of words stands gentlest first.
  const all: readonly Recovery[] = ladderRecoveries;
  const strength = (rung: Rung) => all.indexOf(rung.recovery);
  return rungs.flatMap((rung, index): Finding[] => {
    const before = rungs[index - 1];
    if (before === undefined || strength(rung) > strength(before)) return [];
    return [
      {
        severity: "warning",
        path: servicePath(service, "ladders", symptom, index, "recovery"),
        message: `${rung.recovery} comes after ${before.recovery}, which did the same or more already`,
        fix: "Order a ladder from the gentlest recovery to the strongest, each once.",
      },
    ];
  });
}

function rungPath({ service, symptom, index, raw }: RungCheck, key: string) {
  return raw === undefined ? servicePath(service, "pattern") : servicePath(service, "ladders", symptom, index, key);
}
