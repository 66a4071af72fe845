/** Which kinds of evidence a service can have, as far as its configuration tells. Guesses count only where they are safe. */
import type { AlarmMatcher, ServiceDefinition } from "../domain/service.ts";
import type { EvidenceKind, Symptom } from "../domain/words.ts";

/** A symptom that was written down says what stands behind the alarm; `down` may be a canary, a health check or a metric. */
const kindOfSymptom: Readonly<Partial<Record<Symptom, EvidenceKind>>> = {
  host: "ec2",
  os: "ec2",
  targets: "target",
  overloaded: "metric",
};

/** Names that teams give their alarms. An alarm that fits none is not counted: assuming would let one kind pass for two. */
const kindOfName: readonly (readonly [RegExp, EvidenceKind])[] = [
  [/status-?_?check/i, "ec2"],
  [/un-?_?healthy-?_?host|target-?_?health/i, "target"],
  [/route-?_?53|health-?_?check/i, "target"],
  [/canary|synthetic/i, "canary"],
  [/cpu|5xx|latency|response-?_?time|request-?_?count|memory|disk/i, "metric"],
];

export function kindOfAlarm(alarm: AlarmMatcher): EvidenceKind | undefined {
  const written = alarm.symptom === undefined ? undefined : kindOfSymptom[alarm.symptom];
  return written ?? kindOfName.find(([pattern]) => pattern.test(alarm.name))?.[1];
}

/** EC2's own state and status checks, or how many members a group has in service, are always there; the rest must be configured. */
export function evidenceKindsOf(service: ServiceDefinition): EvidenceKind[] {
  const kinds = new Set<EvidenceKind>(["ec2"]);
  if (service.pattern === "alb-asg" || service.targetGroups.length > 0) kinds.add("target");
  if (service.probe !== undefined) kinds.add("probe");
  for (const alarm of service.alarms) {
    const kind = kindOfAlarm(alarm);
    if (kind !== undefined) kinds.add(kind);
  }
  return [...kinds];
}
