/**
 * The closed list of reasons. A reason is data (code + arguments); its sentence is made here and nowhere else, so that Slack,
 * the digest, mail and the log say the same words. `entries` of these make the timeline.
 */

import { recoveryName, symptomWords } from "./cardWords.ts";
import type { Symptom } from "./words.ts";

export type ReasonArgs = Readonly<Record<string, string | number | boolean>>;

const at = (ms: string | number | boolean | undefined) => new Date(Number(ms)).toISOString().slice(11, 16) + " UTC";
const span = (ms: string | number | boolean | undefined): string => {
  const s = Math.round(Number(ms) / 1000);
  if (s < 120) return `${s} s`;
  return s < 7200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`;
};

const symptomSaid = (symptom: string | number | boolean | undefined): string =>
  `${symptomWords[symptom as Symptom] ?? "is bad"} (${symptom})`;

/** Every reason with its sentence. Arguments are named in the template; `by` is always a person's name or "the bot". */
const sentences = {
  // what came in
  "signal-bad": (a) => `${a["subject"]} went bad: ${a["reason"]}`,
  "signal-good": (a) => `${a["subject"]} is good again`,
  "signal-unknown": (a) => `${a["subject"]} has no data; that neither heals nor fails`,
  "signal-quiet": (a) => `${a["subject"]} is ${a["quiet"]} in CloudWatch; noted, nothing opened`,
  "signal-duplicate": (a) => `${a["subject"]}: the same change came again`,
  "signal-stale": (a) => `${a["subject"]}: this change is older than what is known already`,
  "signal-old": (a) => `${a["subject"]}: the message was old; the alarm is read again`,
  "signal-former-placement": (a) => `${a["subject"]} is about ${a["instance"]}, where the service does not live`,
  "original-returned": (a) =>
    `the original ${a["instance"]} answers again; it stays out of service until a person decides`,
  "original-quarantined": (a) => `the original ${a["instance"]} was seen to: ${a["said"]}`,
  "original-away": (a) => `the original ${a["instance"]} does not run any more`,
  "signal-warning": (a) =>
    `${a["subject"]}: no ladder for symptom ${a["symptom"]}, so this is told and nothing is proposed`,
  // incident
  "incident-opened": (a) => `incident opened: it ${symptomSaid(a["symptom"])}`,
  "incident-reopened": (a) =>
    a["rung"] === "none"
      ? "bad again within the window, and no rung is left"
      : `bad again within the window: it goes on at rung ${a["rung"]}`,
  "incident-worse": (a) => `it is worse than it seemed: it ${symptomSaid(a["symptom"])}`,
  "cleared-by-itself": (a) =>
    a["ran"] === true ? "well again without a further run" : "cleared by itself, nothing was run",
  recovered: (a) => `recovered after ${span(a["tookMs"])}`,
  "closed-by-person": (a) => `closed by ${a["by"]}: ${a["why"]}`,
  "window-ended": (a) =>
    `${a["by"] ? `${a["by"]} has seen that it is back` : "quiet for the whole window"}; the next failure starts at the first rung`,
  acknowledged: (a) => `${a["by"]} has it`,
  // proposal and decision
  proposed: (a) => `proposed: ${a["recovery"]} (${a["mode"]})`,
  "proposal-renewed": (a) => `the facts were read again: it is proposal ${a["proposal"]} now`,
  "proposal-changed": (a) => `${a["because"]}: it is proposal ${a["proposal"]} now, earlier approvals do not count`,
  "observe-only": () => "this rung only observes: nothing runs by itself, a person may order it with Other…",
  "told-people": (a) => `people were told by ${a["via"] === "slack" ? "Slack" : a["via"]}`,
  "veto-started": (a) => `runs by itself at ${at(a["until"])} unless somebody holds it`,
  approved: (a) => `approved by ${a["by"]}`,
  "approved-partly": (a) => `approved by ${a["by"]}; ${a["missing"]} more needed`,
  "approval-expired": () => "the approval EXPIRED before it could run; nothing was denied, approve again",
  "order-lapsed": (a) => `the ${a["recovery"]} that ${a["by"]} ordered was not confirmed in time; order it again`,
  "approval-expires-soon": (a) => `the approval expires at ${at(a["until"])}`,
  "veto-ended": () => "nobody objected within the veto window",
  "refused-before": (a) => `${a["recovery"]} was refused earlier in this window, so nothing is proposed`,
  refused: (a) => `${a["by"]} said no${a["why"] ? `: ${a["why"]}` : ""}`,
  held: (a) => `held by ${a["by"]} until ${at(a["until"])}${a["why"] ? `: ${a["why"]}` : ""}`,
  "hold-kept": (a) => `held until ${at(a["until"])} already; say Resume to end it`,
  "hold-ended": () => "the hold ended",
  resumed: (a) => `resumed by ${a["by"]}`,
  ordered: (a) => `${a["by"]} ordered ${a["recovery"]}${a["why"] ? `: ${a["why"]}` : ""}`,
  // blocks: why an automatic run does not start although its time has come
  "blocked-hold": (a) => `held until ${at(a["until"])}`,
  "blocked-switch-off": () => "autopilot is switched off (`/medic autopilot on` by an approver lifts it)",
  "blocked-switch-unknown": () => "the kill switch cannot be read, so automatic runs are off until it can",
  "blocked-storm": (a) => `storm in ${a["scope"]}: automatic runs stopped until a person says \`/medic autopilot on\``,
  "blocked-silence": (a) => `silenced until ${at(a["until"])}`,
  "blocked-cap": (a) => `${a["count"]} automatic runs within 24 h have not kept it well: from here a person decides`,
  "blocked-busy": () => "enough automatic runs are going on in this account and region already; it waits for its turn",
  "blocked-permit-unread": () => "the leave to act could not be asked for; it is asked for again",
  "blocked-not-told": () => "nobody could be told yet",
  "blocked-warm-up": () => "the bot was away; it reads everything again before it acts by itself",
  "blocked-evidence": (a) => `the evidence is too thin: ${a["detail"]}`,
  "blocked-stopped-by-person": () => "a person stopped this instance; the bot asks and does not act by itself",
  "instance-terminated": (a) =>
    `the instance ${a["instance"]} is terminated${a["said"] ? ` (EC2 says: ${a["said"]})` : ""}; no restart can bring it back`,
  "blocked-aws-acts": (a) => `EC2's own ${a["action"]} action is on this alarm; it gets room first`,
  "block-lifted": () => "what blocked it is gone",
  // confirming and running
  confirming: () => "reading fresh evidence before acting",
  "confirm-timed-out": () => "fresh evidence did not arrive in time",
  "run-started": (a) => `${a["recovery"]} started`,
  "step-begun": (a) => `${a["step"]}: begun`,
  "step-done": (a) => `${a["step"]}: done`,
  "stop-asked": (a) => `${a["by"]} asked to stop; the run ends at its next safe point`,
  "run-stopped": (a) => `stopped at a safe point: ${a["left"]}`,
  "run-cleared": () => "the service was well again before anything was done",
  "run-done": (a) => `${a["recovery"]} finished after ${span(a["tookMs"])}; proving that the service answers`,
  "run-refused": (a) => `${a["recovery"]} refused: ${a["detail"]}`,
  "run-failed": (a) => `${a["recovery"]} failed: ${a["detail"]}`,
  "effect-looked-for": () => "out of time; looking whether it worked all the same before anything else is tried",
  "run-overdue": (a) => `${a["recovery"]} was not done within its limit of ${span(a["limitMs"])}`,
  "waiting-for-alarm": (a) => `the service answers; waiting for ${a["subject"]} to say so`,
  "verify-failed": (a) =>
    `${a["unread"] === true ? "not proven well" : "still bad"} after ${a["recovery"]}: ${a["detail"]}`,
  "ladder-ended": (a) =>
    `every rung of the ladder was tried, a person is needed${a["detail"] ? `; last: ${a["detail"]}` : ""}`,
  "no-ladder": (a) => `it has no ladder to go on with${a["detail"] ? `; last: ${a["detail"]}` : ""}`,
  climbed: (a) => `next rung: ${a["recovery"]}`,
  // person needed
  "needs-person": (a) => `a person is needed: ${a["detail"]}`,
  // upkeep
  mentioned: () => "nobody has reacted: the group is mentioned",
  escalated: (a) =>
    a["whom"]
      ? `nobody has reacted: also told by ${a["whom"]}`
      : "nobody has reacted, and there is nobody else to tell: set a mail topic or a second channel",
  reminded: (a) => `still bad after ${span(a["afterMs"])}`,
  "debt-added": (a) => `owed back: ${a["debt"]}`,
  "debt-repaid": (a) => `no longer owed: ${a["debt"]}`,
  "config-gone": () => "the service is gone from medic.yaml; its case stays until a person closes it",
  "placement-moved": (a) =>
    `the service lives on ${a["to"]} now${a["region"] ? ` in ${a["region"]}` : ""}, no longer on ${a["from"]}`,
  "errand-done": (a) => `${a["recovery"]} done after ${span(a["tookMs"])}: ${a["summary"]}`,
  // chores: answers owed to Auto Scaling, beside any run
  "chore-begun": (a) => `${a["group"]} waits for the bot: ${a["what"]} (${a["instance"]})`,
  "chore-done": (a) => `${a["group"]} was answered: ${a["what"]} (${a["instance"]})`,
  "chore-needs-person": (a) =>
    `${a["group"]} waits and the bot may not answer: ${a["what"]}; ${a["detail"]}. It times out at ${at(a["until"])}`,
  "chore-late": (a) => `${a["group"]}: the answer came too late or was not wanted any more (${a["what"]})`,
  "placement-learned": (a) => `the service lives on ${a["instance"]}`,
  "case-full": () => "more is bad at once than the case can name; the rest is counted",
  // answers to people
  "not-now": (a) => `no ${a["recovery"]} now: ${a["detail"]}`,
  "stale-press": () => "this card has moved on since you opened it; look at it again and press there",
  "already-decided": (a) => `already ${a["what"]}`,
  "not-allowed": (a) => `not allowed: ${a["detail"]}`,
  "nothing-to-do": (a) => `nothing to do: ${a["detail"]}`,
  "needs-other": () => "this service asks for the approval of somebody else than the one who ordered it",
  "busy-running": (a) => `a run is going on (${a["recovery"]}); Stop it first or wait for its end`,
  "busy-proving": (a) => `the ${a["recovery"]} has ended and is being proven; wait for the result, it takes minutes`,
} satisfies Record<string, (args: ReasonArgs) => string>;

export type ReasonCode = keyof typeof sentences;

export interface Reason {
  readonly code: ReasonCode;
  readonly args: ReasonArgs;
}

export function reason(code: ReasonCode, args: ReasonArgs = {}): Reason {
  return { code, args };
}

/** The sentence that people read, without a final stop. */
export function sentence({ code, args }: Reason): string {
  const recovery = args["recovery"];
  return sentences[code](typeof recovery === "string" ? { ...args, recovery: recoveryName(recovery) } : args);
}

export const reasonCodes = Object.keys(sentences) as ReasonCode[];
