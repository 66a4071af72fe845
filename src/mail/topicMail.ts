/** Mail through an SNS topic: e-mail subscriptions on it decide who reads it. */
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { MedicError, Unreachable } from "../domain/errors.ts";
import type { Mail } from "../ports/mail.ts";

/** SNS refuses subjects of 100 characters and more, line breaks, and anything but ASCII. */
const subjectCharsMax = 99;
/** SNS takes 256 KB; four bytes a character at most, and a mail of a tenth of that is read by nobody. */
const bodyCharsMax = 20_000;

export function topicMail(sns: Pick<SNSClient, "send">, topicArn: string): Mail {
  return {
    send: async ({ subject, body }) => {
      const input = { TopicArn: topicArn, Subject: asSubject(subject), Message: asBody(body) };
      try {
        await sns.send(new PublishCommand(input));
      } catch (error) {
        throw refusedBy(topicArn, error);
      }
    },
  };
}

export function asSubject(text: string): string {
  const ascii = text
    .replace(/\s+/g, " ")
    .replaceAll("·", "-")
    .replace(/[–—]/g, "-")
    .replaceAll("…", "...")
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^\x20-\x7e]+/g, "?")
    .trim();
  // An empty subject is refused like a wrong one.
  if (ascii === "") return "ec2-medic";
  return ascii.length <= subjectCharsMax ? ascii : `${ascii.slice(0, subjectCharsMax - 3)}...`;
}

function asBody(text: string): string {
  if (text.trim() === "") return "(no text)";
  return text.length <= bodyCharsMax ? text : `${text.slice(0, bodyCharsMax - 1)}…`;
}

/** What AWS refuses for good is named, so that nobody waits for a mail that cannot come; it is tried again all the same. */
function refusedBy(topicArn: string, error: unknown): MedicError {
  const name = error instanceof Error ? error.name : "";
  if (!/^(AuthorizationError|NotFound|InvalidParameter|AccessDenied|KMS)/.test(name))
    return new Unreachable(`the mail topic ${topicArn}`, error);
  return new MedicError("mail-refused", `the mail topic ${topicArn} refused the message (${name})`, {
    retry: "later",
    next: "Check mailTopic in medic.yaml and that the bot may publish to it (`medic doctor`); it is tried again.",
    cause: error,
  });
}
