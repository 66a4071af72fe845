import type { Preview } from "../domain/preview.ts";
import { ageWords } from "./buildSource.ts";
import { candidatesWords } from "./candidates.ts";
import type { PreviewAsked, RecoveryDefinition, RecoveryPorts } from "./definition.ts";
import { previewed } from "./previewed.ts";
import { replaceRootPlan } from "./replaceRoot.ts";
import type { ReplaceRootInputs } from "./replaceRootInputs.ts";
import { reprovisionPlan } from "./reprovision.ts";
import { reprovisionInputs, type ReprovisionHereInputs, type ReprovisionInputs } from "./reprovisionInputs.ts";
import { reprovisionPermissions } from "./reprovisionPermissions.ts";

/** The service built anew in its own region, or its root disk alone when the machine is sound. */
export const reprovision: RecoveryDefinition = {
  id: "reprovision@1",
  serves: ["reprovision"],
  patterns: ["instance", "standby"],
  permissions: reprovisionPermissions,
  estimateMs: () => 8 * 60_000,
  resolve: reprovisionInputs,
  // Written by `resolve` of this same version, which the id proves.
  plan: (inputs) => planOf(inputs as ReprovisionHereInputs),
  preview: (asked, ports) => preview(asked, ports),
};

function planOf(inputs: ReprovisionHereInputs) {
  return inputs.kind === "replace-root" ? replaceRootPlan(inputs) : reprovisionPlan(inputs);
}

function preview(asked: PreviewAsked, ports: RecoveryPorts): Promise<Preview> {
  return previewed(asked, ports, async () => {
    const inputs = await reprovisionInputs(asked, ports);
    const plan = planOf(inputs);
    const now = ports.clock.now();
    return inputs.kind === "replace-root"
      ? { plan, ...diskWords(inputs, now) }
      : { plan, ...machineWords(inputs, now) };
  });
}

function diskWords({ instanceId, snapshotId, dataAsOf }: ReplaceRootInputs, now: number) {
  return {
    headline: `${instanceId} gets a new root volume from ${snapshotId} and stays itself`,
    downtime: "3 to 8 min",
    data: `${ageWords(dataAsOf, now)}; what was written since stays on the old volume, which is kept`,
    dataAsOf,
    address: "unchanged",
    mind: ["The machine reboots once. Data disks are not touched."],
  };
}

function machineWords(inputs: ReprovisionInputs, now: number) {
  const { build, oldId, address, record, alarms, fence } = inputs;
  const { dataAsOf } = build.source;
  const from = build.source.kind === "image" ? build.source.imageId : build.source.root.snapshotId;
  const way = address
    ? `${address.publicIp} moves to it`
    : record
      ? `${record.record.name} names it`
      : "it gets another address, and nothing leads people there";
  return {
    headline: `A new ${candidatesWords(build.candidates)}, built from ${from}, takes the place of ${oldId}; ${way}`,
    downtime: "5 to 12 min",
    data: `${ageWords(dataAsOf, now)}; what was written since stays on the old disks, which are kept`,
    dataAsOf,
    address: address ? `${address.publicIp}, kept` : record ? "changes with the DNS record" : "changes",
    mind: [
      ...(fence ? [`${oldId} is stopped first and kept.`] : [`${oldId} does not exist any more.`]),
      ...(fence?.kind === "try"
        ? [`It goes on even if ${oldId} cannot be stopped (${fence.consent ?? "consent"}).`]
        : []),
      ...(alarms.length > 0 ? [`These alarms watch ${oldId} and will watch nobody: ${alarms.join(", ")}.`] : []),
      ...(record ? ["The record API lives in us-east-1 alone."] : []),
    ],
  };
}
