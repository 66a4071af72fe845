/** Targets of Elastic Load Balancing: their health, and putting an instance in or taking it out. */
import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  type TargetHealthDescription,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { InstanceId } from "../domain/words.ts";
import type { TargetHealth } from "../ports/scaling.ts";
import type { RegionClients } from "./clients.ts";
import { asked } from "./translate.ts";

type Elbv2 = RegionClients["elbv2"];

/** Worst first: an instance may be registered with several ports, and one that fails is bad news. */
const worstFirst = ["unhealthy", "unhealthy.draining", "unavailable", "unused", "draining", "initial", "healthy"];

/** A group that does not exist is thrown. */
async function descriptions(elbv2: Elbv2, targetGroupArn: string): Promise<TargetHealthDescription[]> {
  const answer = await asked(`DescribeTargetHealth ${targetGroupArn}`, () =>
    elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn })),
  );
  const found = answer.TargetHealthDescriptions ?? [];
  return [...found].sort((a, b) => rank(a.TargetHealth?.State) - rank(b.TargetHealth?.State));
}

/** States that AWS adds later come first: they are shown rather than hidden behind a healthy one. */
function rank(state: string | undefined): number {
  return worstFirst.indexOf(state ?? "");
}

/** The worst of its ports; undefined: the target group does not know the instance, which is no bad news. */
export async function targetHealth(
  elbv2: Elbv2,
  id: InstanceId,
  targetGroupArn: string,
): Promise<TargetHealth | undefined> {
  return (await targets(elbv2, targetGroupArn)).find((target) => target.instanceId === id);
}

/** One for each target, its worst port. */
export async function targets(elbv2: Elbv2, targetGroupArn: string): Promise<TargetHealth[]> {
  const worst = new Map<string, TargetHealth>();
  for (const { Target, TargetHealth } of await descriptions(elbv2, targetGroupArn)) {
    const id = Target?.Id;
    if (id === undefined || worst.has(id)) continue;
    worst.set(id, {
      targetGroupArn,
      instanceId: id as InstanceId,
      state: TargetHealth?.State ?? "unknown",
      ...(TargetHealth?.Reason ? { reason: TargetHealth.Reason } : {}),
    });
  }
  return [...worst.values()];
}

/** On the group's own port. */
export async function register(elbv2: Elbv2, targetGroupArn: string, id: InstanceId): Promise<void> {
  const input = { TargetGroupArn: targetGroupArn, Targets: [{ Id: id }] };
  await asked(`RegisterTargets ${id} in ${targetGroupArn}`, () => elbv2.send(new RegisterTargetsCommand(input)));
}

/** From every port: one registered on a port of its own would stay otherwise. One that is not there is fine. */
export async function deregister(elbv2: Elbv2, targetGroupArn: string, id: InstanceId): Promise<void> {
  const known = (await descriptions(elbv2, targetGroupArn)).filter(({ Target }) => Target?.Id === id);
  if (known.length === 0) return;
  const Targets = known.map(({ Target }) => ({
    Id: id,
    ...(Target?.Port === undefined ? {} : { Port: Target.Port }),
  }));
  const what = `DeregisterTargets ${id} from ${targetGroupArn}`;
  await asked(what, () => elbv2.send(new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets })));
}
