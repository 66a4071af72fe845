/** What every surface calls a recovery and what it says about it while nothing was read yet: one table. */
import type { Recovery, Symptom } from "./words.ts";

export interface RecoveryWords {
  /** In a sentence: "Proposed: restart". */
  readonly name: string;
  /** On a button, in a choice. */
  readonly label: string;
  /** What people notice meanwhile. */
  readonly downtime: string;
  /** A machine that serves is stopped, or gives way to another one. */
  readonly stopsInstance: boolean;
  /** The plan in sentences, for the preview. */
  readonly steps: readonly string[];
  /** Public address and data when it has run; absent where it depends on the machine and has to be looked at. */
  readonly address?: string;
  readonly data?: string;
}

const ours = "Check that it is still ours to touch";
const proof = "Prove that it answers: status checks, probe, alarm";

const words: Readonly<Record<Recovery, RecoveryWords>> = {
  restart: {
    name: "restart",
    label: "Restart",
    downtime: "1 to 2 min; 2 to 4 more if stopped",
    stopsInstance: true,
    steps: [
      ours,
      "Reboot and wait for both status checks",
      "If still bad, with two kinds of evidence: stop (by force when stuck) and start on other hardware",
      proof,
    ],
  },
  reboot: {
    name: "reboot",
    label: "Reboot",
    downtime: "1 to 2 min",
    stopsInstance: false,
    steps: [ours, "Reboot, on the same hardware", proof],
  },
  "stop-start": {
    name: "stop and start",
    label: "Stop and start",
    downtime: "2 to 4 min",
    stopsInstance: true,
    steps: [ours, "Stop", "Start on other hardware", proof],
  },
  "force-stop-start": {
    name: "force stop and start",
    label: "Force stop and start",
    downtime: "3 to 8 min",
    stopsInstance: true,
    steps: [
      ours,
      "Stop by force: the operating system gets no chance to write its caches",
      "Start on other hardware",
      proof,
    ],
  },
  "scale-out": {
    name: "scale out",
    label: "Scale out",
    downtime: "none",
    stopsInstance: false,
    steps: [
      "Read sizes, suspended processes and policies of the group",
      "Raise the desired capacity, within the maximum",
      "Wait until the new members are in service and healthy in the target group",
      proof,
    ],
    address: "kept",
    data: "kept",
  },
  replace: {
    name: "replace",
    label: "Replace",
    downtime: "none behind a load balancer; 2 to 6 min in a group of one",
    stopsInstance: true,
    steps: [
      "Read which members are unhealthy and what the group has suspended",
      "Give the unhealthy ones back to the group, which ends them and launches new ones",
      "Wait until the new ones are in service",
      proof,
    ],
    data: "what only the replaced machine holds is lost",
  },
  refresh: {
    name: "instance refresh",
    label: "Instance refresh",
    downtime: "none while enough members stay healthy",
    stopsInstance: true,
    steps: [
      "See that no other refresh is going on",
      "Replace every member, a few at a time",
      "Wait until all of them are new and healthy",
      proof,
    ],
    data: "what only the replaced machines hold is lost",
  },
  failover: {
    name: "failover",
    label: "Fail over",
    downtime: "1 to 6 min",
    stopsInstance: true,
    steps: [
      "See that the standby is fit and in another zone",
      "Start the standby when it is stopped",
      "Fence the primary, so that two never serve",
      "Move the address or the record to the standby",
      proof,
    ],
    address: "kept: it moves to the standby",
    data: "as the standby has it",
  },
  reprovision: {
    name: "re-provision",
    label: "Re-provision",
    downtime: "5 to 15 min",
    stopsInstance: true,
    steps: [
      "Find the newest completed snapshot and where there is room",
      "Fence the old machine; it is kept",
      "Launch a new one from the snapshot",
      "Move address and target groups to it",
      proof,
    ],
    data: "as of the newest snapshot; what came after it is lost",
  },
  "reprovision-dr": {
    name: "re-provision in the DR region",
    label: "Re-provision in DR",
    downtime: "10 to 25 min, and the record's TTL",
    stopsInstance: true,
    steps: [
      "Find the newest completed snapshot in the DR region",
      "Fence the old machine where its region can be reached",
      "Launch from the snapshot with the prepared regional profile",
      "Point the DNS record at it and wait until Route 53 is in sync",
      proof,
    ],
    address: "changes: the DNS record moves",
    data: "as of the DR region's newest snapshot; what came after it is lost",
  },
  "raise-max": {
    name: "raise the maximum",
    label: "Raise the maximum",
    downtime: "none",
    stopsInstance: false,
    steps: ["Read the group's sizes and the quota", "Set the new maximum", "Owe the old maximum back"],
    address: "kept",
    data: "kept",
  },
  "scale-in": {
    name: "scale in",
    label: "Scale in",
    downtime: "none",
    stopsInstance: true,
    steps: [
      "Read the size from before the scale-out",
      "Lower the desired capacity to it; the group drains and ends members",
      "Wait until the rest is in service and healthy",
    ],
    address: "kept",
    data: "what only the ended machines hold is lost",
  },
  "fail-back": {
    name: "fail-back",
    label: "Fail back",
    downtime: "1 to 6 min",
    stopsInstance: true,
    steps: [
      "See that the original is fit",
      "Start the original when it is stopped",
      "Fence the machine that serves now",
      "Move the address or the record back",
      proof,
    ],
    address: "kept: it moves back",
    data: "as the original has it; what was written since the failover stays on the other machine",
  },
  drill: {
    name: "drill",
    label: "Drill",
    downtime: "none: beside the running one",
    stopsInstance: false,
    steps: [
      "Launch from the newest snapshot in the closed drill subnet",
      "Prove that it answers and measure the time",
      "End it again",
    ],
    address: "kept",
    data: "kept",
  },
  prune: {
    name: "prune snapshots",
    label: "Prune snapshots",
    downtime: "none",
    stopsInstance: false,
    steps: ["List the snapshots beyond the retention", "Delete those, oldest first; the newest ones stay"],
    address: "kept",
    data: "kept; the deleted snapshots cannot be brought back",
  },
};

/** Every word for a recovery; on symptom `host` a restart leaves out the reboot, so it takes what a stop and start takes. */
export function recoveryWords(recovery: Recovery, symptom?: Symptom): RecoveryWords {
  const found = words[recovery];
  if (recovery !== "restart" || symptom !== "host") return found;
  const stopStart = words["stop-start"];
  return { ...found, downtime: stopStart.downtime, steps: stopStart.steps };
}

/** The name of a recovery in a sentence, also of a code that a newer program wrote. */
export function recoveryName(code: string): string {
  return code in words ? words[code as Recovery].name : code;
}

/** What a person types before it is ordered: the service's name where something is stopped, replaced or deleted for good. */
export type TypedConfirmation = "none" | "service" | "maximum";

export function typedFor(recovery: Recovery, symptom: Symptom): TypedConfirmation {
  if (recovery === "raise-max") return "maximum";
  // Its first step is a reboot; it stops the machine only with two kinds of evidence, or at once on a bad host.
  if (recovery === "restart") return symptom === "host" ? "service" : "none";
  return words[recovery].stopsInstance || recovery === "prune" ? "service" : "none";
}
