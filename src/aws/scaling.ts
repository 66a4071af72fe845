/** The scaling port over Auto Scaling and Elastic Load Balancing (SDK v3). */
import type { Scaling, TargetHealth } from "../ports/scaling.ts";
import type { RegionClients } from "./clients.ts";
import { capacityCalls } from "./groupCapacity.ts";
import { activities, groups, hooks, policies } from "./groups.ts";
import { hookCalls } from "./groupHooks.ts";
import { refreshCalls } from "./groupRefresh.ts";
import { deregister, register, targetHealth, targets } from "./targets.ts";

export function awsScaling({ autoScaling, elbv2 }: Pick<RegionClients, "autoScaling" | "elbv2">): Scaling {
  return {
    group: async (name) => (await groups(autoScaling, [name])).find((group) => group.name === name),
    groups: () => groups(autoScaling, undefined),
    activities: (group, limit) => activities(autoScaling, group, limit),
    targetHealth: async (id, targetGroupArns) => {
      const found = await Promise.all(targetGroupArns.map((arn) => targetHealth(elbv2, id, arn)));
      return found.filter((health): health is TargetHealth => health !== undefined);
    },
    targets: (targetGroupArn) => targets(elbv2, targetGroupArn),
    register: (targetGroupArn, id) => register(elbv2, targetGroupArn, id),
    deregister: (targetGroupArn, id) => deregister(elbv2, targetGroupArn, id),
    policies: (group) => policies(autoScaling, group),
    hooks: (group) => hooks(autoScaling, group),
    ...capacityCalls(autoScaling),
    ...refreshCalls(autoScaling),
    ...hookCalls(autoScaling),
  };
}
