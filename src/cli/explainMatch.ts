/** Whose message it is and what would be proposed, from the configuration alone: no inventory, so tags are not resolved. */
import { globMatches } from "../domain/glob.ts";
import type { AlarmMatcher, Rung, ServiceDefinition } from "../domain/service.ts";
import type { Settings } from "../domain/settings.ts";
import type { Symptom } from "../domain/words.ts";
import { formatDuration } from "../config/duration.ts";
import type { Match, Matched } from "../signals/explain.ts";
import { isAlarm } from "../signals/parsed.ts";
import type { Parsed } from "../signals/parsed.ts";
import { guessOf } from "../signals/symptom.ts";

export function explainMatch(settings: Settings): Match {
  const services = [...settings.services.values()];
  return (parsed) => {
    const found = services.flatMap((service) => claimOf(service, parsed));
    const [first, second] = strongest(found);
    if (first === undefined) return { service: null, why: whyNone(parsed, services) };
    if (second !== undefined)
      return { service: null, why: `${first.service.name} and ${second.service.name} both claim it` };
    return describe(first, parsed);
  };
}

interface Claim {
  readonly service: ServiceDefinition;
  readonly by: "name" | "resource";
  readonly matcher?: AlarmMatcher;
}

function claimOf(service: ServiceDefinition, parsed: Parsed): Claim[] {
  if (service.account !== "" && parsed.accountId !== null && parsed.accountId !== service.account) return [];
  if (parsed.region !== null && parsed.region !== service.region) return [];
  if (isAlarm(parsed)) {
    const matcher = service.alarms.find(({ name }) => globMatches(name, parsed.alarmName));
    if (matcher !== undefined) return [{ service, by: "name", matcher }];
  }
  const { target } = service;
  const { instanceId, affected, asgName } = parsed.resources;
  const isTarget =
    (target.kind === "instance" &&
      (instanceId === target.instanceId || affected?.includes(target.instanceId) === true)) ||
    (target.kind === "asg" && asgName === target.asgName);
  return isTarget ? [{ service, by: "resource" }] : [];
}

/** A name that was written down beats what a dimension says. */
function strongest(claims: readonly Claim[]): readonly Claim[] {
  const named = claims.filter(({ by }) => by === "name");
  return named.length > 0 ? named : claims;
}

function whyNone(parsed: Parsed, services: readonly ServiceDefinition[]): string {
  const tags = services.filter(({ target }) => target.kind === "tag").length;
  const subject = isAlarm(parsed) ? `no service claims alarm "${parsed.alarmName}"` : "no service claims what it names";
  const where = parsed.region === null ? "" : ` in ${parsed.region}`;
  const unresolved =
    tags > 0 && parsed.resources.instanceId !== undefined
      ? "; services found by tag are matched by instance only while the bot runs"
      : "";
  return `${subject}${where}${unresolved}`;
}

function describe({ service, matcher }: Claim, parsed: Parsed): Matched {
  const symptom = matcher?.symptom ?? guessOf(parsed)?.symptom;
  if (symptom === undefined) return { service: service.name, proposal: "none: it says nothing about health" };
  return { service: service.name, symptom, proposal: proposalOf(service, symptom, parsed) };
}

function proposalOf(service: ServiceDefinition, symptom: Symptom, parsed: Parsed): string {
  if (parsed.incident !== true) return "none: it opens no incident";
  if (parsed.cls === "health") return "none: a Health event never starts a ladder";
  const rungs = service.ladders[symptom] ?? [];
  if (rungs.length === 0) return `none: no ladder for symptom ${symptom}, a card only`;
  return rungs.map(rungInWords).join(", then ");
}

function rungInWords(rung: Rung): string {
  switch (rung.mode) {
    case "observe":
      return `${rung.recovery} (observe: said, not run)`;
    case "approve":
      return `${rung.recovery} (approve: ${rung.approvals} approval${rung.approvals === 1 ? "" : "s"})`;
    case "auto":
      return `${rung.recovery} (auto: ${formatDuration(rung.vetoMs)} to object)`;
  }
}
