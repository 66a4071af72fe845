/** Previews of what is done to a group, and what a person must know about it beforehand. Reads only. */
import type { Preview } from "../domain/preview.ts";
import type { PreviewAsked } from "./definition.ts";
import { isServing, readGroup, suspendedOf, type GroupPorts } from "./groupMembers.ts";

/** The words of one preview; throws as `resolve` does, and the engine says it as a refusal. */
export async function groupPreview(
  { recovery }: PreviewAsked,
  { clock }: GroupPorts,
  words: () => Promise<Omit<Preview, "recovery" | "readAt" | "refused">>,
): Promise<Preview> {
  const readAt = clock.now();
  return { recovery, readAt, ...(await words()) };
}

/** A policy that scales in again would take away what the run adds. */
export async function mindOfPolicies({ scaling }: GroupPorts, group: string): Promise<string[]> {
  const view = await readGroup(scaling, group);
  // Without alarms no policy but a predictive one does anything.
  if (view.suspended.includes("AlarmNotification")) return [];
  const policies = (await scaling.policies(group)).filter(
    ({ enabled, scaleInDisabled }) => enabled && !scaleInDisabled,
  );
  return policies.map(({ name, kind }) => `The policy ${name} (${kind}) may scale in again as soon as the load falls.`);
}

const meaning: Readonly<Record<string, string>> = {
  AlarmNotification: "scaling policies do nothing meanwhile",
  AddToLoadBalancer: "new instances get no traffic until it is resumed and they are registered by hand",
  HealthCheck: "the group does not notice members that fail",
  ReplaceUnhealthy: "the group replaces nothing by itself",
  Launch: "the group launches nothing",
  Terminate: "the group terminates nothing",
  AZRebalance: "zones are not balanced",
};

export async function mindOfSuspended(
  { scaling }: GroupPorts,
  group: string,
  processes: readonly string[],
): Promise<string[]> {
  const suspended = suspendedOf(await readGroup(scaling, group), processes);
  return suspended.map((process) => `${process} is suspended: ${meaning[process] ?? "somebody switched it off"}.`);
}

/** An ALB whose targets are all unhealthy sends traffic to all of them: what seems to answer may be what is broken. */
export async function mindOfTargets({ scaling }: GroupPorts, group: string): Promise<string[]> {
  const { targetGroupArns } = await readGroup(scaling, group);
  const said: string[] = [];
  for (const arn of targetGroupArns) {
    const inUse = (await scaling.targets(arn)).filter(({ state }) => state !== "unused" && state !== "draining");
    if (inUse.length === 0 || inUse.some(({ state }) => state === "healthy")) continue;
    const name = /targetgroup\/([^/]+)/.exec(arn)?.[1] ?? arn;
    said.push(
      `All ${inUse.length} targets of ${name} are unhealthy: the load balancer fails open and sends traffic to every one of them.`,
    );
  }
  return said;
}

/** "2 of 3 in service". */
export async function servingWords({ scaling }: GroupPorts, group: string): Promise<string> {
  const { instances, desired } = await readGroup(scaling, group);
  return `${instances.filter(isServing).length} of ${desired} in service`;
}
