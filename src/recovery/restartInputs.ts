/** What a restart acts on, resolved once at the order and stored in its run: later edits and drifts do not change a run. */
import type { Order, ServiceCase } from "../domain/serviceCase.ts";
import { RecoveryRefused } from "../domain/errors.ts";
import type { Timing } from "../domain/timing.ts";
import type { InstanceId, Recovery, Symptom } from "../domain/words.ts";
import type { AlarmKinds } from "./health.ts";

export const restartRecoveries = [
  "restart",
  "reboot",
  "stop-start",
  "force-stop-start",
] as const satisfies readonly Recovery[];
export type RestartRecovery = (typeof restartRecoveries)[number];

export interface RestartInputs {
  readonly recovery: RestartRecovery;
  readonly instanceId: InstanceId;
  readonly symptom: Symptom;
  readonly orderedByPerson: boolean;
  /** Kinds of bad evidence without which the instance is not stopped; 0 for what a person ordered by that very name. */
  readonly kindsNeeded: 0 | 1 | 2;
  readonly alarmKinds: AlarmKinds;
  /** EC2's own action on one of the alarms, and since when that alarm is bad. */
  readonly awsActs?: { readonly action: string; readonly since: number };
  /** An earlier run of the bot stopped it and could not start it: its being stopped is ours to mend. */
  readonly stoppedByUs: boolean;
  readonly timing: RestartTiming;
}

export type RestartTiming = Pick<
  Timing,
  | "rebootSettleMs"
  | "stopSettleMs"
  | "forceStopSettleMs"
  | "startSettleMs"
  | "verifySettleMs"
  | "evidenceAgeMs"
  | "awsRoomMs"
>;

/** Reads the case only; throws RecoveryRefused when it names no instance. */
export function restartInputs(order: Order, current: ServiceCase, timing: Timing): RestartInputs {
  const { instanceId } = current.placement;
  if (instanceId === undefined) {
    throw new RecoveryRefused(
      "no-instance",
      `the bot does not know on which instance ${current.service} lives`,
      "Check the target of this service in medic.yaml and the instance's tag.",
    );
  }
  const acting = current.bad.find((b) => b.awsActs === "recover" || b.awsActs === "reboot");
  const { rebootSettleMs, stopSettleMs, forceStopSettleMs, startSettleMs, verifySettleMs, evidenceAgeMs, awsRoomMs } =
    timing;
  return {
    // Which definition serves which recovery stands in index.ts.
    recovery: order.recovery as RestartRecovery,
    instanceId,
    symptom: current.incident?.symptom ?? "warning",
    orderedByPerson: order.by.kind === "person",
    kindsNeeded: kindsNeeded(order),
    alarmKinds: Object.fromEntries(current.bad.map((b) => [b.subject, b.evidenceKind])),
    ...(acting?.awsActs ? { awsActs: { action: acting.awsActs, since: acting.since } } : {}),
    stoppedByUs: current.debts.some((debt) => debt.id === `stopped-instance/${instanceId}`),
    timing: {
      rebootSettleMs,
      stopSettleMs,
      forceStopSettleMs,
      startSettleMs,
      verifySettleMs,
      evidenceAgeMs,
      awsRoomMs,
    },
  };
}

function kindsNeeded({ by, recovery }: Order): 0 | 1 | 2 {
  if (by.kind === "rule") return 2;
  return recovery === "stop-start" || recovery === "force-stop-start" ? 0 : 1;
}
