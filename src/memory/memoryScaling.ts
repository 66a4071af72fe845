/** Auto Scaling and target groups as the port wants them, over the simulated account. */
import type { InstanceId } from "../domain/words.ts";
import type { GroupView, Scaling } from "../ports/scaling.ts";
import type { Account } from "./account.ts";
import type { Group } from "./accountModel.ts";
import { withHooks } from "./callHooks.ts";
import type { MemoryPortOptions } from "./memoryCompute.ts";
import { inOurWords } from "./translateRefusal.ts";

export function memoryScaling(account: Account, options: MemoryPortOptions = {}): Scaling {
  const groups = (): Promise<Group[]> => inOurWords("reading Auto Scaling groups", () => account.calls.groups());
  const scaling: Scaling = {
    group: async (name) => {
      const group = (await groups()).find((each) => each.name === name);
      return group === undefined ? undefined : groupView(account, group);
    },
    groups: async () => (await groups()).map((group) => groupView(account, group)),
    activities: async (name, limit) => {
      const group = (await groups()).find((each) => each.name === name);
      return (group?.activities ?? []).toReversed().slice(0, limit);
    },
    targetHealth: async (id, targetGroupArns) =>
      (await groups())
        .filter((group) => group.instanceIds.includes(id))
        .flatMap((group) => group.targetGroupArns.filter((arn) => targetGroupArns.includes(arn)))
        .map((targetGroupArn) => ({ targetGroupArn, instanceId: id, ...targetState(account, id) })),
  };
  return withHooks({ name: "scaling", of: scaling, mutating: [] }, options.hooks);
}

function groupView(account: Account, group: Group): GroupView {
  return {
    name: group.name,
    min: group.min,
    max: group.max,
    desired: group.desired,
    instances: group.instanceIds.map((id) => ({
      id: id as InstanceId,
      lifecycle: "InService",
      health: account.peek.machine(id).state === "running" ? "Healthy" : "Unhealthy",
      availabilityZone: account.peek.machine(id).availabilityZone,
    })),
    suspended: group.suspended,
    targetGroupArns: group.targetGroupArns,
  };
}

/** As a load balancer sees this one machine: ELB's words. */
export function targetState(
  account: Account,
  instanceId: string,
): { readonly state: string; readonly reason?: string } {
  const machine = account.peek.machine(instanceId);
  if (machine.state !== "running") return { state: "unused", reason: "Target.InvalidState" };
  const answer = account.peek.site(machine.privateIp);
  if (answer.kind === "answers" && answer.status < 400) return { state: "healthy" };
  return { state: "unhealthy", reason: answer.kind === "answers" ? "Target.ResponseCodeMismatch" : "Target.Timeout" };
}
