/** How cards, modals and verbs name recoveries and symptoms: one table, so that every surface says the same. */
import type { Piece } from "./text.ts";
import type { Person } from "./serviceCase.ts";
import type { Symptom } from "./words.ts";

export { recoveryName, recoveryWords, typedFor, type RecoveryWords, type TypedConfirmation } from "./recoveryWords.ts";
export { whyProposed } from "./whyProposed.ts";

/** After the service's name in a title: "shop-web fails its system status check". */
export const symptomWords: Readonly<Record<Symptom, string>> = {
  down: "does not answer",
  host: "fails its system status check",
  os: "fails its instance status check",
  targets: "is unhealthy behind its load balancer",
  overloaded: "is overloaded",
  warning: "raises a warning",
};

/** A person as a piece of text; who typed on a command line has no Slack id. */
export function personPiece(person: Person): Piece {
  return /^[UW][A-Z0-9]+$/.test(person.id) ? { user: person.id, name: person.name } : person.name;
}
