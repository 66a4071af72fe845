import type { SNSClient } from "@aws-sdk/client-sns";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { callerIdentity, confirmSubscription, parameterSwitch, readParameter } from "../../src/aws/home.ts";
import { NotFound } from "../../src/domain/errors.ts";
import { asSubject, topicMail } from "../../src/mail/topicMail.ts";
import { awsError, scripted } from "./scripted.ts";

const topic = "arn:aws:sns:eu-west-1:123456789012:ops-mail";
const parameter = (answer: unknown) => scripted<SSMClient>(() => answer);
const value = (text: string | undefined) => parameter({ Parameter: { Value: text } }).client;

describe("the kill switch as a parameter", () => {
  it("is on only for a plain on; every other word is off", async () => {
    for (const text of ["on", " ON\n"]) expect(await parameterSwitch(value(text), "/m").read()).toBe("on");
    for (const text of ["off", "", "yes", "true", "on please", undefined])
      expect(await parameterSwitch(value(text), "/m").read()).toBe("off");
  });

  it("is unknown when it is gone, refused or silent, and unknown is never on", async () => {
    for (const name of ["ParameterNotFound", "AccessDeniedException", "TimeoutError", "Whatever"])
      expect(await parameterSwitch(parameter(awsError(name)).client, "/m").read()).toBe("unknown");
  });

  it("is read in clear also when it is kept encrypted, and says plainly what is missing", async () => {
    const { client, sent } = parameter({ Parameter: { Value: "on" } });
    expect(await readParameter(client, "/m")).toBe("on");
    expect(sent[0]?.input).toEqual({ Name: "/m", WithDecryption: true });
    await expect(readParameter(parameter(awsError("ParameterNotFound")).client, "/m")).rejects.toBeInstanceOf(NotFound);
  });
});

describe("the bot's own account", () => {
  it("answers who asks", async () => {
    const { client } = scripted<STSClient>(() => ({ Account: "123456789012", Arn: "arn:aws:sts::123456789012:x" }));
    expect(await callerIdentity(client)).toEqual({ account: "123456789012", arn: "arn:aws:sts::123456789012:x" });
    await expect(callerIdentity(scripted<STSClient>(() => awsError("ExpiredToken")).client)).rejects.toMatchObject({
      code: "no-credentials",
    });
  });

  it("confirms a subscription by topic and token, and closes the unsubscribe link to strangers", async () => {
    const { client, sent } = scripted<SNSClient>(() => ({}));
    await confirmSubscription(client, topic, "token");
    expect(sent.map(({ name, input }) => [name, input])).toEqual([
      ["ConfirmSubscriptionCommand", { TopicArn: topic, Token: "token", AuthenticateOnUnsubscribe: "true" }],
    ]);
  });
});

describe("mail through a topic", () => {
  const allowed = /^[\x21-\x7e][\x20-\x7e]{0,98}$/;

  it("sends subjects that SNS takes, whatever they are made of", () => {
    const hostile = [
      "shop-web is down",
      "",
      "   \n\t ",
      "two\r\nlines: Bcc: everybody",
      "Störung · shop-wëb — München…",
      "🔥".repeat(80),
      "x".repeat(500),
      "\u0000\u001b[31mred",
      "中文".repeat(100),
    ];
    for (const text of hostile) expect(asSubject(text), JSON.stringify(text)).toMatch(allowed);
    expect(asSubject("Störung · shop-wëb — München…")).toBe("Storung - shop-web - Munchen...");
    expect(asSubject("two\r\nlines")).toBe("two lines");
    expect(asSubject("x".repeat(99))).toHaveLength(99);
    expect(asSubject("x".repeat(100))).toHaveLength(99);
  });

  it("publishes to its topic, and cuts a body that nobody would read", async () => {
    const { client, sent } = scripted<SNSClient>(() => ({ MessageId: "1" }));
    const mail = topicMail(client, topic);
    await mail.send({ id: "a", subject: "Down", body: "shop-web is down" });
    await mail.send({ id: "b", subject: "Long", body: "ä".repeat(300_000) });
    await mail.send({ id: "c", subject: "Empty", body: "" });
    expect(sent[0]?.input).toEqual({ TopicArn: topic, Subject: "Down", Message: "shop-web is down" });
    expect(Buffer.byteLength(String(sent[1]?.input["Message"]))).toBeLessThan(256 * 1024);
    expect(sent[2]?.input["Message"]).not.toBe("");
  });

  it("tells what AWS refused from what did not answer; both are tried again", async () => {
    const sending = (name: string) =>
      topicMail(scripted<SNSClient>(() => awsError(name)).client, topic).send({ id: "a", subject: "s", body: "b" });
    await expect(sending("TimeoutError")).rejects.toMatchObject({ code: "unreachable", retry: "later" });
    for (const name of ["AuthorizationErrorException", "NotFoundException", "InvalidParameterException"])
      await expect(sending(name)).rejects.toMatchObject({ code: "mail-refused", retry: "later" });
  });
});
