/** CloudWatch as the port wants it, over the simulated account. */
import type { AlarmView, Alarms } from "../ports/alarms.ts";
import type { Account } from "./account.ts";
import type { AlarmNow } from "./accountModel.ts";
import { withHooks } from "./callHooks.ts";
import type { MemoryPortOptions } from "./memoryCompute.ts";
import { inOurWords } from "./translateRefusal.ts";

export function memoryAlarms(account: Account, options: MemoryPortOptions = {}): Alarms {
  const every = (wanted: (alarm: AlarmNow) => boolean): Promise<AlarmView[]> =>
    inOurWords("reading alarms", async () => (await account.calls.alarms()).filter(wanted).map(alarmView));
  const alarms: Alarms = {
    byName: (names) => every((alarm) => names.includes(alarm.definition.name)),
    inAlarm: () => every((alarm) => alarm.state === "ALARM"),
    byPrefix: (prefix) => every((alarm) => alarm.definition.name.startsWith(prefix)),
    points: (metric, points, now) =>
      inOurWords(`reading ${metric.namespace}/${metric.name}`, () =>
        account.calls.metric({
          namespace: metric.namespace,
          metric: metric.name,
          dimensions: metric.dimensions,
          statistic: metric.statistic,
          periodMs: metric.periodMs,
          from: now - points * metric.periodMs,
          to: now,
        }),
      ),
  };
  return withHooks({ name: "alarms", of: alarms, mutating: [] }, options.hooks);
}

function alarmView(alarm: AlarmNow): AlarmView {
  const { definition } = alarm;
  return {
    name: definition.name,
    arn: alarm.arn,
    state: alarm.state,
    changedAt: alarm.changedAt,
    reason: alarm.reason,
    composite: false,
    metric: {
      namespace: definition.namespace,
      name: definition.metric,
      dimensions: definition.dimensions,
      statistic: definition.statistic,
      periodMs: definition.periodMs,
      threshold: definition.threshold,
    },
    spanMs: definition.periodMs * definition.evaluationPeriods,
    alarmActions: definition.alarmActions,
    okActions: definition.okActions,
    dimensions: definition.dimensions,
  };
}
