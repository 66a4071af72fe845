/** What the bot asks of its own account: who am I, the kill switch, the confirmation of a topic's subscription. */
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { ConfirmSubscriptionCommand } from "@aws-sdk/client-sns";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { AutopilotSwitch } from "../ports/autopilot.ts";
import type { HomeClients } from "./clients.ts";
import { asked } from "./translate.ts";

export interface Identity {
  readonly account: string;
  readonly arn: string;
}

export async function callerIdentity(sts: HomeClients["sts"]): Promise<Identity> {
  const answer = await asked("GetCallerIdentity", () => sts.send(new GetCallerIdentityCommand({})));
  return { account: answer.Account ?? "", arn: answer.Arn ?? "" };
}

/** The value of an SSM parameter. Throws our errors; NotFound when there is no such parameter. */
export async function readParameter(ssm: HomeClients["ssm"], name: string): Promise<string> {
  // Without decryption a SecureString answers with its ciphertext; for plain strings it changes nothing.
  const input = { Name: name, WithDecryption: true };
  const answer = await asked(`GetParameter ${name}`, () => ssm.send(new GetParameterCommand(input)));
  return answer.Parameter?.Value ?? "";
}

/** Anything but a plain "on" keeps the autopilot off: a typo in the parameter must not start machines. */
export function parameterSwitch(ssm: HomeClients["ssm"], parameter: string): AutopilotSwitch {
  return {
    read: async () => {
      try {
        return (await readParameter(ssm, parameter)).trim().toLowerCase() === "on" ? "on" : "off";
      } catch {
        // Gone is as unreadable as unreachable: somebody may have deleted it in a hurry. Unknown keeps automatic runs off.
        return "unknown";
      }
    },
  };
}

/** The topic's own URL is never fetched; AuthenticateOnUnsubscribe stops anonymous use of its unsubscribe link. */
export async function confirmSubscription(sns: HomeClients["sns"], topicArn: string, token: string): Promise<void> {
  const input = { TopicArn: topicArn, Token: token, AuthenticateOnUnsubscribe: "true" };
  await asked(`ConfirmSubscription ${topicArn}`, () => sns.send(new ConfirmSubscriptionCommand(input)));
}
