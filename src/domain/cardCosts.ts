/**
 * What running a recovery costs, before anybody decides: from its preview when the world was read for it, else from what is known
 * of any such recovery and of the machine. What is not known is said to be so.
 */
import { recoveryWords, type RecoveryWords } from "./cardWords.ts";
import type { CardModel } from "./cardModel.ts";
import type { Dossier } from "./dossier.ts";
import { mayClimb, worldsReasons } from "./ladder.ts";
import { optionWords } from "./orderWords.ts";
import type { Preview } from "./preview.ts";
import type { Estimate } from "./runView.ts";
import type { Proposal, ServiceCase } from "./serviceCase.ts";
import { length, type Piece, type Text } from "./text.ts";
import type { OrderOption, Recovery } from "./words.ts";

type CardFact = CardModel["facts"][number];

export interface CostsInput {
  readonly current: ServiceCase;
  readonly recovery: Recovery;
  /** Consents that were given with it: whoever approves second must read what may come of them. */
  readonly options?: readonly OrderOption[] | undefined;
  readonly dossier?: Dossier | undefined;
  /** Read for exactly this; without it the dossier's own is taken, when it is of the proposal that stands. */
  readonly preview?: Preview | undefined;
}

/** The preview of what is proposed; one from before this proposal was about another world. */
export function previewOf(proposal: Proposal, dossier: Dossier | undefined): Preview | undefined {
  const preview = dossier?.previews?.[proposal.recovery];
  return preview && preview.readAt >= proposal.madeAt ? preview : undefined;
}

/** Why it could not run now; undefined also when that could not be read. */
export function cannotRun(preview: Preview | undefined): NonNullable<Preview["refused"]> | undefined {
  return preview?.refused && !preview.refused.unread ? preview.refused : undefined;
}

/** A refusal of the world's: an order would be refused too, and the ladder would go on at once. */
export function climbsAt(refused: NonNullable<Preview["refused"]>): boolean {
  return mayClimb({ code: refused.code, climb: (worldsReasons as readonly string[]).includes(refused.code) });
}

export function consequenceFacts({ current, recovery, options = [], dossier, preview }: CostsInput): CardFact[] {
  const consents = options.map((option): CardFact => {
    return { label: "Consented to", value: [{ bold: optionWords[option].label }, `. ${optionWords[option].danger}`] };
  });
  const refused = cannotRun(preview);
  if (refused) return [refusedFact(refused), ...consents];
  const words = recoveryWords(recovery, current.incident?.symptom);
  return [
    ...headlineFacts(preview),
    ...consents,
    { label: "Expected downtime", value: [preview?.downtime ?? words.downtime, ...usually(dossier?.estimate)] },
    { label: "Public address", value: addressText(current, words, { dossier, preview }) },
    ...dataFacts(words, { dossier, preview }),
    ...(dossier?.blastRadius ? [{ label: "Also touched", value: dossier.blastRadius }] : []),
    ...mindFacts(dossier, preview),
  ];
}

function refusedFact({ why, remedy }: NonNullable<Preview["refused"]>): CardFact {
  return { label: "Cannot run now", value: [{ bold: why }, `. ${remedy}`] };
}

function headlineFacts(preview: Preview | undefined): CardFact[] {
  return preview && preview.headline !== "" ? [{ label: "What it does", value: [{ bold: preview.headline }] }] : [];
}

function usually(estimate: Estimate | undefined): Piece[] {
  if (estimate === undefined || estimate.runs === 0) return [];
  return [`; usually ${length(estimate.ms)} (${runsWords(estimate.runs)})`];
}

/** "last run", "last 4 runs". */
export function runsWords(runs: number): string {
  return runs === 1 ? "last run" : `last ${runs} runs`;
}

interface Read {
  readonly dossier: Dossier | undefined;
  readonly preview: Preview | undefined;
}

function addressText(current: ServiceCase, words: RecoveryWords, { dossier, preview }: Read): Text {
  if (preview && preview.address !== "") return [preview.address];
  if (words.address !== undefined) return [words.address];
  const seen = dossier?.instance;
  if (!words.stopsInstance) return ["kept"];
  if (seen?.hasElasticIp || current.placement.allocationId) return ["kept (Elastic IP)"];
  if (seen && !seen.publicIp) return ["none"];
  if (seen?.publicIp) {
    return [{ bold: "changes" }, ": ", { code: seen.publicIp }, " is no Elastic IP"];
  }
  return [{ bold: "changes" }, " without an Elastic IP"];
}

function dataFacts(words: RecoveryWords, { dossier, preview }: Read): CardFact[] {
  if (preview?.dataAsOf !== undefined) {
    // As old as it was when it was read: the card does not change by the minute, its date does in each reader's Slack.
    const age = length(Math.max(0, preview.readAt - preview.dataAsOf));
    const value: Text = [
      { bold: `${age} old` },
      ", as of ",
      { time: preview.dataAsOf, style: "date-time" },
      "; what came after it is lost",
    ];
    return [{ label: "Data (RPO)", value }];
  }
  if (preview && preview.data !== "") return [{ label: "Data", value: [preview.data] }];
  return [
    { label: "Data", value: words.data === undefined ? machineData(words.stopsInstance, dossier) : [words.data] },
  ];
}

function machineData(stopsInstance: boolean, dossier?: Dossier): Text {
  if (!stopsInstance) return ["kept"];
  if (dossier?.instance?.hasInstanceStore) return ["EBS kept; ", { bold: "instance store is lost" }];
  if (dossier?.instance) return ["kept (EBS; there is no instance store)"];
  return ["EBS kept; any instance store is lost"];
}

/** One fact, however much there is to mind: Slack takes ten of them. */
function mindFacts(dossier: Dossier | undefined, preview: Preview | undefined): CardFact[] {
  const lines: Text[] = [
    ...(preview?.mind ?? []).map((line): Text => [line]),
    ...(preview?.refused ? [[`not read now: ${preview.refused.why}. ${preview.refused.remedy}`]] : []),
    ...(dossier?.consequences ?? []),
  ];
  if (lines.length === 0) return [];
  return [{ label: "Mind", value: lines.flatMap((line, i): Piece[] => [...(i > 0 ? ["\n"] : []), ...line]) }];
}
