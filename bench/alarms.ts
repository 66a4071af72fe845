/** The world that is measured: services in medic.yaml form, and the signed SNS envelopes of their alarms. */
import { randomUUID } from "node:crypto";
import { createSnsSigner, type SnsSigner } from "../sandbox/aws/sns-signer.ts";

export const account = "111122223333";
export const region = "eu-west-1";
export const topicArn = `arn:aws:sns:${region}:${account}:ec2-alarms`;
export const approver = "U0APPROVER";

const padded = (n: number, width: number, radix = 10) => n.toString(radix).padStart(width, "0");
export const serviceName = (n: number) => `service-${padded(n, 5)}`;
export const instanceId = (n: number) => `i-0${padded(n, 16, 16)}`;
/** A channel of its own for each service: Slack's one post a second in a channel would else be what is measured. */
export const channelId = (n: number) => `C0BENCH${padded(n, 5)}`;
export const serviceOfChannel = (channel: string) => Number(channel.slice("C0BENCH".length));

export function medicYaml(services: number): string {
  const one = (n: number) => `  ${serviceName(n)}:
    description: The service of team ${n % 50}, part ${n}
    owner: team-${n % 50}
    pattern: instance
    target: { instance: ${instanceId(n)} }
    channel: ${channelId(n)}
    alarms: [${serviceName(n)}-*]
    ladders:
      os:
        - { recovery: restart, mode: approve }
`;
  return `defaults:
  region: ${region}
  account: "${account}"
  channel: C0BENCHMAIN
  approvers:
    users: [${approver}]
services:
${Array.from({ length: services }, (_, n) => one(n)).join("")}`;
}

export interface AlarmOf {
  readonly service: number;
  /** Distinguishes alarms of one service. */
  readonly alarm: number;
  readonly at: number;
}

/** As CloudWatch writes it for a failed status check. */
function alarmMessage({ service, alarm, at }: AlarmOf): string {
  const name = `${serviceName(service)}-status-${alarm}`;
  return JSON.stringify({
    AlarmName: name,
    AlarmDescription: `Status check of ${serviceName(service)}`,
    AWSAccountId: account,
    AlarmConfigurationUpdatedTimestamp: "2026-01-05T09:00:00.000+0000",
    NewStateValue: "ALARM",
    NewStateReason:
      "Threshold Crossed: 2 out of the last 2 datapoints [1.0 (05/01/26 10:01:00), 1.0 (05/01/26 10:00:00)] were greater than or equal to the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).",
    StateChangeTime: new Date(at).toISOString().replace("Z", "+0000"),
    Region: "EU (Ireland)",
    AlarmArn: `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
    OldStateValue: "OK",
    OKActions: [],
    AlarmActions: [topicArn],
    InsufficientDataActions: [],
    Trigger: {
      MetricName: "StatusCheckFailed_Instance",
      Namespace: "AWS/EC2",
      StatisticType: "Statistic",
      Statistic: "MAXIMUM",
      Unit: null,
      Dimensions: [{ value: instanceId(service), name: "InstanceId" }],
      Period: 60,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 2,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      Threshold: 1,
      TreatMissingData: "missing",
      EvaluateLowSampleCountPercentile: "",
    },
  });
}

export function makeSigner(): SnsSigner {
  const day = 86_400_000;
  return createSnsSigner({ validFrom: Date.now() - day, validTo: Date.now() + day });
}

/** Signing costs more than all the rest of a message, so envelopes are made before the clock runs. */
export function envelope(signer: SnsSigner, of: AlarmOf): string {
  const subject = `ALARM: "${serviceName(of.service)}-status-${of.alarm}" in EU (Ireland)`;
  return JSON.stringify(
    signer.notification({ topicArn, messageId: randomUUID(), message: alarmMessage(of), at: of.at, subject }),
  );
}
