/** What a card shows beside the case, from the records that runs and evidence leave behind. Read only for updates. */
import type { Dossier } from "../domain/dossier.ts";
import type { RunView } from "../domain/runView.ts";
import type { Entry, ServiceCase } from "../domain/serviceCase.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Records } from "../ports/store.ts";
import { isToldOnly } from "../domain/proposalKinds.ts";
import { dossierKey } from "./dossiers.ts";
import { estimateOf } from "./estimates.ts";
import { runKey, runViewOf, type RunRecord } from "./runRecord.ts";
import { timelineCollection } from "./timeline.ts";

/** As timeline.ts files them. */
const timelineId = (n: number) => String(n).padStart(10, "0");

export interface CardSources {
  run(current: ServiceCase): Promise<RunView | undefined>;
  dossier(current: ServiceCase): Promise<Dossier | undefined>;
  /** Filed entries after this number, oldest first. */
  entriesAfter(service: ServiceName, after: number, limit: number): Promise<readonly Entry[]>;
}

export function cardSources(records: Records): CardSources {
  return {
    async run(current) {
      const { phase, lastRun, incident } = current;
      const running = phase.kind === "recovering" || phase.kind === "verifying" ? phase.runId : undefined;
      const ended = incident && lastRun && lastRun.endedAt >= incident.openedAt ? lastRun.runId : undefined;
      const runId = running ?? ended;
      if (runId === undefined) return undefined;
      const stored = await records.get<RunRecord>(runKey(current.service, runId));
      if (stored === undefined) return undefined;
      const { order, ended: end } = stored.body;
      // Of a run that has ended the length is known, and no longer a guess.
      const past = end ? undefined : await estimateOf(records, current.service, order.recovery);
      const estimate = past ? { estimateMs: past.ms, estimateRuns: past.runs } : {};
      return { ...runViewOf(stored.body), ...estimate, order };
    },
    async dossier({ incident, phase, service }) {
      if (incident === undefined) return undefined;
      const proposed = phase.kind === "proposing" && !isToldOnly(phase.proposal) ? phase.proposal.recovery : undefined;
      const [stored, estimate] = await Promise.all([
        records.get<Dossier>(dossierKey(incident.id)),
        proposed && estimateOf(records, service, proposed),
      ]);
      if (stored === undefined && estimate === undefined) return undefined;
      return { ...stored?.body, ...(estimate ? { estimate } : {}) };
    },
    async entriesAfter(service, after, limit) {
      const found = await records.list<Entry>(timelineCollection(service), { limit, after: timelineId(after) });
      return found.map(({ body }) => body);
    },
  };
}
