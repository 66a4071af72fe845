/**
 * The card of a service: a projection of its case, made anew for every version, for a person who has just woken up.
 * Subject first; what broke; what is proposed and why; what it costs; when it runs by itself; then the buttons.
 */
import { buttonsOf, menuOf } from "./cardControls.ts";
import { consequenceFacts, previewOf, type CostsInput } from "./cardCosts.ts";
import { badFacts, evidenceFacts, placeFacts, type CardFact } from "./cardFacts.ts";
import { besideNotes, identityNote, whenNotes } from "./cardNotes.ts";
import { phaseWords } from "./cardPhases.ts";
import { isToldOnly } from "./proposalKinds.ts";
import { stepsOf } from "./cardSteps.ts";
import type { CardModel } from "./cardModel.ts";
import type { Dossier } from "./dossier.ts";
import type { RunView } from "./runView.ts";
import type { ServiceDefinition } from "./service.ts";
import type { Phase, Proposal, ServiceCase } from "./serviceCase.ts";
import type { Text } from "./text.ts";

type ResolvedHow = Extract<Phase, { kind: "resolved" }>["how"];

export interface CardInput {
  readonly current: ServiceCase;
  /** undefined: gone from medic.yaml. */
  readonly service: ServiceDefinition | undefined;
  /** The run under way or just ended, when there is one. */
  readonly run?: RunView | undefined;
  readonly dossier?: Dossier | undefined;
  readonly now: number;
  /** How and when it ended, when the case itself has gone back to rest already. */
  readonly resolved?: { readonly at: number; readonly how: ResolvedHow } | undefined;
}

export function cardOf(input: CardInput): CardModel {
  const { current, run, dossier } = input;
  const { phase, incident } = current;
  const words = phaseWords(input);
  const offered = phase.kind === "proposing" || phase.kind === "confirming" ? phase.proposal : undefined;
  const proposed = offered === undefined || isToldOnly(offered) ? undefined : offered;
  const preview = proposed && previewOf(proposed, dossier);
  const costs = proposed ? consequenceFacts({ current, ...consentedTo(proposed), dossier, preview }) : [];
  const showsRun = run !== undefined && (phase.kind === "recovering" || phase.kind === "verifying" || runEnded(input));
  const proposal = offered?.number ?? current.proposalCount;
  return {
    key: incident?.id ?? `case/${current.service}`,
    version: current.cardVersion,
    service: current.service,
    proposal,
    tone: words.tone,
    title: words.title,
    summary: words.summary,
    facts: factsOf(input, words.facts, costs),
    ...(dossier?.chart && phase.kind !== "resolved" && phase.kind !== "idle" ? { chart: dossier.chart } : {}),
    ...(showsRun ? { steps: stepsOf(run, phase.kind) } : {}),
    notes: notesOf(input, words.notes),
    buttons: buttonsOf(input, { costs, preview }),
    menu: menuOf(input),
  };
}

function consentedTo({ recovery, options }: Proposal): Pick<CostsInput, "recovery" | "options"> {
  return { recovery, options };
}

/** After a run the steps stay on the card: what was done is the first question of whoever takes over. */
function runEnded({ current, run }: CardInput): boolean {
  if (run === undefined || current.lastRun?.runId !== run.runId) return false;
  return current.phase.kind === "resolved" || current.phase.kind === "needs-person";
}

/** Slack takes ten fields. Consequences come first in that budget, so that they can never be the ones left out. */
function factsOf(input: CardInput, own: readonly CardFact[], costs: readonly CardFact[]): CardFact[] {
  const { current, service, dossier } = input;
  const { kind } = current.phase;
  if (kind === "resolved" || kind === "idle") return [...own, ...placeFacts(current, service, dossier)];
  const running = kind === "recovering" || kind === "verifying";
  const around = running
    ? placeFacts(current, service, dossier)
    : [...placeFacts(current, service, dossier), ...evidenceFacts(current)];
  return [...badFacts(current), ...own, ...costs, ...around].slice(0, 10);
}

function notesOf(input: CardInput, own: readonly Text[]): Text[] {
  const { current, service } = input;
  const { phase } = current;
  const when = phase.kind === "proposing" ? whenNotes(input, phase.proposal) : [];
  const gone: Text[] =
    service === undefined
      ? [[{ bold: "Gone from medic.yaml" }, ": this case stays until a person closes it; nothing runs by itself"]]
      : [];
  return [...when, ...own, ...besideNotes(input), ...gone, identityNote(current)];
}
