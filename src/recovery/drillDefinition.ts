import type { Preview } from "../domain/preview.ts";
import { length } from "../domain/text.ts";
import { ageWords } from "./buildSource.ts";
import { candidatesWords } from "./candidates.ts";
import type { PreviewAsked, RecoveryDefinition, RecoveryPorts } from "./definition.ts";
import { drillPlan } from "./drill.ts";
import { drillInputs, type DrillInputs } from "./drillInputs.ts";
import { previewed } from "./previewed.ts";
import { drillPermissions } from "./reprovisionPermissions.ts";

/** The re-provisioning rehearsed beside the running service. */
export const drill: RecoveryDefinition = {
  id: "drill@1",
  serves: ["drill"],
  patterns: ["instance", "standby"],
  permissions: drillPermissions,
  estimateMs: () => 8 * 60_000,
  resolve: drillInputs,
  // Written by `resolve` of this same version, which the id proves.
  plan: (inputs) => drillPlan(inputs as DrillInputs),
  preview: (asked, ports) => preview(asked, ports),
};

function preview(asked: PreviewAsked, ports: RecoveryPorts): Promise<Preview> {
  return previewed(asked, ports, async () => {
    const inputs = await drillInputs(asked, ports);
    const { build, cleanUpAfterMs, hasProbe } = inputs;
    const { dataAsOf } = build.source;
    return {
      plan: drillPlan(inputs),
      headline: `A copy is launched beside the running service: ${candidatesWords(build.candidates)}`,
      downtime: "none: the running service is not touched",
      data: `kept; the copy's is ${ageWords(dataAsOf, ports.clock.now())}`,
      dataAsOf,
      address: "unchanged",
      mind: [
        `The copy is terminated at the end; if the bot dies it shuts itself down ${length(cleanUpAfterMs)} after its start.`,
        "The security group must let nothing out: the bot can see that it exists, not what it allows.",
        ...(hasProbe ? [] : ["The service has no probe: status checks are all that the drill can prove."]),
      ],
    };
  });
}
