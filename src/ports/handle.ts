/** The one door into a case: everything that changes it goes through here, as an event, and comes back committed. */
import type { CaseEvent } from "../domain/event.ts";
import type { Reason } from "../domain/reasons.ts";
import type { ServiceCase } from "../domain/serviceCase.ts";
import type { ServiceName } from "../domain/words.ts";

export type Handled =
  | {
      readonly kind: "changed";
      /** As committed. */
      readonly current: ServiceCase;
      /** What the person who asked is told, privately. */
      readonly answer?: Reason;
    }
  | { readonly kind: "ignored"; readonly reason: Reason };

/** Loads, decides and commits by compare-and-set; rejects with the store's own errors when nothing could be committed. */
export type Handle = (service: ServiceName, event: CaseEvent) => Promise<Handled>;
