/** What `decide` answers: either the next case, or the reason why nothing changes. */
import type { Reason } from "./reasons.ts";
import type { Owed, ServiceCase } from "./serviceCase.ts";

export type Decision =
  | {
      readonly kind: "changed";
      readonly next: ServiceCase;
      /** What happened, in order; also appended to `next.entries`. */
      readonly reasons: readonly Reason[];
      /** What the person who asked is told, privately. */
      readonly answer?: Reason;
    }
  | { readonly kind: "ignored"; readonly reason: Reason };

/** The identity of an owed thing: performing it twice is prevented by this key. */
export function owedKey(owed: Owed): string {
  switch (owed.kind) {
    case "mail":
      return `mail:${owed.id}`;
    case "evidence":
      return `evidence:${owed.reading}`;
    case "reread":
      return `reread:${owed.key}`;
    case "permit":
      return `permit:${owed.reading}`;
    case "run":
      return `run:${owed.runId}`;
    case "archive":
      return `archive:${owed.incident}`;
    case "opening":
      return `opening:${owed.incident}`;
    case "release-permit":
      return `release-permit:${owed.runId}`;
    case "quarantine":
      return `quarantine:${owed.instanceId}`;
  }
}
