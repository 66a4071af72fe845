import { RecoveryRefused } from "../domain/errors.ts";
import type { RecoveryDefinition } from "./definition.ts";
import { groupPreview } from "./groupPreview.ts";
import { raiseMaxPermissions } from "./groupPermissions.ts";
import { noRefresh, processesRun, refuseNow } from "./groupSteps.ts";
import { readGroup } from "./groupMembers.ts";
import { scaleInInputs, scaleInPlan, type ScaleInInputs } from "./scaleIn.ts";

/** Back to the size from before a scale-out. Offered as a follow-up, never done by a rule. */
export const scaleIn: RecoveryDefinition = {
  id: "scale-in@1",
  serves: ["scale-in"],
  patterns: ["alb-asg"],
  permissions: raiseMaxPermissions,
  estimateMs: () => 7 * 60_000,
  resolve: async (asked, ports) => {
    if (asked.order.by.kind !== "person")
      throw new RecoveryRefused("person-only", "only a person makes a group smaller", "Order it by hand.");
    return scaleInInputs(asked, ports);
  },
  // Written by `resolve` of this same version, which the id proves.
  plan: (inputs) => scaleInPlan(inputs as ScaleInInputs),
  preview: (asked, ports) =>
    groupPreview(asked, ports, async () => {
      const inputs = await scaleInInputs(asked, ports);
      const { group, from, to, max } = inputs;
      await refuseNow(ports, [processesRun(group, ["Terminate"]), noRefresh(group)]);
      const view = await readGroup(ports.scaling, group);
      const kept = view.instances.filter(({ protectedFromScaleIn }) => protectedFromScaleIn).length;
      return {
        headline: `${group} goes back from ${from} to ${to} instances${max === undefined ? "" : `, at most ${max}`}`,
        steps: scaleInPlan(inputs).steps.map(({ name }) => name),
        downtime: "none, if what remains carries the load",
        data: "what stands only on the instances that leave is lost",
        address: "unchanged (the load balancer's)",
        mind: [
          "The group itself chooses who leaves, drains the connections first, and terminates them.",
          ...(kept > 0 ? [`${kept} members are protected from scale-in and stay.`] : []),
        ],
      };
    }),
};
