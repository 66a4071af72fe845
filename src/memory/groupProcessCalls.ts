/** SuspendProcesses and ResumeProcesses. */
import { AwsRefusal } from "./accountModel.ts";
import { zulu } from "./groupActivities.ts";
import { groupNamed } from "./groupGate.ts";
import type { ScalingGate } from "./groupGate.ts";
import { lookSoon } from "./groupLife.ts";
import { scalingProcesses } from "./groupModel.ts";

export interface ProcessCalls {
  /** None named: all of them. */
  suspend(who: string, group: string, processes: readonly string[]): Promise<void>;
  resume(who: string, group: string, processes: readonly string[]): Promise<void>;
}

export function processCalls({ world, write }: ScalingGate): ProcessCalls {
  return {
    suspend: (who, name, processes) => {
      const resource = [name, ...processes].join(" ");
      return write({ operation: "SuspendProcesses", who, resource, said: `suspends in ${resource}` }, () => {
        const group = groupNamed(world, name);
        const reason = `User suspended at ${zulu(world.agenda.now())}`;
        for (const process of known(processes)) group.suspended.set(process, { reason });
        lookSoon(world, group);
      });
    },
    resume: (who, name, processes) => {
      const resource = [name, ...processes].join(" ");
      return write({ operation: "ResumeProcesses", who, resource, said: `resumes in ${resource}` }, () => {
        const group = groupNamed(world, name);
        for (const process of known(processes)) group.suspended.delete(process);
        // What was held back is made good at once.
        group.retryLaunchAt = 0;
        lookSoon(world, group);
      });
    },
  };
}

function known(processes: readonly string[]): readonly string[] {
  const wrong = processes.filter((process) => !scalingProcesses.some((each) => each === process));
  if (wrong.length > 0) throw new AwsRefusal("ValidationError", `Invalid process type(s): ${wrong.join(", ")}`);
  return processes.length === 0 ? scalingProcesses : processes;
}
