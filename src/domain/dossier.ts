/** What was read about a service for its card beyond the case: it never delays a card, it follows by update. */
import type { ChartModel } from "./cardModel.ts";
import type { Preview } from "./preview.ts";
import type { Estimate } from "./runView.ts";
import type { Text } from "./text.ts";
import type { Recovery } from "./words.ts";

export interface Dossier {
  readonly chart?: ChartModel;
  readonly instance?: {
    readonly type: string;
    readonly availabilityZone: string;
    readonly state: string;
    readonly publicIp?: string;
    readonly hasElasticIp: boolean;
    readonly hasInstanceStore: boolean;
  };
  /** "3 of 4 targets in tg-web stay healthy": what else is touched, or what carries on. */
  readonly blastRadius?: Text;
  /** What the recoveries that were proposed would do, as the world was when each was read. */
  readonly previews?: Readonly<Partial<Record<Recovery, Preview>>>;
  /** How long the proposed recovery took here before. */
  readonly estimate?: Estimate;
  /** Further consequences that only a look at the world can tell. */
  readonly consequences?: readonly Text[];
}
