import type { Preview } from "../domain/preview.ts";
import { length } from "../domain/text.ts";
import { ageWords } from "./buildSource.ts";
import { candidatesWords } from "./candidates.ts";
import type { PreviewAsked, RecoveryDefinition, RecoveryPorts } from "./definition.ts";
import { previewed } from "./previewed.ts";
import { reprovisionDrPlan } from "./reprovisionDr.ts";
import { reprovisionDrInputs, type ReprovisionDrInputs } from "./reprovisionDrInputs.ts";
import { reprovisionDrPermissions } from "./reprovisionPermissions.ts";

/** The service built anew in the prepared region, found through its DNS record. */
export const reprovisionDr: RecoveryDefinition = {
  id: "reprovision-dr@1",
  serves: ["reprovision-dr"],
  patterns: ["instance"],
  permissions: reprovisionDrPermissions,
  estimateMs: () => 12 * 60_000,
  resolve: reprovisionDrInputs,
  // Written by `resolve` of this same version, which the id proves.
  plan: (inputs) => reprovisionDrPlan(inputs as ReprovisionDrInputs),
  preview: (asked, ports) => preview(asked, ports),
};

function preview(asked: PreviewAsked, ports: RecoveryPorts): Promise<Preview> {
  return previewed(asked, ports, async () => {
    const inputs = await reprovisionDrInputs(asked, ports);
    const { build, region, home, record, address } = inputs;
    const { dataAsOf } = build.source;
    const ttlMs = (record.record.ttl ?? 0) * 1000;
    const from = build.source.kind === "image" ? build.source.imageId : build.source.root.snapshotId;
    return {
      plan: reprovisionDrPlan(inputs),
      headline: `A new ${candidatesWords(build.candidates)} (${region}), built from ${from}; ${record.record.name} moves to it from ${record.record.values.join(", ")}`,
      downtime: `10 to 20 min, and up to ${length(ttlMs)} more where the old record is remembered`,
      data: `${ageWords(dataAsOf, ports.clock.now())}; what was written since stays at home and does not come along`,
      dataAsOf,
      address: address ? `changes to ${address.publicIp}` : "changes to the new instance's own",
      mind: [
        ...(home.isSilent
          ? [`${home.instanceId} cannot be reached: it is fenced once its region answers, and is owed until then.`]
          : [`${home.instanceId ?? "The old instance"} is stopped first and kept.`]),
        "It starts with the profile prepared in medic.yaml, without the original's user data.",
        "The record API lives in us-east-1 alone.",
        "Coming back home afterwards is done by hand.",
      ],
    };
  });
}
