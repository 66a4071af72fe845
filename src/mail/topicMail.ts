/** Mail through an SNS topic: e-mail subscriptions on it decide who reads it. */
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { Unreachable } from "../domain/errors.ts";
import type { Mail } from "../ports/mail.ts";

/** SNS refuses subjects of 100 characters and more, line breaks, and anything but ASCII. */
const subjectCharsMax = 99;

export function topicMail(sns: Pick<SNSClient, "send">, topicArn: string): Mail {
  return {
    send: async ({ subject, body }) => {
      const input = { TopicArn: topicArn, Subject: asSubject(subject), Message: body };
      try {
        await sns.send(new PublishCommand(input));
      } catch (error) {
        throw new Unreachable(`the mail topic ${topicArn}`, error);
      }
    },
  };
}

export function asSubject(text: string): string {
  const ascii = text
    .replaceAll("·", "-")
    .replaceAll("…", "...")
    .replace(/[^\x20-\x7e]+/g, "?")
    .trim();
  return ascii.length <= subjectCharsMax ? ascii : `${ascii.slice(0, subjectCharsMax - 3)}...`;
}
