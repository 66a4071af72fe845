/**
 * Where a new machine may stand: the original's own subnet and type, then the other subnets, then the other types. Resolved at the
 * order; what is not there or not offered is no candidate.
 */
import { RecoveryRefused } from "../domain/errors.ts";
import type { Compute, SubnetView } from "../ports/compute.ts";
import type { Candidate } from "./buildSteps.ts";

/** Each costs one launch; after as many refusals the region is full. */
export const candidatesMax = 12;

export interface Wish {
  /** Best first. */
  readonly subnets: readonly string[];
  readonly types: readonly string[];
  /** Where they come from, for sentences: "`reprovision.subnets` of web". */
  readonly source: string;
}

/** Throws RecoveryRefused: `not-configured` when no subnet exists, `type-not-offered` (climbs) when none of the types is there. */
export async function candidatesOf(
  compute: Pick<Compute, "subnets" | "offered">,
  { subnets, types, source }: Wish,
): Promise<Candidate[]> {
  const wished = unique(subnets);
  const found = await compute.subnets(wished);
  const inOrder = wished.flatMap((id) => found.find((subnet) => subnet.id === id) ?? []);
  if (inOrder.length === 0) {
    throw new RecoveryRefused(
      "not-configured",
      `none of the subnets exists (${wished.join(", ") || "none is named"})`,
      `Name subnets that exist: ${source}.`,
    );
  }
  const usable = inOrder.filter(({ freeAddresses }) => freeAddresses > 0);
  if (usable.length === 0) {
    const full = inOrder.map(({ id }) => id).join(", ");
    throw new RecoveryRefused("not-configured", `no subnet has a free address (${full})`, `Name more: ${source}.`);
  }
  const offered = await offers(compute, usable, unique(types));
  const all = unique(types).flatMap((type) =>
    usable
      .filter(({ availabilityZone }) => offered.get(availabilityZone)?.has(type))
      .map(({ id, availabilityZone }) => ({ subnetId: id, availabilityZone, type })),
  );
  if (all.length > 0) return all.slice(0, candidatesMax);
  const zones = unique(usable.map(({ availabilityZone }) => availabilityZone)).join(", ");
  throw new RecoveryRefused(
    "type-not-offered",
    `none of ${unique(types).join(", ")} is offered in ${zones}`,
    `Name types that are offered there: ${source}. The next rung of the ladder is proposed.`,
  );
}

async function offers(
  compute: Pick<Compute, "offered">,
  subnets: readonly SubnetView[],
  types: readonly string[],
): Promise<Map<string, Set<string>>> {
  const zones = unique(subnets.map(({ availabilityZone }) => availabilityZone));
  const answers = await Promise.all(zones.map(async (zone) => new Set(await compute.offered(types, zone))));
  return new Map(zones.map((zone, index) => [zone, answers[index] ?? new Set<string>()]));
}

export function unique(all: readonly string[]): string[] {
  return [...new Set(all)].filter((each) => each !== "");
}

/** For sentences: "t3.micro in eu-west-1a, then 3 more". */
export function candidatesWords([first, ...others]: readonly Candidate[]): string {
  if (first === undefined) return "nowhere";
  const more =
    others.length === 0
      ? ""
      : `; when there is no room, ${others.length} other ${others.length === 1 ? "place" : "places"}`;
  return `${first.type} in ${first.availabilityZone}${more}`;
}
