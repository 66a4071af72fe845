/** How cards, modals and verbs name recoveries and symptoms: one table, so that every surface says the same. */
import type { Piece } from "./text.ts";
import type { Person } from "./serviceCase.ts";
import type { Recovery, Symptom } from "./words.ts";

export interface RecoveryWords {
  /** In a sentence: "Proposed: restart". */
  readonly name: string;
  /** On a button, in a choice. */
  readonly label: string;
  /** What people notice meanwhile. */
  readonly downtime: string;
  readonly stopsInstance: boolean;
  /** The plan in sentences, for the preview. */
  readonly steps: readonly string[];
}

const proof = "Prove that it answers: status checks, probe, alarm";

const words: Readonly<Record<Recovery, RecoveryWords>> = {
  restart: {
    name: "restart",
    label: "Restart",
    downtime: "1 to 2 min; 2 to 4 more if stopped",
    stopsInstance: true,
    steps: [
      "Check that it is still ours to touch",
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
    steps: ["Check that it is still ours to touch", "Reboot, on the same hardware", proof],
  },
  "stop-start": {
    name: "stop and start",
    label: "Stop and start",
    downtime: "2 to 4 min",
    stopsInstance: true,
    steps: ["Check that it is still ours to touch", "Stop", "Start on other hardware", proof],
  },
  "force-stop-start": {
    name: "force stop and start",
    label: "Force stop and start",
    downtime: "3 to 8 min",
    stopsInstance: true,
    steps: [
      "Check that it is still ours to touch",
      "Stop by force: the operating system gets no chance to write its caches",
      "Start on other hardware",
      proof,
    ],
  },
};

/** Every word for a recovery; on symptom `host` a restart leaves out the reboot, so it takes what a stop and start takes. */
export function recoveryWords(recovery: Recovery, symptom?: Symptom): RecoveryWords {
  const found = words[recovery];
  if (recovery !== "restart" || symptom !== "host") return found;
  const stopStart = words["stop-start"];
  return { ...found, downtime: stopStart.downtime, steps: stopStart.steps };
}

/** After the service's name in a title: "shop-web fails its system status check". */
export const symptomWords: Readonly<Record<Symptom, string>> = {
  down: "does not answer",
  host: "fails its system status check",
  os: "fails its instance status check",
  targets: "is unhealthy behind its load balancer",
  overloaded: "is overloaded",
  warning: "raises a warning",
};

/** Why this recovery is the one that is offered. */
export function whyProposed(recovery: Recovery, symptom: Symptom): string {
  switch (symptom) {
    case "host":
      return recovery === "reboot"
        ? "The AWS host under it is impaired; a reboot stays on that host and rarely helps."
        : "The AWS host under it is impaired; a reboot would stay on that host, so it moves to another one.";
    case "os":
      return recovery === "restart"
        ? "The machine runs but its operating system does not; a reboot mends most of that, stop and start follows if it does not."
        : "The machine runs but its operating system does not.";
    case "down":
      return "Its users get no answer; starting it afresh is the quickest thing that usually helps.";
    case "targets":
      return "The load balancer has taken it out; starting it afresh usually brings it back.";
    case "overloaded":
      return "It has more work than it can do.";
    case "warning":
      return "A warning alone proposes nothing.";
  }
}

/** A person as a piece of text; who typed on a command line has no Slack id. */
export function personPiece(person: Person): Piece {
  return /^[UW][A-Z0-9]+$/.test(person.id) ? { user: person.id, name: person.name } : person.name;
}
