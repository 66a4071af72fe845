/** Right before the first act: is everything that the new machine is made of still there? Nothing has been touched yet. */
import type { Cloud } from "../ports/cloud.ts";
import type { BuildInputs } from "./buildSteps.ts";
import type { RecoveryPorts } from "./definition.ts";
import type { Objection, Refusal } from "./plan.ts";

const refusal = (code: string, detail: string, climb = false): Refusal => ({ code, detail, climb });

export function canBeBuilt(inputs: BuildInputs): Objection<RecoveryPorts> {
  return async (ports) => {
    const cloud = ports.at(inputs.scope);
    return (
      (await sourceMissing(cloud, inputs)) ?? (await groupsMissing(cloud, inputs)) ?? subnetsMissing(cloud, inputs)
    );
  };
}

async function sourceMissing({ storage }: Cloud, { source }: BuildInputs): Promise<Refusal | undefined> {
  if (source.kind === "image") {
    const image = await storage.image(source.imageId);
    if (image?.state === "available") return undefined;
    return refusal("no-snapshot", `image ${source.imageId} (${source.name}) is ${image?.state ?? "gone"}`, true);
  }
  for (const { snapshotId } of [source.root, ...source.data]) {
    const snapshot = await storage.snapshot(snapshotId);
    if (snapshot?.state === "completed") continue;
    return refusal("no-snapshot", `snapshot ${snapshotId} is ${snapshot?.state ?? "gone"}`, true);
  }
  return undefined;
}

async function groupsMissing({ compute }: Cloud, { machine }: BuildInputs): Promise<Refusal | undefined> {
  const there = new Set(await compute.securityGroups(machine.securityGroupIds));
  const missing = machine.securityGroupIds.filter((id) => !there.has(id));
  if (missing.length === 0) return undefined;
  return refusal("not-configured", `security group ${missing.join(", ")} does not exist`);
}

async function subnetsMissing({ compute }: Cloud, { candidates }: BuildInputs): Promise<Refusal | undefined> {
  const ids = [...new Set(candidates.map(({ subnetId }) => subnetId))];
  const there = await compute.subnets(ids);
  if (there.some(({ freeAddresses }) => freeAddresses > 0)) return undefined;
  return refusal("not-configured", `no subnet with a free address is left (${ids.join(", ")})`);
}
