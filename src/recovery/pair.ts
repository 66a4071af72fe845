/**
 * The two machines of patterns `standby` and `dns-pair`: who serves, who takes over, and whether it is fit to.
 *
 * "The standby" is a role: whoever of the two the service does not live on now. After a failover the former primary has it, and
 * the same plan leads back. `fail-back` only says which of the two must be the one that takes over.
 */
import { MedicError, RecoveryRefused } from "../domain/errors.ts";
import type { ServiceDefinition, StandbyTarget, Target } from "../domain/service.ts";
import type { InstanceId, Scope } from "../domain/words.ts";
import { replacedByTag, type AddressView, type Compute, type InstanceView } from "../ports/compute.ts";
import type { Asked, PreviewAsked, RecoveryPorts } from "./definition.ts";
import type { Objection, Refusal } from "./plan.ts";

/** Plain data about both, as they were at the order. */
export interface Pair {
  readonly scope: Scope;
  readonly from: Side;
  readonly to: Side;
  /** Which of the two in medic.yaml takes over: decides about records and routing controls. */
  readonly toIs: "target" | "standby";
  readonly orderedByPerson: boolean;
  readonly force: boolean;
}

export interface Side {
  readonly instanceId: InstanceId;
  /** "unread" is possible only on the old side and only with `force`; "absent" when EC2 says that it does not exist. */
  readonly state: InstanceView["state"] | "absent" | "unread";
  readonly zone?: string;
  readonly privateIp?: string;
}

type PairAsked = (Asked | PreviewAsked) & { readonly recovery?: PreviewAsked["recovery"] };

/** What both kinds of question have in common. A preview is looked at by a person. */
function wishOf(asked: PairAsked): { readonly recovery: string; readonly byPerson: boolean; readonly force: boolean } {
  if ("order" in asked) {
    const { recovery, by, options = [] } = asked.order;
    return { recovery, byPerson: by.kind === "person", force: options.includes("force") };
  }
  return { recovery: asked.recovery, byPerson: true, force: asked.options?.includes("force") ?? false };
}

/** Throws RecoveryRefused when there are no two, Unreachable and Throttled when it could not be told. */
export async function readPair(asked: PairAsked, { compute }: Pick<RecoveryPorts, "compute">): Promise<Pair> {
  const { service, current } = asked;
  const { instanceId: holder, scope } = current.placement;
  if (holder === undefined) {
    throw new RecoveryRefused(
      "no-instance",
      `the bot does not know on which instance ${service.name} lives`,
      "Check the target of this service in medic.yaml and the instance's tag.",
    );
  }
  const { recovery, byPerson, force } = wishOf(asked);
  const found = await otherOf({ service, holder, home: recovery === "fail-back" }, compute);
  return {
    scope,
    from: await sideOf(holder, () => readOld(compute, holder, force)),
    to: await sideOf(found.id, () => compute.instance(found.id)),
    toIs: found.is,
    orderedByPerson: byPerson,
    force,
  };
}

interface Wanted {
  readonly service: ServiceDefinition;
  readonly holder: InstanceId;
  /** Only the target of medic.yaml will do: the way back. */
  readonly home: boolean;
}

async function otherOf(wanted: Wanted, compute: Compute): Promise<{ id: InstanceId; is: "target" | "standby" }> {
  const { service, holder, home } = wanted;
  if (service.standby === undefined) {
    throw new RecoveryRefused(
      "not-configured",
      `${service.name} has no standby in medic.yaml`,
      "Name one under `standby`, by instance id or tag.",
    );
  }
  const others = (ids: readonly InstanceId[]): readonly InstanceId[] => ids.filter((id) => id !== holder);
  // Each is only asked for when it matters: while a zone is out EC2 answers no question by tag.
  const targets = async () =>
    others(await idsOf(service.target, compute)).filter((id) => !isNamed(service.standby, id));
  if (home) {
    const homes = await targets();
    if (homes.length > 0) return { id: onlyOne(homes, service), is: "target" };
    throw new RecoveryRefused(
      "already-there",
      `${service.name} lives on ${holder}, which is its first place`,
      "There is nothing to fail back to; order failover to leave it.",
    );
  }
  const standbys = others(await idsOf(service.standby, compute)).filter((id) => !isNamed(service.target, id));
  if (standbys.length > 0) return { id: onlyOne(standbys, service), is: "standby" };
  const homes = await targets();
  if (homes.length > 0) return { id: onlyOne(homes, service), is: "target" };
  throw new RecoveryRefused(
    "instance-gone",
    `${service.name} has no second instance any more beside ${holder}`,
    "Make a new standby and tag it, or re-provision.",
  );
}

function isNamed(target: Target | StandbyTarget | undefined, id: InstanceId): boolean {
  return target?.kind === "instance" && target.instanceId === id;
}

async function idsOf(target: Target | StandbyTarget, compute: Compute): Promise<readonly InstanceId[]> {
  if (target.kind === "instance") return [target.instanceId];
  if (target.kind === "tag") {
    const tagged = await compute.instancesByTag(target.key, target.value);
    // One that was re-provisioned elsewhere keeps the tags of the service, and is not of it any more.
    return tagged.filter(({ tags }) => tags[replacedByTag] === undefined).map(({ id }) => id);
  }
  throw new RecoveryRefused(
    "not-configured",
    `its target is the Auto Scaling group ${target.asgName}, not one instance`,
    "A group replaces its members itself: use pattern asg, asg-ebs or alb-asg.",
  );
}

