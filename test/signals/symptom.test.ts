/** Metric → symptom and kind of evidence; composite alarms are as bad as their worst child. */
import { describe, expect, test } from "vitest";
import { parseText } from "../../src/signals/parseMessage.ts";
import { guessOf, guessOfMetric, worstOf } from "../../src/signals/symptom.ts";
import type { Guess } from "../../src/signals/symptom.ts";

describe("a metric's symptom", () => {
  test.each([
    ["AWS/EC2", "StatusCheckFailed_System", "host", "ec2"],
    ["AWS/EC2", "StatusCheckFailed_Instance", "os", "ec2"],
    ["AWS/EC2", "StatusCheckFailed_AttachedEBS", "os", "ec2"],
    ["AWS/EC2", "StatusCheckFailed", "os", "ec2"],
    ["AWS/EC2", "CPUUtilization", "overloaded", "metric"],
    ["AWS/EC2", "CPUCreditBalance", "warning", "metric"],
    ["AWS/EC2", "NetworkOut", "warning", "metric"],
    ["CWAgent", "cpu_usage_user", "overloaded", "metric"],
    ["CWAgent", "disk_used_percent", "warning", "metric"],
    ["CWAgent", "mem_used_percent", "warning", "metric"],
    ["CloudWatchSynthetics", "SuccessPercent", "down", "canary"],
    ["CloudWatchSynthetics", "Failed", "down", "canary"],
    ["CloudWatchSynthetics", "Duration", "overloaded", "canary"],
    ["AWS/Route53", "HealthCheckStatus", "down", "target"],
    ["AWS/Route53", "HealthCheckPercentageHealthy", "down", "target"],
    ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "down", "metric"],
    ["AWS/ApplicationELB", "HTTPCode_ELB_504_Count", "down", "metric"],
    ["AWS/ApplicationELB", "UnHealthyHostCount", "targets", "target"],
    ["AWS/NetworkELB", "HealthyHostCount", "targets", "target"],
    ["AWS/ApplicationELB", "TargetResponseTime", "overloaded", "metric"],
    ["AWS/ELB", "Latency", "overloaded", "metric"],
    ["AWS/ApplicationELB", "RequestCountPerTarget", "overloaded", "metric"],
    ["AWS/EBS", "VolumeReadLatency", "warning", "metric"],
    ["Shop", "orders_failed", "warning", "metric"],
    ["Shop", "StatusCheckFailed_System", "warning", "metric"],
    ["", "", "warning", "metric"],
  ])("%s/%s is %s, evidence %s", (namespace, name, symptom, evidenceKind) => {
    expect(guessOfMetric({ namespace, name })).toMatchObject({ symptom, evidenceKind });
  });
});

describe("a message's symptom", () => {
  const guess = (message: unknown, lookUp?: (name: string) => Guess | null): Guess | null => {
    const [parsed] = parseText(JSON.stringify(message));
    if (parsed === undefined) throw new Error("nothing was parsed");
    return guessOf(parsed, lookUp);
  };
  const base = { AlarmName: "c", NewStateValue: "ALARM" };
  const children = (...names: string[]): unknown =>
    names.map((name) => ({ Arn: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}` }));
  const known = new Map<string, Guess>([
    ["cpu", { symptom: "overloaded", evidenceKind: "metric" }],
    ["system", { symptom: "host", evidenceKind: "ec2" }],
  ]);
  const lookUp = (name: string): Guess | null => known.get(name) ?? null;

  test("an expression of several metrics is as bad as the worst", () => {
    const stat = (MetricName: string): unknown => ({
      MetricStat: { Metric: { Namespace: "AWS/ApplicationELB", MetricName } },
    });
    const Trigger = { Metrics: [stat("RequestCount"), stat("HTTPCode_Target_5XX_Count")] };
    expect(guess({ ...base, Trigger })).toEqual({ symptom: "down", evidenceKind: "metric" });
  });

  test("a composite is as bad as its worst known child, and a warning when none is known", () => {
    expect(guess({ ...base, TriggeringChildren: children("cpu", "system", "other") }, lookUp)).toEqual(
      known.get("system"),
    );
    expect(guess({ ...base, TriggeringChildren: children("other") }, lookUp)).toEqual({
      symptom: "warning",
      evidenceKind: "metric",
    });
    expect(guess({ ...base, TriggeringChildren: [], AlarmRule: "ALARM(cpu) OR ALARM(x)" }, lookUp)).toEqual(
      known.get("cpu"),
    );
    expect(guess({ ...base, TriggeringChildren: [] })).toEqual({ symptom: "warning", evidenceKind: "metric" });
  });

  test("an instance that is gone is down; one that starts says nothing", () => {
    const state = (word: string): unknown => ({
      "detail-type": "EC2 Instance State-change Notification",
      detail: { "instance-id": "i-00000001", state: word },
    });
    expect(guess(state("terminated"))).toEqual({ symptom: "down", evidenceKind: "ec2" });
    expect(guess(state("running"))).toBeNull();
  });

  test("of two equally bad the first is kept, of none there is none", () => {
    const first: Guess = { symptom: "down", evidenceKind: "canary" };
    expect(worstOf([{ symptom: "os", evidenceKind: "ec2" }, first, { symptom: "down", evidenceKind: "metric" }])).toBe(
      first,
    );
    expect(worstOf([])).toBeNull();
  });
});
