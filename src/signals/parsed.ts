/**
 * What one message says, whatever envelope it came in. Every parser answers with one of these; nothing downstream looks at
 * AWS's own keys again. Absent knowledge is `null`, never a guess.
 */

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/**
 * What the message alone says about an incident: `true` opens or updates one, "resolve" is good news, "keep" must not close an
 * open one, "suppressed" and "muted" mean that CloudWatch itself ran no action. The case decides what comes of it.
 */
export type IncidentHint = true | false | "resolve" | "keep" | "suppressed" | "muted";

/** EC2's own alarm actions: when one is attached, AWS acts on the instance too and the bot has to give it room. */
export type Ec2AlarmAction = "recover" | "reboot" | "stop" | "terminate";

/** The things that a message names. `null` stands for a key that was there and held no usable id. */
export interface Resources {
  readonly instanceId?: string | null;
  readonly asgName?: string | null;
  readonly loadBalancer?: string | null;
  readonly targetGroup?: string | null;
  readonly availabilityZone?: string | null;
  readonly dbInstance?: string | null;
  readonly healthCheckId?: string | null;
  readonly canary?: string | null;
  readonly cluster?: string | null;
  readonly volumeId?: string | null;
  readonly snapshotId?: string | null;
  readonly snapshotIds?: readonly string[];
  /** Several instances in one message; then there is no `instanceId`. */
  readonly affected?: readonly string[];
}

/** One metric that an alarm watches. `namespace` is empty when the message did not say. */
export interface WatchedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string | null;
  readonly periodMs: number | null;
}

/** What every message has in common. */
export interface ParsedCommon {
  readonly region: string | null;
  readonly accountId: string | null;
  /** When it happened by the event's own clock, epoch ms; the envelope's time when the event has none. */
  readonly at: number | null;
  readonly reason: string | null;
  readonly resources: Resources;
  readonly incident: IncidentHint;
  /** SNS's id: the same for every retry, different for every subscription. */
  readonly messageId: string | null;
  /** The queue's id: different for every queue that the message went through. */
  readonly sqsMessageId: string | null;
  readonly topicArn: string | null;
  readonly subject: string | null;
  /** When SNS sent it, epoch ms. */
  readonly sentAt: number | null;
  readonly eventId: string | null;
}

/** What all alarm messages have in common. */
export interface AlarmFacts extends ParsedCommon {
  readonly alarmName: string;
  readonly alarmArn: string | null;
  readonly newState: AlarmState;
  readonly oldState: AlarmState | null;
  readonly description: string | null;
  /** `Namespace/Name` of the first metric. */
  readonly metric: string | null;
  /** The first expression: metric math, Metrics Insights SQL or PromQL. */
  readonly expression: string | null;
  /** All metrics, those named inside Metrics Insights SQL last. */
  readonly metrics: readonly WatchedMetric[];
  readonly threshold: number | null;
  readonly comparison: string | null;
  /** period × evaluation periods: how long the alarm may need to say OK after the service is well. */
  readonly alarmSpanMs: number | null;
  readonly treatMissingData: string | null;
  readonly evaluationState: string | null;
  readonly ec2Actions: readonly Ec2AlarmAction[];
  readonly alarmTags: Readonly<Record<string, string>> | null;
  readonly suppressedBy: string | null;
  readonly suppressedBefore: string | null;
  readonly mutedBy: string | null;
}

export interface AlarmChange extends AlarmFacts {
  readonly cls: "alarm";
}

export interface ContributorChange extends AlarmFacts {
  readonly cls: "alarm_contributor";
  readonly contributorId: string;
  readonly contributorAttributes: Readonly<Record<string, string>>;
}

export interface CompositeChange extends AlarmFacts {
  readonly cls: "composite_alarm";
  /** Names of the children that made it change; may be empty. */
  readonly children: readonly string[];
  readonly alarmRule: string | null;
  /** Every alarm name in the rule: what to look up when no child is named. */
  readonly ruleChildren: readonly string[];
}

export interface AlarmConfigChange extends Omit<AlarmFacts, "newState" | "oldState"> {
  readonly cls: "alarm_config_change";
  readonly operation: string | null;
  readonly newState: AlarmState | null;
}

export interface AsgActivity extends ParsedCommon {
  readonly cls: "asg_activity";
  readonly event: string;
  readonly failed: boolean;
  readonly activityId: string | null;
  readonly description: string | null;
}

export interface AsgTest extends ParsedCommon {
  readonly cls: "asg_test";
  readonly event: string;
}

export interface LifecycleHook extends ParsedCommon {
  readonly cls: "lifecycle_hook";
  readonly transition: string;
  readonly hook: string | null;
  readonly token: string | null;
  readonly metadata: string | null;
  readonly origin: string | null;
  readonly destination: string | null;
}

export interface InstanceRefresh extends ParsedCommon {
  readonly cls: "instance_refresh";
  readonly event: string;
  readonly failed: boolean;
  readonly instanceRefreshId: string | null;
}

export interface Ec2StateChange extends ParsedCommon {
  readonly cls: "ec2_state";
  readonly instanceState: string;
}

export interface SpotInterruption extends ParsedCommon {
  readonly cls: "spot_interruption";
  readonly instanceAction: string | null;
}

export interface RebalanceRecommendation extends ParsedCommon {
  readonly cls: "rebalance";
}

export interface HealthEvent extends ParsedCommon {
  readonly cls: "health";
  readonly eventTypeCode: string;
  readonly category: string | null;
  readonly service: string | null;
  readonly statusCode: string | null;
  readonly scope: string | null;
  readonly eventArn: string | null;
  readonly eventRegion: string | null;
  readonly affectedAccount: string | null;
  /** Every affected entity as AWS names it, also those that are not instances. */
  readonly entities: readonly string[];
  /** Epoch ms. */
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly lastUpdatedTime: number | null;
  readonly description: string | null;
}

export interface EbsEvent extends ParsedCommon {
  readonly cls: "ebs";
  readonly event: string;
  readonly result: string | null;
}

export interface CanaryEvent extends ParsedCommon {
  readonly cls: "canary";
  readonly event: string;
  /** Only of a test run. */
  readonly failed: boolean | null;
  readonly currentState: string | null;
  readonly previousState: string | null;
  readonly canaryRunId: string | null;
}

export interface Confirmation extends ParsedCommon {
  readonly cls: "subscription_confirmation" | "unsubscribe_confirmation";
  readonly token: string | null;
}

export interface Unrecognised extends ParsedCommon {
  readonly cls: "unrecognised_text" | "unrecognised_json" | "unrecognised_event";
  /** `detail-type` of an event that no parser knows. */
  readonly event: string | null;
  /** The beginning of the message, for people. */
  readonly excerpt: string;
}

export type AnyAlarm = AlarmChange | ContributorChange | CompositeChange;

export type Parsed =
  | AnyAlarm
  | AlarmConfigChange
  | AsgActivity
  | AsgTest
  | LifecycleHook
  | InstanceRefresh
  | Ec2StateChange
  | SpotInterruption
  | RebalanceRecommendation
  | HealthEvent
  | EbsEvent
  | CanaryEvent
  | Confirmation
  | Unrecognised;

export function isAlarm(parsed: Parsed): parsed is AnyAlarm {
  return parsed.cls === "alarm" || parsed.cls === "alarm_contributor" || parsed.cls === "composite_alarm";
}