/** Two that carry the tag beside the one that serves: which of them is meant, only a person can say. */
function onlyOne(ids: readonly InstanceId[], { name }: ServiceDefinition): InstanceId {
  const [first, ...more] = ids;
  if (first !== undefined && more.length === 0) return first;
  throw new RecoveryRefused(
    "not-configured",
    `${ids.length} instances carry the tag of the other side of ${name}: ${ids.join(", ")}`,
    "Take the tag off those that are not meant, or name the instance by its id.",
  );
}

async function sideOf(instanceId: InstanceId, read: () => Promise<InstanceView | undefined | "unread">): Promise<Side> {
  const view = await read();
  if (view === "unread") return { instanceId, state: "unread" };
  if (view === undefined) return { instanceId, state: "absent" };
  const { state, availabilityZone, privateIp } = view;
  return { instanceId, state, zone: availabilityZone, ...(privateIp === undefined ? {} : { privateIp }) };
}

/**
 * While a zone is out EC2 fails every read that names an instance in it. Who orders with `force` knows better than EC2; for
 * everybody else this is no answer, and the remedy is said.
 */
async function readOld(compute: Compute, id: InstanceId, force: boolean): Promise<InstanceView | undefined | "unread"> {
  try {
    return await compute.instance(id);
  } catch (error) {
    if (!(error instanceof MedicError) || error.retry === "never" || error.code === "run-abandoned") throw error;
    if (force) return "unread";
    throw new MedicError("cannot-fence", `nobody can tell whether ${id} still serves (${error.message})`, {
      retry: "later",
      next: "Who can see that it does not serve may order this with force; the bot then goes on without a fence.",
      cause: error,
    });
  }
}

const refusal = (code: string, detail: string, climb = false): Refusal => ({ code, detail, climb });

/** The one that takes over exists, can be started or runs well, and is not in the zone that may be out. */
export function standbyIsFit(pair: Pair): Objection<Pick<RecoveryPorts, "compute">> {
  return async ({ compute }) => {
    const { instanceId: id } = pair.to;
    const view = await compute.instance(id);
    if (view === undefined || view.state === "terminated" || view.state === "shutting-down") {
      return refusal("instance-gone", `the other instance ${id} is ${view?.state ?? "gone"}`, true);
    }
    return cannotServe(view) ?? sameZone(pair, view) ?? (await isImpaired(compute, view));
  };
}

function cannotServe({ id, asgName, rootDeviceType, state }: InstanceView): Refusal | undefined {
  if (asgName !== undefined) {
    return refusal("group-member", `${id} belongs to Auto Scaling group ${asgName}, which may replace it at any time`);
  }
  // An instance with an instance-store root can only run or be gone; one that is stopped all the same is not understood.
  if (rootDeviceType !== "ebs" && state !== "running") {
    return refusal("standby-unfit", `${id} has an instance-store root and is ${state}: EC2 cannot start it`);
  }
  return undefined;
}

function sameZone({ from, orderedByPerson }: Pair, view: InstanceView): Refusal | undefined {
  if (from.zone !== view.availabilityZone || orderedByPerson) return undefined;
  const detail = `${from.instanceId} and ${view.id} are both in ${view.availabilityZone}; whether that helps is for a person to say`;
  return refusal("same-zone", detail);
}

async function isImpaired(compute: Pick<Compute, "checks">, { id, state }: InstanceView): Promise<Refusal | undefined> {
  if (state !== "running") return undefined;
  const checks = await compute.checks(id);
  const bad = (["system", "instance", "ebs"] as const).filter((kind) => checks?.[kind] === "impaired");
  if (bad.length === 0) return undefined;
  return refusal("standby-unfit", `the other instance ${id} is itself bad: its ${bad.join(" and ")} check is impaired`);
}

/** The old side is one that may be stopped: a member of a group would only be replaced by it. */
export function oldIsNoMember({ from, force }: Pair): Objection<Pick<RecoveryPorts, "compute">> {
  return async ({ compute }) => {
    const view = await readOld(compute, from.instanceId, force);
    if (view === undefined || view === "unread" || view.asgName === undefined) return undefined;
    const detail = `${from.instanceId} belongs to Auto Scaling group ${view.asgName}, which would replace it when it is stopped`;
    return refusal("group-member", detail);
  };
}

/** EC2 would silently take the other address off it. */
export function holdsNoOther(pair: Pair, allocationId: string): Objection<Pick<RecoveryPorts, "compute">> {
  return async ({ compute }) => {
    const held: AddressView | undefined = await compute.addressOf(pair.to.instanceId);
    if (held === undefined || held.allocationId === allocationId) return undefined;
    const detail = `${pair.to.instanceId} holds the Elastic IP ${held.publicIp} already, which it would lose`;
    return refusal("holds-another-address", detail);
  };
}

/** "i-0aaa (eu-west-1a)". */
export function placeOf({ instanceId, zone }: Side): string {
  return zone === undefined ? instanceId : `${instanceId} (${zone})`;
}
