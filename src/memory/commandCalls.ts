/** SSM Run Command: reaches a machine only while its system is up to answer. */
import { AwsRefusal } from "./accountModel.ts";
import type { SentCommand } from "./cloudModel.ts";
import type { Gate } from "./gate.ts";
import { newId, say } from "./world.ts";
import type { World } from "./world.ts";

export interface CommandCalls {
  send(
    who: string,
    instanceId: string,
    what: { readonly line: string; readonly timeoutSeconds: number },
  ): Promise<string>;
  /** Throws InvocationDoesNotExist while a lagging read does not know it. */
  invocation(commandId: string, instanceId: string): Promise<Readonly<SentCommand>>;
}

export function createCommandCalls(world: World, gate: Gate): CommandCalls {
  return {
    send: (who, instanceId, what) =>
      gate.write({ operation: "SendCommand", who, instanceId, resource: (id) => id }, () => {
        const machine = world.machines.get(instanceId);
        if (machine === undefined || machine.state !== "running" || world.faults.commandsDown) {
          throw new AwsRefusal("InvalidInstanceId", `Instances [[${instanceId}]] not in a valid state for account`);
        }
        const command: SentCommand = {
          id: newId(world, "command"),
          instanceId,
          line: what.line,
          at: world.agenda.now(),
          state: "pending",
        };
        world.stock.commands.set(command.id, command);
        say(world, "EC2", `a command was sent to ${machine.name}`);
        const reaches = (): boolean => machine.state === "running" && machine.health.kernel === "up";
        world.agenda.at(command.at + world.timings.commandMs, () => {
          if (reaches()) command.state = "success";
        });
        world.agenda.at(command.at + what.timeoutSeconds * 1_000, () => {
          if (command.state === "pending") command.state = "failed";
        });
        return command.id;
      }),
    invocation: async (commandId, instanceId) => {
      await gate.asked("GetCommandInvocation");
      const command = world.stock.commands.get(commandId);
      if (command?.instanceId === instanceId && command.at <= world.agenda.now() - world.faults.readLagMs) {
        return { ...command };
      }
      throw new AwsRefusal("InvocationDoesNotExist", "");
    },
  };
}
