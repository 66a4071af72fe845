/**
 * The closed vocabularies of the project (docs/glossary.md). One word per thing: the same strings stand in code, Slack, docs,
 * metrics and the store.
 */

type Brand<T, Name extends string> = T & { readonly __brand: Name };

export type ServiceName = Brand<string, "ServiceName">;
export type IncidentId = Brand<string, "IncidentId">;
export type RunId = Brand<string, "RunId">;
export type InstanceId = Brand<string, "InstanceId">;
export type AllocationId = Brand<string, "AllocationId">;
/** Account and region as `123456789012/eu-west-1`: what one storm, one permit book and one reconcile worker are about. */
export type Scope = Brand<string, "Scope">;

/** What kind of bad an alarm means. Worst first: a composite alarm is as bad as its worst child. */
export const symptoms = ["down", "host", "os", "targets", "overloaded", "warning"] as const;
export type Symptom = (typeof symptoms)[number];

/** Where a judgement about health comes from. Two different kinds must agree before anything destructive runs by itself. */
export const evidenceKinds = ["ec2", "probe", "target", "canary", "metric"] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

export type Verdict = "good" | "bad" | "unknown";

export const modes = ["observe", "approve", "auto"] as const;
export type Mode = (typeof modes)[number];

export const patterns = ["instance", "standby", "asg", "asg-ebs", "alb-asg", "dns-pair"] as const;
export type Pattern = (typeof patterns)[number];

/**
 * The recoveries that a ladder may name. `restart` reboots, then stops and starts when that did not help; the three narrower
 * words are what a person may order instead.
 */
export const recoveries = ["restart", "reboot", "stop-start", "force-stop-start"] as const;
export type Recovery = (typeof recoveries)[number];
