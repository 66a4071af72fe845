/** `medic explain` for people: a few lines a message, in operators' words. */
import type { Matched } from "./explain.ts";
import { isoOf } from "./instant.ts";
import type { AlarmFacts, IncidentHint, Parsed, Resources } from "./parsed.ts";
import { isAlarm } from "./parsed.ts";
import { guessOf } from "./symptom.ts";

/** Longer reasons are cut: the whole text is in the JSON form. */
const REASON_LENGTH_MAX = 240;

/** One block of lines, no trailing newline. `matched` is there when a configuration was given. */
export function renderExplained(parsed: Parsed, matched?: Matched): string {
  const lines = [
    headlineOf(parsed),
    line("when", isoOf(parsed.at) ?? "the message does not say"),
    line("where", whereOf(parsed)),
    line("about", aboutOf(parsed.resources)),
    line("why", clip(parsed.reason)),
    line("says", clip(detailOf(parsed))),
    line("means", meaningOf(parsed)),
    line("also", alsoOf(parsed)),
    ...(matched === undefined ? [] : matchedLines(matched)),
  ];
  return lines
    .filter((text) => text !== null)
    .map(printable)
    .join("\n");
}

/** Names come from outside: no control character of theirs reaches a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

function line(label: string, text: string | null): string | null {
  return text === null || text === "" ? null : `  ${label.padEnd(9)}${text}`;
}

function headlineOf(parsed: Parsed): string {
  switch (parsed.cls) {
    case "alarm":
      return `Alarm "${parsed.alarmName}" went ${changeOf(parsed)}`;
    case "composite_alarm":
      return `Composite alarm "${parsed.alarmName}" went ${changeOf(parsed)}`;
    case "alarm_contributor":
      return `Contributor ${parsed.contributorId} of alarm "${parsed.alarmName}" went ${parsed.newState}`;
    case "alarm_config_change":
      return `Alarm "${parsed.alarmName}" was changed by somebody (${parsed.operation ?? "operation unknown"})`;
    case "asg_activity":
      return `Auto Scaling: ${parsed.event}${parsed.failed ? ", which failed" : ""}`;
    case "asg_test":
      return "Auto Scaling sends a test notification";
    case "lifecycle_hook":
      return `Lifecycle hook ${parsed.hook ?? "(no name)"} waits for an answer: ${parsed.transition}`;
    case "instance_refresh":
      return parsed.event;
    case "ec2_state":
      return `An instance is ${parsed.instanceState}`;
    case "spot_interruption":
      return `Spot takes an instance back: ${parsed.instanceAction ?? "action unknown"}`;
    case "rebalance":
      return "Spot advises to move off an instance";
    case "health":
      return `AWS Health: ${parsed.eventTypeCode} (${parsed.category ?? "no category"})`;
    case "ebs":
      return `EBS: ${parsed.event} ${parsed.result ?? ""}`.trimEnd();
    case "canary":
      return parsed.event;
    case "subscription_confirmation":
      return "SNS asks whether this subscription is wanted";
    case "unsubscribe_confirmation":
      return "SNS says that a subscription was ended";
    case "unrecognised_text":
    case "unrecognised_json":
      return "A message that the bot does not know";
    case "unrecognised_event":
      return `An event that the bot does not know: ${parsed.event ?? "no type"}`;
  }
}

function changeOf(facts: AlarmFacts): string {
  const before = facts.oldState === null || facts.oldState === facts.newState ? "" : ` from ${facts.oldState}`;
  return `${facts.newState}${before}`;
}

function whereOf(parsed: Parsed): string {
  return `${parsed.region ?? "region unknown"}, account ${parsed.accountId ?? "unknown"}`;
}

const NOUNS = new Map([
  ["instanceId", "instance"],
  ["affected", "instances"],
  ["asgName", "group"],
  ["loadBalancer", "load balancer"],
  ["targetGroup", "target group"],
  ["availabilityZone", "zone"],
  ["dbInstance", "database"],
  ["healthCheckId", "health check"],
  ["volumeId", "volume"],
  ["snapshotId", "snapshot"],
  ["snapshotIds", "snapshots"],
]);

function aboutOf(resources: Resources): string | null {
  const parts = Object.entries(resources as Record<string, unknown>)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([word, value]) => `${NOUNS.get(word) ?? word} ${Array.isArray(value) ? value.join(", ") : String(value)}`);
  return parts.length === 0 ? null : parts.join(" · ");
}

function detailOf(parsed: Parsed): string | null {
  if (parsed.cls === "health") return parsed.description;
  return "excerpt" in parsed ? parsed.excerpt : null;
}

const MEANINGS: Readonly<Record<Exclude<IncidentHint, boolean>, string>> = {
  resolve: "good news: it may end an incident",
  keep: "no data: it neither opens nor ends an incident",
  suppressed: "CloudWatch suppressed its actions: noted, opens nothing",
  muted: "a mute rule is on: noted, opens nothing",
};

function meaningOf(parsed: Parsed): string {
  if (parsed.incident === false) return "no incident";
  if (parsed.incident !== true) return MEANINGS[parsed.incident];
  if (parsed.cls === "health" && parsed.category === "scheduledChange")
    return "planned work: told, never a recovery by itself";
  if (parsed.cls === "lifecycle_hook") return "a chore: the group waits for an answer";
  const guess = guessOf(parsed);
  return guess === null ? "opens or updates an incident" : `opens or updates an incident, symptom ${guess.symptom}`;
}

function alsoOf(parsed: Parsed): string | null {
  if (!isAlarm(parsed)) return parsed.subject === null ? null : `subject "${parsed.subject}"`;
  const parts = [
    parsed.metric === null ? null : `metric ${parsed.metric}`,
    parsed.expression === null ? null : `expression ${clip(parsed.expression) ?? ""}`,
    parsed.cls === "composite_alarm" ? `children ${parsed.children.join(", ") || "not named"}` : null,
    parsed.ec2Actions.length === 0 ? null : `EC2 itself will ${parsed.ec2Actions.join(" and ")} the instance`,
    parsed.suppressedBefore === null ? null : `was suppressed by ${parsed.suppressedBefore} before`,
  ];
  return parts.filter((part) => part !== null).join(" · ");
}

function matchedLines(matched: Matched): readonly (string | null)[] {
  return [
    line("service", matched.service ?? `none: ${matched.why ?? "nothing in the configuration claims it"}`),
    line("symptom", matched.symptom ?? null),
    line("proposal", matched.proposal ?? null),
  ];
}

function clip(text: string | null): string | null {
  const flat = text?.replace(/\s+/g, " ").trim() ?? null;
  return flat !== null && flat.length > REASON_LENGTH_MAX ? `${flat.slice(0, REASON_LENGTH_MAX - 1)}…` : flat;
}
