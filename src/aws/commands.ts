/** The commands port over SSM Run Command (SDK v3): one shell line on one instance. */
import { GetCommandInvocationCommand, SendCommandCommand } from "@aws-sdk/client-ssm";
import { clip } from "../domain/limits.ts";
import type { Commands } from "../ports/dns.ts";
import type { RegionClients } from "./clients.ts";
import { named } from "./named.ts";
import { asked, orGone } from "./translate.ts";

const commentCharsMax = 100;
/** SSM takes no shorter time for the command to reach the agent. */
const deliverySecondsMin = 30;

const pending = new Set(["Pending", "InProgress", "Delayed", "Cancelling"]);

export function ssmCommands(ssm: RegionClients["ssm"]): Commands {
  return {
    run: async (instanceId, line, { comment, timeoutSeconds }) => {
      const what = `SendCommand to ${instanceId}`;
      const input = {
        DocumentName: "AWS-RunShellScript",
        InstanceIds: [instanceId],
        Comment: clip(comment, commentCharsMax),
        TimeoutSeconds: Math.max(deliverySecondsMin, timeoutSeconds),
        Parameters: { commands: [line], executionTimeout: [String(timeoutSeconds)] },
      };
      const answer = await asked(what, () => ssm.send(new SendCommandCommand(input)));
      return named(what, answer.Command?.CommandId);
    },
    // In the first moment SSM does not know the invocation of its own command.
    result: (commandId, instanceId) =>
      orGone(async () => {
        const input = { CommandId: commandId, InstanceId: instanceId };
        const what = `GetCommandInvocation ${commandId}`;
        const { Status } = await asked(what, () => ssm.send(new GetCommandInvocationCommand(input)));
        if (Status === "Success") return "success";
        return Status === undefined || pending.has(Status) ? "pending" : "failed";
      }),
  };
}
