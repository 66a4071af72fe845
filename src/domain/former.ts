/** An old primary that answers again. */
import { owe, say, set, type Draft } from "./draft.ts";
import { mail } from "./openings.ts";
import type { Former } from "./serviceCase.ts";

/** Told at once, also by mail, because there may be no card to say it; then it is seen to. */
export function returned(draft: Draft, known: Former): void {
  set(draft, {
    former: draft.current.former.map((f) => (f === known ? { ...f, returned: draft.now } : f)),
  });
  say(draft, "original-returned", { instance: known.instanceId });
  if (draft.facts.mailConfigured) mail(draft, "original-returned");
  if (known.byRun) owe(draft, { kind: "quarantine", instanceId: known.instanceId });
}
