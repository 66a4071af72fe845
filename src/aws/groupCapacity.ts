/** What the bot changes about a group: how many it wants, which member it gives up, what it leaves alone for a while. */
import {
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { Scaling } from "../ports/scaling.ts";
import type { RegionClients } from "./clients.ts";
import { asked } from "./translate.ts";

type CapacityCalls = Pick<Scaling, "setDesired" | "setMax" | "setUnhealthy" | "terminateMember" | "suspend" | "resume">;

export function capacityCalls(autoScaling: RegionClients["autoScaling"]): CapacityCalls {
  return {
    setDesired: async (group, desired) => {
      // An outage does not wait for the cool-down of an earlier scaling.
      const input = { AutoScalingGroupName: group, DesiredCapacity: desired, HonorCooldown: false };
      const what = `SetDesiredCapacity ${group} to ${desired}`;
      await asked(what, () => autoScaling.send(new SetDesiredCapacityCommand(input)));
    },
    setMax: async (group, max) => {
      const input = { AutoScalingGroupName: group, MaxSize: max };
      const what = `UpdateAutoScalingGroup ${group} to at most ${max}`;
      await asked(what, () => autoScaling.send(new UpdateAutoScalingGroupCommand(input)));
    },
    setUnhealthy: async (id) => {
      const input = { InstanceId: id, HealthStatus: "Unhealthy", ShouldRespectGracePeriod: false };
      await asked(`SetInstanceHealth ${id}`, () => autoScaling.send(new SetInstanceHealthCommand(input)));
    },
    terminateMember: async (id) => {
      // With the decrement the group would become smaller instead of launching another one.
      const input = { InstanceId: id, ShouldDecrementDesiredCapacity: false };
      await asked(`TerminateInstanceInAutoScalingGroup ${id}`, () =>
        autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(input)),
      );
    },
    suspend: async (group, processes) => {
      // Auto Scaling takes an empty list for all processes.
      if (processes.length === 0) return;
      const input = { AutoScalingGroupName: group, ScalingProcesses: [...processes] };
      const what = `SuspendProcesses ${processes.join(", ")} of ${group}`;
      await asked(what, () => autoScaling.send(new SuspendProcessesCommand(input)));
    },
    resume: async (group, processes) => {
      if (processes.length === 0) return;
      const input = { AutoScalingGroupName: group, ScalingProcesses: [...processes] };
      const what = `ResumeProcesses ${processes.join(", ")} of ${group}`;
      await asked(what, () => autoScaling.send(new ResumeProcessesCommand(input)));
    },
  };
}
