/** StartInstanceRefresh, DescribeInstanceRefreshes, CancelInstanceRefresh. */
import { AwsRefusal } from "./accountModel.ts";
import { groupNamed } from "./groupGate.ts";
import type { ScalingGate } from "./groupGate.ts";
import { lookSoon } from "./groupLife.ts";
import { capacity } from "./groupModel.ts";
import type { Refresh } from "./groupModel.ts";
import { activeRefresh } from "./groupRefresh.ts";
import { seededUuid } from "./seededIds.ts";

export interface RefreshCalls {
  /** Answers its id. With Launch or Terminate suspended it is taken, and replaces nothing. */
  startRefresh(who: string, group: string, options: { readonly minHealthyPercent: number }): Promise<string>;
  /** Newest first. */
  refreshes(group: string): Promise<Refresh[]>;
  cancelRefresh(who: string, group: string): Promise<string>;
}

export function refreshCalls({ world, gate, write }: ScalingGate): RefreshCalls {
  return {
    startRefresh: (who, name, { minHealthyPercent }) => {
      const said = `starts an instance refresh of ${name}`;
      return write({ operation: "StartInstanceRefresh", who, resource: name, said }, () => {
        const group = groupNamed(world, name);
        if (activeRefresh(group) !== undefined) {
          const text = `An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.`;
          throw new AwsRefusal("InstanceRefreshInProgressFault", text);
        }
        const now = world.agenda.now();
        const refresh: Refresh = {
          id: seededUuid(world.groupRandom),
          status: "Pending",
          percent: 0,
          reason: undefined,
          startedAt: now,
          endedAt: undefined,
          minHealthyPercent,
          old: capacity(group).map((member) => member.id),
          progressAt: now,
        };
        group.refreshes.push(refresh);
        lookSoon(world, group);
        return refresh.id;
      });
    },
    refreshes: async (name) => {
      await gate.asked("DescribeInstanceRefreshes");
      return groupNamed(world, name)
        .refreshes.map((each) => ({ ...each }))
        .toReversed();
    },
    cancelRefresh: (who, name) => {
      const said = `cancels the instance refresh of ${name}`;
      return write({ operation: "CancelInstanceRefresh", who, resource: name, said }, () => {
        const group = groupNamed(world, name);
        const refresh = activeRefresh(group);
        if (refresh === undefined || refresh.status === "Cancelling") {
          const text = `No in progress or pending Instance Refresh found for Auto Scaling group ${name}`;
          throw new AwsRefusal("ActiveInstanceRefreshNotFoundFault", text);
        }
        refresh.status = "Cancelling";
        lookSoon(world, group);
        return refresh.id;
      });
    },
  };
}
