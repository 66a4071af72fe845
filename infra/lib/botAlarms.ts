/** Who watches the watchman: alarms about the bot itself, sent as mail because Slack and the bot may be what is broken. */
import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, MathExpression, Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { FilterPattern, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { tableShape } from "../../src/domain/tableShape.ts";
import type { BotService } from "./botService.ts";
import type { SignalQueue } from "./signalQueue.ts";

export interface BotAlarmsProps {
  readonly name: string;
  readonly bot: BotService;
  readonly signals: SignalQueue;
  readonly table: TableV2;
  readonly mailTopic: Topic;
}

interface Watch {
  readonly id: string;
  readonly says: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly below?: boolean;
  /** How many minutes in a row. */
  readonly minutes: number;
}

const minute = Duration.minutes(1);

/** Signals are stored within 1 s. Five minutes old means that nobody takes them. */
const oldestSignalSMax = 300;

/** A deployment or a lost host is over in less; longer means that the bot is down. */
const absentMinutes = 5;

export class BotAlarms extends Construct {
  constructor(scope: Construct, id: string, props: BotAlarmsProps) {
    super(scope, id);
    const { name, bot, signals, table } = props;
    const watches: Watch[] = [
      ...queueWatches(signals),
      {
        id: "NoWorker",
        says: "no worker of the bot runs: nobody acts on alarms and no button answers",
        metric: runningTasks(bot),
        threshold: 1,
        below: true,
        minutes: absentMinutes,
      },
      {
        id: "NeedsPerson",
        says: "the bot cannot go on with something by itself: look at the error lines of its log and at Slack",
        metric: this.errorLines(name, bot),
        threshold: 1,
        minutes: 1,
      },
      {
        id: "TableThrottled",
        says: "DynamoDB refuses requests of the bot: decisions come late",
        metric: throttles(table),
        threshold: 1,
        minutes: 3,
      },
    ];
    for (const watch of watches) this.add(watch, props);
  }

  private add({ id, says, metric, threshold, below, minutes }: Watch, { name, mailTopic }: BotAlarmsProps): void {
    const alarm = new Alarm(this, id, {
      alarmName: `${name}-${id}`,
      alarmDescription: `${name}: ${says}. What to do: infra/README.md, "When the bot itself is unwell".`,
      metric,
      threshold,
      evaluationPeriods: minutes,
      comparisonOperator:
        below === true ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // A bot that is gone reports nothing: there, silence is the alarm. Everywhere else silence is peace.
      treatMissingData: below === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(mailTopic));
    alarm.addOkAction(new SnsAction(mailTopic));
  }

  /** Every incident that needs a person writes one line at level error, and so does whatever else broke. */
  private errorLines(name: string, bot: BotService): Metric {
    const filter = new MetricFilter(this, "ErrorLines", {
      logGroup: bot.logGroup,
      metricNamespace: name,
      metricName: "ErrorLines",
      // The log writes levels as numbers; error is 50.
      filterPattern: FilterPattern.numberValue("$.level", ">=", 50),
      metricValue: "1",
    });
    return filter.metric({ statistic: Stats.SUM, period: minute });
  }
}

function queueWatches({ queue, deadLetters, undelivered }: SignalQueue): Watch[] {
  const waiting = { statistic: Stats.MAXIMUM, period: minute };
  return [
    {
      id: "DeadLetters",
      says: "signals that no worker could store lie among the dead letters",
      metric: deadLetters.metricApproximateNumberOfMessagesVisible(waiting),
      threshold: 1,
      minutes: 1,
    },
    {
      id: "Undelivered",
      says: "SNS or EventBridge could not put signals into the queue",
      metric: undelivered.metricApproximateNumberOfMessagesVisible(waiting),
      threshold: 1,
      minutes: 1,
    },
    {
      id: "SignalsWait",
      says: `the oldest signal has waited for ${oldestSignalSMax} s`,
      metric: queue.metricApproximateAgeOfOldestMessage(waiting),
      threshold: oldestSignalSMax,
      minutes: 2,
    },
  ];
}

/** Each running task sends one memory sample a minute, so that their number is the number of tasks. This metric is free. */
function runningTasks({ cluster, service }: BotService): Metric {
  return new Metric({
    namespace: "AWS/ECS",
    metricName: "MemoryUtilization",
    dimensionsMap: { ClusterName: cluster.clusterName, ServiceName: service.serviceName },
    statistic: Stats.SAMPLE_COUNT,
    period: minute,
  });
}

function throttles(table: TableV2): MathExpression {
  const count = (metricName: string, more: Readonly<Record<string, string>> = {}): Metric =>
    new Metric({
      namespace: "AWS/DynamoDB",
      metricName,
      dimensionsMap: { TableName: table.tableName, ...more },
      statistic: Stats.SUM,
      period: minute,
    });
  const index = { GlobalSecondaryIndexName: tableShape.dueIndex.name };
  return new MathExpression({
    expression: "SUM(METRICS())",
    label: "throttled requests",
    period: minute,
    usingMetrics: {
      reads: count("ReadThrottleEvents"),
      writes: count("WriteThrottleEvents"),
      indexReads: count("ReadThrottleEvents", index),
      indexWrites: count("WriteThrottleEvents", index),
    },
  });
}
