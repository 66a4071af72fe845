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

export type SnapshotId = Brand<string, "SnapshotId">;
export type VolumeId = Brand<string, "VolumeId">;
export type ImageId = Brand<string, "ImageId">;

/**
 * The recoveries that a ladder may name, gentlest first. `restart` reboots, then stops and starts when that did not help; the three
 * narrower words are what a person may order instead.
 */
export const ladderRecoveries = [
  "reboot",
  "restart",
  "stop-start",
  "force-stop-start",
  "scale-out",
  "replace",
  "refresh",
  "failover",
  "reprovision",
  "reprovision-dr",
] as const;
export type LadderRecovery = (typeof ladderRecoveries)[number];

/**
 * Everything that the bot may be told to do to a service. The last ones are orders of a person and never proposed by a rule: nothing
 * of them brings a service back, or they take something away.
 */
export const recoveries = [...ladderRecoveries, "raise-max", "scale-in", "fail-back", "drill", "prune"] as const;
export type Recovery = (typeof recoveries)[number];

/**
 * What a person adds to an order, each a consent of its own that stands in the record: `force` = go on although the old holder
 * cannot be reached to be fenced; `older-snapshot` = data may be as old as the newest snapshot that there is.
 */
export const orderOptions = ["force", "older-snapshot"] as const;
export type OrderOption = (typeof orderOptions)[number];
