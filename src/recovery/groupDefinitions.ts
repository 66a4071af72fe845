/** The recoveries of groups beside scaling: replace, refresh, restart. What each needs, costs and says beforehand. */
import { recoveryWords } from "../domain/cardWords.ts";
import type { PreviewAsked, RecoveryDefinition } from "./definition.ts";
import type { GroupPorts } from "./groupMembers.ts";
import { readGroup } from "./groupMembers.ts";
import { groupPreview, mindOfSuspended, mindOfTargets, servingWords } from "./groupPreview.ts";
import {
  groupRefreshPermissions,
  groupReplacePermissions,
  groupRestartPermissions,
  replaceMembersPermissions,
} from "./groupPermissions.ts";
import { groupReplaceInputs, groupReplacePlan, type GroupReplaceInputs } from "./groupReplace.ts";
import { groupRestartInputs, groupRestartPlan, type GroupRestartInputs } from "./groupRestart.ts";
import { refuseNow } from "./groupSteps.ts";
import { refreshInputs, refreshPlan, type RefreshInputs } from "./refresh.ts";
import { scaleIn } from "./scaleInDefinition.ts";
import { raiseMax, scaleOut } from "./scaleOutDefinition.ts";
import { replaceMembersInputs, replaceMembersPlan, type ReplaceMembersInputs } from "./replaceMembers.ts";

const minute = 60_000;

// Inputs were written by `resolve` of the same version, which the id proves.

/** Unhealthy members of a group behind a load balancer, one after the other. */
export const replaceMembers: RecoveryDefinition = {
  id: "replace-members@1",
  serves: ["replace"],
  patterns: ["alb-asg"],
  permissions: replaceMembersPermissions,
  estimateMs: () => 6 * minute,
  resolve: (asked, ports) => replaceMembersInputs(asked, ports),
  plan: (inputs) => replaceMembersPlan(inputs as ReplaceMembersInputs),
  preview: (asked, ports) =>
    groupPreview(asked, ports, async () => {
      const inputs = await replaceMembersInputs(asked, ports);
      const plan = replaceMembersPlan(inputs);
      await refuseNow(ports, plan.gates);
      const { group, unhealthyIds } = inputs;
      const view = await readGroup(ports.scaling, group);
      const all = unhealthyIds.length === view.instances.filter(({ lifecycle }) => lifecycle === "InService").length;
      return {
        headline: `${group} replaces ${unhealthyIds.join(", ")}, one after the other (${await servingWords(ports, group)})`,
        steps: plan.steps.map(({ name }) => name),
        downtime: all
          ? "until the first new instance is healthy, about 3 to 6 min"
          : "none; each takes about 3 to 6 min",
        data: "what stands only on these instances is lost",
        address: "unchanged (the load balancer's)",
        mind: [
          ...(await mindOfTargets(ports, group)),
          ...(await mindOfSuspended(ports, group, ["HealthCheck", "AddToLoadBalancer"])),
        ],
      };
    }),
};

/** The one member of a group of one. */
export const groupReplace: RecoveryDefinition = {
  id: "group-replace@1",
  serves: ["replace"],
  patterns: ["asg", "asg-ebs"],
  permissions: groupReplacePermissions,
  estimateMs: () => 6 * minute,
  resolve: (asked, ports) => groupReplaceInputs(asked, ports),
  plan: (inputs) => groupReplacePlan(inputs as GroupReplaceInputs),
  preview: (asked, ports) =>
    groupPreview(asked, ports, async () => {
      const inputs = await groupReplaceInputs(asked, ports);
      const plan = groupReplacePlan(inputs);
      await refuseNow(ports, plan.gates);
      const { group, memberId } = inputs;
      return {
        headline: memberId
          ? `${group} replaces ${memberId} by a new instance`
          : `${group} is replacing its instance already; the bot waits and sees to the address`,
        steps: plan.steps.map(({ name }) => name),
        ...(await costOfRenewal(asked, ports, group)),
      };
    }),
};

/** Every member, by AWS's own instance refresh. */
export const refresh: RecoveryDefinition = {
  id: "refresh@1",
  serves: ["refresh"],
  patterns: ["alb-asg", "asg", "asg-ebs"],
  permissions: groupRefreshPermissions,
  estimateMs: () => 15 * minute,
  resolve: (asked, ports) => refreshInputs(asked, ports),
  plan: (inputs) => refreshPlan(inputs as RefreshInputs),
  preview: (asked, ports) =>
    groupPreview(asked, ports, async () => {
      const inputs = await refreshInputs(asked, ports);
      const plan = refreshPlan(inputs);
      await refuseNow(ports, plan.gates);
      const { group, minHealthyPercent } = inputs;
      const several = asked.service.pattern === "alb-asg";
      return {
        headline: `${group} renews every instance from its launch template, ${minHealthyPercent} % of them staying healthy meanwhile`,
        steps: plan.steps.map(({ name }) => name),
        ...(several
          ? {
              downtime:
                minHealthyPercent === 0
                  ? "while the one instance is renewed, about 5 min"
                  : "none, as far as the rest carries the load",
              data: "what stands only on the instances is lost",
              address: "unchanged (the load balancer's)",
              mind: await mindOfTargets(ports, group),
            }
          : await costOfRenewal(asked, ports, group)),
      };
    }),
};

async function costOfRenewal({ service, current }: PreviewAsked, ports: GroupPorts, group: string) {
  const hasAddress = service.elasticIp ?? current.placement.allocationId;
  return {
    downtime: service.pattern === "asg-ebs" ? "6 to 20 min (detach, snapshot, boot)" : "3 to 8 min",
    data:
      service.pattern === "asg-ebs"
        ? "the volume follows: the same one in its zone, else a new one from a snapshot made as the old instance leaves"
        : "what stands only on the instance is lost",
    address: hasAddress
      ? "the Elastic IP follows: by user data, else by the bot"
      : "a new one (the group has no Elastic IP)",
    mind: await mindOfSuspended(ports, group, ["HealthCheck", "ReplaceUnhealthy"]),
  };
}

/** A reboot while the group looks away. */
export const groupRestart: RecoveryDefinition = {
  id: "group-restart@1",
  serves: ["restart", "reboot"],
  patterns: ["asg", "asg-ebs"],
  permissions: groupRestartPermissions,
  estimateMs: () => 3 * minute,
  resolve: (asked, ports) => groupRestartInputs(asked, ports),
  plan: (inputs) => groupRestartPlan(inputs as GroupRestartInputs),
  preview: (asked, ports) =>
    groupPreview(asked, ports, async () => {
      const inputs = await groupRestartInputs(asked, ports);
      const plan = groupRestartPlan(inputs);
      await refuseNow(ports, plan.gates);
      const { group, instanceId, processes } = inputs;
      const words = recoveryWords("reboot", asked.current.incident?.symptom);
      return {
        headline: `${instanceId} is rebooted and stays in ${group}, which looks away meanwhile`,
        steps: plan.steps.map(({ name }) => name),
        downtime: words.downtime,
        data: "kept",
        address: "kept",
        mind: [
          ...(processes.length > 0
            ? [`${processes.join(" and ")} of ${group} are suspended for it and resumed after it.`]
            : []),
          ...(await mindOfSuspended(ports, group, ["HealthCheck", "ReplaceUnhealthy"])),
          "If the reboot does not help, the group replaces the instance once it watches again.",
        ],
      };
    }),
};

/** All that this folder can do to a group. */
export const groupRecoveries: readonly RecoveryDefinition[] = [
  scaleOut,
  raiseMax,
  scaleIn,
  replaceMembers,
  groupReplace,
  refresh,
  groupRestart,
];
