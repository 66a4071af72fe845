import { ConfirmSubscriptionCommand, PublishCommand } from "@aws-sdk/client-sns";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { Account } from "../../src/memory/account.ts";
import { AwsRefusal } from "../../src/memory/accountModel.ts";
import type { Mailbox } from "./mailbox.ts";
import { answer, type Answer } from "./sdk-answers.ts";

const subjectCharsMax = 100;

export function snsAnswers(account: Account, mailbox: Mailbox): Answer[] {
  return [
    answer(PublishCommand, async (input) => {
      const { TopicArn = "", Subject, Message = "" } = input;
      if (Subject !== undefined && (Subject.length >= subjectCharsMax || /\p{Cc}/u.test(Subject))) {
        throw new AwsRefusal("InvalidParameter", "Invalid parameter: Subject");
      }
      if (Message === "") throw new AwsRefusal("InvalidParameter", "Invalid parameter: Empty message");
      const content = { message: Message, ...(Subject === undefined ? {} : { subject: Subject }) };
      const MessageId = await account.calls.publish(TopicArn, content);
      if (mailbox.topicArn === TopicArn)
        mailbox.take({ subject: Subject ?? "AWS Notification Message", body: Message });
      return { MessageId };
    }),
    answer(ConfirmSubscriptionCommand, async (input) => ({
      SubscriptionArn: `${input.TopicArn ?? ""}:00000000-0000-4000-8000-000000000001`,
    })),
  ];
}

export function identityAnswers(account: Account): Answer[] {
  return [
    answer(GetCallerIdentityCommand, async () => ({
      Account: account.accountId,
      Arn: `arn:aws:sts::${account.accountId}:assumed-role/ec2-medic/sandbox`,
      UserId: "AROASANDBOX:sandbox",
    })),
  ];
}

export function parameterAnswers(parameters: ReadonlyMap<string, string>): Answer[] {
  return [
    answer(GetParameterCommand, async (input) => {
      const value = parameters.get(input.Name ?? "");
      if (value === undefined) throw new AwsRefusal("ParameterNotFound", `Parameter ${input.Name ?? ""} not found.`);
      return { Parameter: { Name: input.Name, Value: value, Type: "String" as const, Version: 1 } };
    }),
  ];
}
