/** Who may decide about what belongs to no single service: the autopilot, a storm, a service that is gone from medic.yaml. */
import type { Approvers } from "./service.ts";
import type { Settings } from "./settings.ts";

/** Everybody who is an approver of any service. */
export function anyApprovers(settings: Settings): Approvers {
  const all = [...settings.services.values()].map((service) => service.approvers);
  return {
    users: [...new Set(all.flatMap((each) => each.users))],
    groups: [...new Set(all.flatMap((each) => each.groups))],
  };
}
