/** What the alarms of all the pretend company's services have in common. */
import type { AlarmDefinition } from "../src/memory/accountModel.ts";
import { alarmTopic } from "./places.ts";

/** Two bad minutes of two, told when it starts and when it is over. */
export const alarmBasics = {
  statistic: "Maximum",
  periodMs: 60_000,
  evaluationPeriods: 2,
  datapointsToAlarm: 2,
  comparison: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  treatMissing: "missing",
  alarmActions: [alarmTopic],
  okActions: [alarmTopic],
} as const;

export function canaryAlarm(name: string): AlarmDefinition {
  return {
    ...alarmBasics,
    name: `${name}-canary`,
    description: "The canary cannot do what customers do",
    namespace: "CloudWatchSynthetics",
    metric: "SuccessPercent",
    dimensions: { CanaryName: name },
    statistic: "Average",
    comparison: "LessThanThreshold",
    threshold: 90,
  };
}
