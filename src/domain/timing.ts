/**
 * Every duration that a decision uses, in milliseconds, with its default and the reason for it. `medic.yaml` may set each one
 * down to 1 s; `brokenRelations` (timingRelations.ts) says which settings cannot stand together.
 */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

export interface Timing {
  /** From the first accepted notice to an automatic restart: time to wake, read and tap Hold. */
  readonly vetoRestartMs: number;
  /** From the first accepted notice to an automatic re-provision: it changes where the service lives. */
  readonly vetoReprovisionMs: number;
  /** A hold without a stated end. */
  readonly holdMs: number;
  /** Longest hold a person may ask for. */
  readonly holdMaxMs: number;
  /** Fresh evidence must arrive within this, or the case asks a person. */
  readonly confirmMs: number;
  /** A given approval that could not run lapses after this: the world has moved on. */
  readonly approvalLapsesMs: number;
  /** How long before the lapse people are warned. */
  readonly approvalWarnMs: number;
  /** Facts under a proposal older than this are read again and make a new proposal number. */
  readonly proposalFactsMs: number;
  /** Evidence older than this does not carry a destructive run. */
  readonly evidenceAgeMs: number;
  /** After a run: a failure within this goes up the ladder instead of starting over. */
  readonly windowMs: number;
  /** Whole restart: reboot 7 + stop 3 + force 4 + start 4 + verify 2. */
  readonly restartLimitMs: number;
  readonly rebootSettleMs: number;
  readonly stopSettleMs: number;
  readonly forceStopSettleMs: number;
  readonly startSettleMs: number;
  readonly verifySettleMs: number;
  /** Failover and fail-back: start the standby, stop the primary (forced when stuck), move the address or the record, answer. */
  readonly failoverLimitMs: number;
  /** From the call until EC2 shows the address where it shall be. */
  readonly addressSettleMs: number;
  /** From the change until Route 53 says INSYNC ("generally within 60 s"), without the record's own TTL. */
  readonly dnsSettleMs: number;
  /** Scale-out, scale-in and replace: from the call until in service and healthy in the target group. */
  readonly scaleLimitMs: number;
  readonly inServiceSettleMs: number;
  /** A whole instance refresh. */
  readonly refreshLimitMs: number;
  readonly reprovisionLimitMs: number;
  readonly drLimitMs: number;
  readonly drillLimitMs: number;
  /** An image over a completed snapshot. */
  readonly imageSettleMs: number;
  /** From RunInstances until running. */
  readonly launchSettleMs: number;
  readonly detachSettleMs: number;
  readonly attachSettleMs: number;
  /** An incremental snapshot of a volume; hooks heartbeat meanwhile. */
  readonly snapshotSettleMs: number;
  /** A read that lags may hide for this long what was made: nothing is made a second time before. */
  readonly lagMs: number;
  /** How often readiness of every rung is looked at. */
  readonly readinessMs: number;
  /** A drill older than this is flagged. */
  readonly drillAgeMs: number;
  /** How often health is polled while verifying. */
  readonly verifyPollMs: number;
  /** Healthy means at least two good answers that span this long. */
  readonly verifySpanMs: number;
  /** An alarm that carries EC2's own recover or reboot action: that long nothing automatic competes with it. */
  readonly awsRoomMs: number;
  /** How much longer than its own period × evaluations an alarm may stay in ALARM after a run. */
  readonly alarmLagMs: number;
  /** Nobody reacted on an `approve` rung: mention the group after this. */
  readonly mentionAfterMs: number;
  /** Still nobody: mail and the second channel after this. */
  readonly escalateAfterMs: number;
  /** Still bad: remind after each of these. */
  readonly remindAfterMs: readonly number[];
  /** Acknowledged and still bad: remind after this. */
  readonly remindAckedMs: number;
  /** Worker leases: time to live, renewal, longest AWS call, clock skew between workers, extra wait before a takeover. */
  readonly leaseMs: number;
  readonly leaseRenewMs: number;
  readonly awsCallMs: number;
  readonly clockSkewMs: number;
  readonly takeoverMs: number;
  /** The kill switch is read at most this long before each automatic act. */
  readonly killSwitchAgeMs: number;
  readonly reconcileMs: number;
  readonly reconcileAllMs: number;
  readonly probeMs: number;
  /** No automatic run for two reconcile periods after the fleet's heartbeat was silent for this long. */
  readonly heartbeatSilentMs: number;
  /** A message queue older than this means we know too little: no automatic run until it is worked off. */
  readonly queueAgeMs: number;
  /** Openings within this are counted for the storm. */
  readonly stormWindowMs: number;
  /** A storm may end after this long without a new opening (and a person's word). */
  readonly stormQuietMs: number;
  /** An unmatched signal is tried again for this long before it stands in the list. */
  readonly inboxRetryMs: number;
  /** A message older than this only causes a fresh read of the alarm. */
  readonly oldMessageMs: number;
  /** Dedupe hashes are kept this long. */
  readonly dedupeMs: number;
}

export const defaultTiming: Timing = {
  vetoRestartMs: 5 * minute,
  vetoReprovisionMs: 15 * minute,
  holdMs: 30 * minute,
  holdMaxMs: 24 * hour,
  confirmMs: 3 * minute,
  approvalLapsesMs: 15 * minute,
  approvalWarnMs: 2 * minute,
  proposalFactsMs: 15 * minute,
  evidenceAgeMs: 2 * minute,
  windowMs: 60 * minute,
  restartLimitMs: 20 * minute,
  rebootSettleMs: 7 * minute,
  stopSettleMs: 3 * minute,
  forceStopSettleMs: 4 * minute,
  startSettleMs: 4 * minute,
  verifySettleMs: 2 * minute,
  failoverLimitMs: 20 * minute,
  addressSettleMs: minute,
  dnsSettleMs: 3 * minute,
  scaleLimitMs: 20 * minute,
  inServiceSettleMs: 10 * minute,
  refreshLimitMs: 60 * minute,
  reprovisionLimitMs: 30 * minute,
  drLimitMs: 45 * minute,
  drillLimitMs: 45 * minute,
  imageSettleMs: 5 * minute,
  launchSettleMs: 5 * minute,
  detachSettleMs: 3 * minute,
  attachSettleMs: 2 * minute,
  snapshotSettleMs: 30 * minute,
  lagMs: 30 * second,
  readinessMs: 30 * minute,
  drillAgeMs: 30 * 24 * hour,
  verifyPollMs: 15 * second,
  verifySpanMs: 120 * second,
  awsRoomMs: 5 * minute,
  alarmLagMs: 2 * minute,
  mentionAfterMs: 5 * minute,
  escalateAfterMs: 10 * minute,
  remindAfterMs: [15 * minute, hour, 4 * hour],
  remindAckedMs: hour,
  leaseMs: 30 * second,
  leaseRenewMs: 10 * second,
  awsCallMs: 10 * second,
  clockSkewMs: 5 * second,
  takeoverMs: 5 * second,
  killSwitchAgeMs: 10 * second,
  reconcileMs: minute,
  reconcileAllMs: 30 * minute,
  probeMs: 30 * second,
  heartbeatSilentMs: 2 * minute,
  queueAgeMs: 5 * minute,
  stormWindowMs: 10 * minute,
  stormQuietMs: 15 * minute,
  inboxRetryMs: 15 * minute,
  oldMessageMs: 15 * minute,
  dedupeMs: hour,
};

/** No setting may be shorter: below it the loops would spin instead of wait. */
export const durationMsMin = second;
