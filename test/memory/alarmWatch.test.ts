import { describe, expect, it } from "vitest";
import { judge } from "../../src/memory/alarmWatch.ts";
import type { TopicMessage } from "../../src/memory/accountModel.ts";
import { alarm, startingAccount, topic, web } from "./startingAccount.ts";

const stateOf = (account: ReturnType<typeof startingAccount>["account"], name: string) =>
  account.peek.alarms().find((each) => each.definition.name === name)?.state;

describe("alarms of the simulated account", () => {
  it("turn ALARM when two minutes in a row breach, tell the topic once, and turn OK after the cure", async () => {
    const { account, clock } = startingAccount();
    const messages: TopicMessage[] = [];
    account.subscribe(topic, (message) => messages.push(message));
    account.break("kernel-hangs", web);
    await clock.advance(5 * 60_000);
    expect(stateOf(account, "web instance check")).toBe("ALARM");
    expect(stateOf(account, "web canary")).toBe("ALARM");
    expect(stateOf(account, "web host check")).toBe("OK");
    await account.calls.reboot("medic", [web]);
    await clock.advance(10 * 60_000);
    expect(stateOf(account, "web instance check")).toBe("OK");
    const told = messages.map((each) => {
      const parsed = JSON.parse(each.message) as { AlarmName: string; NewStateValue: string };
      return `${parsed.AlarmName}: ${parsed.NewStateValue}`;
    });
    expect(told.slice(0, 2)).toEqual(["web instance check: ALARM", "web canary: ALARM"]);
    expect(told.slice(2).sort()).toEqual(["web canary: OK", "web instance check: OK"]);
    expect(new Set(messages.map((each) => each.messageId)).size).toBe(4);
  });

  it("write what CloudWatch writes", async () => {
    const { account, clock } = startingAccount();
    const messages: TopicMessage[] = [];
    account.subscribe(topic, (message) => messages.push(message));
    account.break("host-fails", web);
    await clock.advance(5 * 60_000);
    const message = messages.find((each) => each.message.includes("web host check"));
    expect(message?.subject).toBe('Status Check Alarm: "web host check" in EU (Ireland)');
    expect(JSON.parse(message?.message ?? "{}")).toMatchObject({
      AWSAccountId: "111122223333",
      NewStateValue: "ALARM",
      OldStateValue: "OK",
      Region: "EU (Ireland)",
      AlarmArn: "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:web host check",
      StateChangeTime: "2026-11-21T03:02:05.000+0000",
      NewStateReason:
        "Threshold Crossed: 2 out of the last 2 datapoints [1.0 (21/11/26 03:01:00), 1.0 (21/11/26 03:00:00)] were " +
        "greater than or equal to the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).",
      Trigger: {
        MetricName: "StatusCheckFailed_System",
        Statistic: "MAXIMUM",
        Dimensions: [{ name: "InstanceId", value: web }],
      },
    });
  });

  it("lack data, and are not OK, while the machine is stopped", async () => {
    const { account, clock } = startingAccount();
    await account.calls.stop("medic", [web]);
    await clock.advance(5 * 60_000);
    expect(stateOf(account, "web instance check")).toBe("INSUFFICIENT_DATA");
    expect(stateOf(account, "web canary")).toBe("ALARM");
  });

  it("tell nobody when SNS loses the message, and stay in ALARM for whoever asks", async () => {
    const { account, clock } = startingAccount();
    const messages: TopicMessage[] = [];
    account.subscribe(topic, (message) => messages.push(message));
    account.breakAccount("sns-loses");
    account.break("kernel-hangs", web);
    await clock.advance(5 * 60_000);
    expect(messages).toEqual([]);
    expect(stateOf(account, "web instance check")).toBe("ALARM");
  });

  it("judge M of N, gaps and missing data as CloudWatch does", () => {
    const rule = alarm({ datapointsToAlarm: 2 });
    expect(judge(rule, [0, 1, 1], "OK")).toBe("ALARM");
    expect(judge(rule, [0, 0, 1], "OK")).toBe("OK");
    expect(judge(rule, [undefined, undefined], "ALARM")).toBe("INSUFFICIENT_DATA");
    expect(judge(rule, [undefined, 1], "ALARM")).toBe("ALARM");
    expect(judge(rule, [undefined, 0], "ALARM")).toBe("OK");
    expect(judge({ ...rule, treatMissing: "breaching" }, [undefined, undefined], "OK")).toBe("ALARM");
    expect(judge({ ...rule, treatMissing: "notBreaching" }, [undefined, undefined], "ALARM")).toBe("OK");
    expect(judge({ ...rule, treatMissing: "ignore" }, [undefined, undefined], "ALARM")).toBe("ALARM");
  });

  it("notices of instance states reach the topics that asked for them", async () => {
    const { account, clock } = startingAccount({ stateNoticeTopics: [topic] });
    const states: string[] = [];
    account.subscribe(topic, (message) => {
      states.push((JSON.parse(message.message) as { detail: { state: string } }).detail.state);
    });
    await account.calls.stop("medic", [web]);
    await clock.advance(45_000);
    expect(states).toEqual(["stopping", "stopped"]);
  });
});

describe("determinism", () => {
  it("the same seed tells the same story, another seed another one", async () => {
    const story = async (): Promise<string> => {
      const { account, clock } = startingAccount();
      const messages: TopicMessage[] = [];
      account.subscribe(topic, (message) => messages.push(message));
      account.break("kernel-hangs", web);
      await clock.advance(6 * 60_000);
      await account.calls.reboot("medic", [web]);
      await clock.advance(10 * 60_000);
      return JSON.stringify([account.lines, messages]);
    };
    expect(await story()).toBe(await story());
  });
});
