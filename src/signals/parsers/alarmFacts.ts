/** What the alarm parsers share: states, actions, tags, and what a change of state means for an incident. */
import { isRecord, listAt, textAtAny, textOf, textsOf } from "../read.ts";
import type { AlarmState, Ec2AlarmAction, IncidentHint } from "../parsed.ts";

export function alarmStateOf(value: unknown): AlarmState | null {
  return value === "ALARM" || value === "OK" || value === "INSUFFICIENT_DATA" ? value : null;
}

/**
 * Muted and suppressed come first, whatever the state: CloudWatch ran no action then, and it repeats the actions when the window
 * ends and the alarm still stands. Muting wins over suppression, as it does at CloudWatch.
 */
export function incidentOf(
  state: AlarmState,
  quiet: { suppressedBy: string | null; mutedBy: string | null },
): IncidentHint {
  if (quiet.mutedBy !== null) return "muted";
  if (quiet.suppressedBy !== null) return "suppressed";
  if (state === "ALARM") return true;
  return state === "OK" ? "resolve" : "keep";
}

/** `arn:aws:automate:eu-west-2:ec2:recover` and `arn:aws:swf:…:action/actions/AWS_EC2.InstanceId.Reboot/1.0`. */
export function ec2ActionsOf(actions: readonly unknown[]): readonly Ec2AlarmAction[] {
  const found = new Set<Ec2AlarmAction>();
  for (const action of actions) {
    const arn = textOf(action)?.toLowerCase() ?? "";
    const automate = /^arn:[a-z-]+:automate:[a-z0-9-]+:ec2:(recover|reboot|stop|terminate)$/.exec(arn);
    const workflow = /^arn:[a-z-]+:swf:[^/]*\/actions\/aws_ec2\.instanceid\.(recover|reboot|stop|terminate)\//.exec(
      arn,
    );
    const name = automate?.[1] ?? workflow?.[1];
    if (name !== undefined) found.add(name as Ec2AlarmAction);
  }
  return [...found];
}

/** Tags as an object or as a list of pairs. */
export function tagsOf(value: unknown): Readonly<Record<string, string>> | null {
  if (isRecord(value)) return textsOf(value);
  if (!Array.isArray(value)) return null;
  const pairs: [string, string][] = [];
  for (const entry of listAt({ value }, "value")) {
    const key = textAtAny(entry, ["Key", "key", "name", "Name"]);
    if (key !== null) pairs.push([key, textAtAny(entry, ["Value", "value"]) ?? ""]);
  }
  return Object.fromEntries(pairs);
}

/** period × evaluations of the alarm, in ms. */
export function alarmSpanOf(periodMs: number | null, evaluations: number | null): number | null {
  return periodMs === null || evaluations === null ? null : periodMs * evaluations;
}
