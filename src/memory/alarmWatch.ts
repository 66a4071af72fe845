/** CloudWatch's alarms: looked at once a minute, act only when their state changes. */
import type { AlarmDefinition, AlarmNow, AlarmState } from "./accountModel.ts";
import { alarmMessage, alarmSubject } from "./alarmMessage.ts";
import { writeGroupPoints } from "./groupPolicies.ts";
import { metricKey, valuesByPeriod, writePoints } from "./metricPoints.ts";
import { publishTo } from "./topics.ts";
import { say } from "./world.ts";
import type { World } from "./world.ts";

const historyMax = 100;
/** CloudWatch looks a little after the minute is over. */
const lookDelayMs = 5_000;

export function beginWatching(world: World): void {
  const { metricPeriodMs } = world.timings;
  const each = (minuteEnd: number): void => {
    world.agenda.at(minuteEnd + lookDelayMs, () => {
      writePoints(world, minuteEnd - metricPeriodMs);
      writeGroupPoints(world, minuteEnd - metricPeriodMs);
      for (const alarm of world.alarms.values()) evaluate(world, alarm, minuteEnd);
      each(minuteEnd + metricPeriodMs);
    });
  };
  each(Math.ceil((world.agenda.now() + 1) / metricPeriodMs) * metricPeriodMs);
}

function evaluate(world: World, alarm: AlarmNow, end: number): void {
  const { definition } = alarm;
  const values = valuesByPeriod(world, metricKey(definition.namespace, definition.metric, definition.dimensions), {
    statistic: definition.statistic,
    periodMs: definition.periodMs,
    count: definition.evaluationPeriods,
    end,
  });
  const verdict = judge(
    definition,
    values.map((each) => each.value),
    alarm.state,
  );
  if (verdict === alarm.state) return;
  change(world, alarm, verdict, reasonFor(definition, values, verdict));
}

/** CloudWatch's rule: M of N breach → ALARM; nothing known → what treatMissing says; a gap among good points changes nothing. */
export function judge(
  definition: Pick<AlarmDefinition, "comparison" | "threshold" | "treatMissing" | "datapointsToAlarm">,
  values: readonly (number | undefined)[],
  current: AlarmState,
): AlarmState {
  const known = values.filter((value) => value !== undefined);
  const missing = values.length - known.length;
  const breaching = known.filter((value) => breaches(definition, value)).length;
  const counted = breaching + (definition.treatMissing === "breaching" ? missing : 0);
  if (counted >= definition.datapointsToAlarm) return "ALARM";
  if (known.length > 0) return breaching > 0 && missing > 0 ? current : "OK";
  if (definition.treatMissing === "missing") return "INSUFFICIENT_DATA";
  return definition.treatMissing === "ignore" ? current : "OK";
}

function breaches(definition: Pick<AlarmDefinition, "comparison" | "threshold">, value: number): boolean {
  switch (definition.comparison) {
    case "GreaterThanOrEqualToThreshold":
      return value >= definition.threshold;
    case "GreaterThanThreshold":
      return value > definition.threshold;
    case "LessThanThreshold":
      return value < definition.threshold;
    case "LessThanOrEqualToThreshold":
      return value <= definition.threshold;
  }
}

const comparisonWords: Readonly<Record<AlarmDefinition["comparison"], string>> = {
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  GreaterThanThreshold: "greater than",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};

function reasonFor(
  definition: AlarmDefinition,
  values: readonly { readonly at: number; readonly value: number | undefined }[],
  verdict: AlarmState,
): string {
  if (verdict === "INSUFFICIENT_DATA") {
    return `Insufficient Data: ${values.length} datapoints were unknown.`;
  }
  const shown = values
    .filter((each) => each.value !== undefined && breaches(definition, each.value) === (verdict === "ALARM"))
    .toReversed()
    .map((each) => `${decimal(each.value ?? 0)} (${britishMinute(each.at)})`);
  const count = shown.length;
  const verb = count === 1 ? "was" : "were";
  const not = verdict === "OK" ? "not " : "";
  return (
    `Threshold Crossed: ${count} out of the last ${values.length} datapoints [${shown.join(", ")}] ${verb} ${not}` +
    `${comparisonWords[definition.comparison]} the threshold (${decimal(definition.threshold)}) ` +
    `(minimum ${verdict === "ALARM" ? definition.datapointsToAlarm : 1} datapoint${verdict === "ALARM" && definition.datapointsToAlarm > 1 ? "s" : ""} for ` +
    `${verdict === "ALARM" ? "OK -> ALARM" : "ALARM -> OK"} transition).`
  );
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(Number(value.toFixed(3)));
}

/** CloudWatch writes `DD/MM/YY HH:MM:SS` in its reasons, in UTC. */
function britishMinute(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(2, 4)} ${iso.slice(11, 19)}`;
}

/** Changes the state as SetAlarmState or an evaluation does: history, transition time, actions. */
export function change(world: World, alarm: AlarmNow, to: AlarmState, reason: string): void {
  const at = world.agenda.now();
  const from = alarm.state;
  alarm.state = to;
  alarm.changedAt = at;
  alarm.reason = reason;
  alarm.history.push({ at, from, to, reason });
  if (alarm.history.length > historyMax) alarm.history.shift();
  const level = to === "ALARM" ? "bad" : to === "OK" ? "good" : "info";
  say(world, "CloudWatch", `alarm ${alarm.definition.name}: ${from} → ${to}`, level);
  const actions = to === "ALARM" ? alarm.definition.alarmActions : to === "OK" ? alarm.definition.okActions : [];
  for (const topicArn of actions.filter((action) => action.startsWith("arn:aws:sns:"))) {
    publishTo(world, topicArn, {
      subject: alarmSubject(world.region, alarm),
      message: alarmMessage(world, alarm, from),
    });
  }
}
