/** Whose message it is and what would be proposed, from the configuration alone: no inventory, so tags are not resolved. */
import { formatDuration } from "../config/duration.ts";
import type { Rung, ServiceDefinition } from "../domain/service.ts";
import type { Settings } from "../domain/settings.ts";
import type { Symptom } from "../domain/words.ts";
import { matchService } from "../engine/matchService.ts";
import type { Match } from "../signals/explain.ts";
import type { Parsed } from "../signals/parsed.ts";

export function explainMatch(settings: Settings): Match {
  const services = [...settings.services.values()];
  const byTag = services.some(({ target }) => target.kind === "tag");
  return (parsed) => {
    const { service: name, why, guess, others } = matchService(parsed, { services, place: () => undefined });
    const service = name === null ? undefined : settings.services.get(name);
    if (service === undefined) return { service: null, why: why + unresolved(parsed, byTag) };
    const because = others.length === 0 ? why : `${why}; ${others.join(", ")} claim it as well`;
    if (guess === null) return { service: service.name, why: because, proposal: "none: it says nothing about health" };
    const { symptom } = guess;
    return { service: service.name, why: because, symptom, proposal: proposalOf(service, symptom, parsed) };
  };
}

/** Honest about what only the running bot can know. */
function unresolved(parsed: Parsed, byTag: boolean): string {
  const names = parsed.resources.instanceId ?? parsed.resources.affected;
  return byTag && names ? " (services found by tag know their instances only while the bot runs)" : "";
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
