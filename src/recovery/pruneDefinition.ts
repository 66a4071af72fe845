import type { Preview } from "../domain/preview.ts";
import type { PreviewAsked, RecoveryDefinition, RecoveryPorts } from "./definition.ts";
import { previewed } from "./previewed.ts";
import { countOf, pruneInputs, prunePlan, type PruneInputs } from "./prune.ts";
import { prunePermissions } from "./reprovisionPermissions.ts";

/** Old snapshots, deleted by a person's word and a stated retention. */
export const prune: RecoveryDefinition = {
  id: "prune@1",
  serves: ["prune"],
  patterns: ["instance", "standby", "asg-ebs"],
  permissions: prunePermissions,
  estimateMs: () => 60_000,
  resolve: pruneInputs,
  // Written by `resolve` of this same version, which the id proves.
  plan: (inputs) => prunePlan(inputs as PruneInputs),
  preview: (asked, ports) => preview(asked, ports),
};

function preview(asked: PreviewAsked, ports: RecoveryPorts): Promise<Preview> {
  return previewed(asked, ports, async () => {
    const inputs = await pruneInputs(asked, ports);
    const { places, retain } = inputs;
    const total = places.reduce((sum, { snapshotIds }) => sum + snapshotIds.length, 0);
    const lists = places.map(({ region, snapshotIds, kept }) => `${region}: ${snapshotIds.join(", ")}; ${kept} kept.`);
    return {
      plan: prunePlan(inputs),
      headline: `${countOf(total)} beyond the newest ${retain} of each disk are deleted for good`,
      downtime: "none",
      data: "the service's is kept; what only these snapshots hold is lost",
      address: "unchanged",
      mind: lists,
    };
  });
}
