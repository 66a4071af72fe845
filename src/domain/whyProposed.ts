/** Why a recovery is the one that is offered for a symptom, in one sentence for the card. */
import type { Recovery, Symptom } from "./words.ts";

export function whyProposed(recovery: Recovery, symptom: Symptom): string {
  if (symptom === "warning") return "A warning alone proposes nothing.";
  return `${broken(recovery, symptom)}; ${helps(recovery, symptom)}.`;
}

function broken(recovery: Recovery, symptom: Exclude<Symptom, "warning">): string {
  switch (symptom) {
    case "host":
      return "The AWS host under it is impaired";
    case "os":
      return "The machine runs but its operating system does not";
    case "down":
      return "Its users get no answer";
    case "targets":
      return recovery === "replace" || recovery === "refresh"
        ? "The load balancer has taken members out"
        : "The load balancer has taken it out";
    case "overloaded":
      return "It has more work than it can do";
  }
}

function helps(recovery: Recovery, symptom: Exclude<Symptom, "warning">): string {
  switch (recovery) {
    case "reboot":
    case "restart":
    case "stop-start":
    case "force-stop-start":
      return restartHelps(recovery, symptom);
    case "scale-out":
      return symptom === "overloaded" ? "more members share it" : "more members take its place";
    case "raise-max":
      return "the group stands at its maximum and may not grow further";
    case "replace":
      return "the group ends what is unhealthy and launches anew";
    case "refresh":
      return "every member is made anew, a few at a time";
    case "failover":
      return symptom === "overloaded" ? "the standby is idle and takes over" : "the standby takes over";
    case "fail-back":
      return "the original serves again";
    case "reprovision":
      return "a new machine from the newest snapshot takes its place here";
    case "reprovision-dr":
      return "it is built anew in the DR region";
    case "scale-in":
      return "it goes back to its former size";
    case "drill":
    case "prune":
      return "this was ordered beside it and does not mend it";
  }
}

function restartHelps(recovery: Recovery, symptom: Exclude<Symptom, "warning">): string {
  switch (symptom) {
    case "host":
      return recovery === "reboot"
        ? "a reboot stays on that host and rarely helps"
        : "a reboot would stay on that host, so it moves to another one";
    case "os":
      if (recovery === "restart") return "a reboot mends most of that, stop and start follows if it does not";
      return recovery === "reboot" ? "a reboot mends most of that" : "it starts afresh on other hardware";
    case "down":
      return "starting it afresh is the quickest thing that usually helps";
    case "targets":
      return "starting it afresh usually brings it back";
    case "overloaded":
      return "starting it afresh helps only when something in it has gone wild";
  }
}
