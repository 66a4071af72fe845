/** Instance refreshes: the group replaces all its members by itself, a few at a time. */
import {
  CancelInstanceRefreshCommand,
  DescribeInstanceRefreshesCommand,
  StartInstanceRefreshCommand,
  type InstanceRefresh,
} from "@aws-sdk/client-auto-scaling";
import { clip } from "../domain/limits.ts";
import type { RefreshView, Scaling } from "../ports/scaling.ts";
import type { RegionClients } from "./clients.ts";
import { named } from "./named.ts";
import { asked } from "./translate.ts";

/** The newest ones are what anybody asks about. */
const refreshesMax = 20;

export function refreshCalls(
  autoScaling: RegionClients["autoScaling"],
): Pick<Scaling, "startRefresh" | "refreshes" | "cancelRefresh"> {
  return {
    startRefresh: async (group, { minHealthyPercent }) => {
      const what = `StartInstanceRefresh ${group}`;
      const input = {
        AutoScalingGroupName: group,
        Strategy: "Rolling" as const,
        // Members that already match the template are replaced too: they are what is ill.
        Preferences: { MinHealthyPercentage: minHealthyPercent, SkipMatching: false },
      };
      const answer = await asked(what, () => autoScaling.send(new StartInstanceRefreshCommand(input)));
      return named(what, answer.InstanceRefreshId);
    },
    refreshes: async (group) => {
      const input = { AutoScalingGroupName: group, MaxRecords: refreshesMax };
      const answer = await asked(`DescribeInstanceRefreshes ${group}`, () =>
        autoScaling.send(new DescribeInstanceRefreshesCommand(input)),
      );
      const startOf = (refresh: InstanceRefresh) => refresh.StartTime?.getTime() ?? Number.POSITIVE_INFINITY;
      // One that is pending still has no start: it is the newest.
      return [...(answer.InstanceRefreshes ?? [])].sort((a, b) => later(startOf(a), startOf(b))).map(refreshView);
    },
    cancelRefresh: async (group) => {
      const input = { AutoScalingGroupName: group };
      const what = `CancelInstanceRefresh ${group}`;
      await asked(what, () => autoScaling.send(new CancelInstanceRefreshCommand(input)));
    },
  };
}

function later(a: number, b: number): number {
  return a === b ? 0 : b - a;
}

function refreshView(refresh: InstanceRefresh): RefreshView {
  return {
    id: refresh.InstanceRefreshId ?? "",
    status: refresh.Status ?? "unknown",
    percent: refresh.PercentageComplete ?? 0,
    ...(refresh.StatusReason ? { reason: clip(refresh.StatusReason) } : {}),
  };
}
