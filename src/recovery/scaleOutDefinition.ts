import type { Preview } from "../domain/preview.ts";
import type { RecoveryDefinition, PreviewAsked } from "./definition.ts";
import type { GroupPorts } from "./groupMembers.ts";
import { raiseMaxPermissions, scaleOutPermissions } from "./groupPermissions.ts";
import { groupPreview, mindOfPolicies, mindOfSuspended, mindOfTargets } from "./groupPreview.ts";
import { refuseNow } from "./groupSteps.ts";
import { scaleOutInputs, scaleOutPlan, type ScaleOutInputs } from "./scaleOut.ts";
import { RecoveryRefused } from "../domain/errors.ts";

/** More instances behind the load balancer, within the group's largest size. */
export const scaleOut: RecoveryDefinition = {
  id: "scale-out@1",
  serves: ["scale-out"],
  patterns: ["alb-asg"],
  permissions: scaleOutPermissions,
  estimateMs: () => 5 * 60_000,
  resolve: (asked, ports) => scaleOutInputs({ ...asked, raises: false }, ports),
  // Written by `resolve` of this same version, which the id proves.
  plan: (inputs) => scaleOutPlan(inputs as ScaleOutInputs),
  preview: (asked, ports) => preview(asked, ports, false),
};

/** A larger largest size, and one scale-out within it: a person's own order, because it moves the owner's limit on cost. */
export const raiseMax: RecoveryDefinition = {
  id: "raise-max@1",
  serves: ["raise-max"],
  patterns: ["alb-asg"],
  permissions: raiseMaxPermissions,
  estimateMs: () => 5 * 60_000,
  resolve: (asked, ports) => {
    const { order } = asked;
    if (order.by.kind !== "person")
      throw new RecoveryRefused("person-only", "only a person may raise the largest size", "Order it by hand.");
    if (order.amount === undefined)
      throw new RecoveryRefused("no-amount", "raise-max needs the new largest size", "Order it with a number.");
    return scaleOutInputs({ ...asked, raises: true, amount: order.amount }, ports);
  },
  plan: (inputs) => scaleOutPlan(inputs as ScaleOutInputs),
  preview: (asked, ports) => preview(asked, ports, true),
};

function preview(asked: PreviewAsked, ports: GroupPorts, raises: boolean): Promise<Preview> {
  return groupPreview(asked, ports, async () => {
    const inputs = await scaleOutInputs({ ...asked, raises }, ports);
    const plan = scaleOutPlan(inputs);
    await refuseNow(ports, plan.gates);
    const { group, from, to, raise } = inputs;
    const raised = raise ? `; its largest size becomes ${raise.max} (its owner set ${raise.owed})` : "";
    return {
      headline: `${group} goes from ${from} to ${to} instances${raised}`,
      steps: plan.steps.map(({ name }) => name),
      downtime: "none; new instances serve after about 3 to 6 min",
      data: "kept",
      address: "unchanged (the load balancer's)",
      mind: [
        ...(await mindOfPolicies(ports, group)),
        ...(await mindOfSuspended(ports, group, ["AlarmNotification", "AddToLoadBalancer", "HealthCheck"])),
        ...(await mindOfTargets(ports, group)),
        ...(raise ? [`The larger size stands on the card until somebody orders scale-in.`] : []),
      ],
    };
  });
}
