/**
 * What EC2 says about one instance: its state changed, Spot takes it back in two minutes, Spot advises to move it.
 *
 *   {"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification","time":"2021-11-11T21:29:54Z","region":"us-east-1",
 *    "detail":{"instance-id":"i-abcd1111","state":"stopping"}}
 *   {…,"detail-type":"EC2 Spot Instance Interruption Warning","detail":{"instance-id":"i-0b662ef9931388ba0","instance-action":"terminate"}}
 *   {…,"detail-type":"EC2 Instance Rebalance Recommendation","detail":{"instance-id":"i-1234567890abcdef0"}}
 *
 * Trap: Spot's `resources` are no ARNs (the zone stands in the region's place): only `detail` and `region` are read.
 */
import { commonOf, knownOfEvent } from "../common.ts";
import { instantOf } from "../instant.ts";
import type {
  Ec2StateChange,
  IncidentHint,
  ParsedCommon,
  RebalanceRecommendation,
  SpotInterruption,
} from "../parsed.ts";
import { recordAt, textAt, valueAt } from "../read.ts";
import type { JsonRecord } from "../read.ts";
import { instanceIdOf } from "../resources.ts";
import type { Carried } from "../unwrap.ts";

export function parseEc2State(event: JsonRecord, carried: Carried): Ec2StateChange | null {
  const instanceState = textAt(recordAt(event, "detail"), "state");
  if (instanceState === null) return null;
  return { cls: "ec2_state", instanceState, ...aboutInstance(event, carried, false) };
}

export function parseSpotInterruption(event: JsonRecord, carried: Carried): SpotInterruption | null {
  const detail = recordAt(event, "detail");
  if (detail === null) return null;
  const instanceAction = textAt(detail, "instance-action");
  return { cls: "spot_interruption", instanceAction, ...aboutInstance(event, carried, true) };
}

/** Advice, not a failure: it opens nothing. */
export function parseRebalance(event: JsonRecord, carried: Carried): RebalanceRecommendation | null {
  return recordAt(event, "detail") === null ? null : { cls: "rebalance", ...aboutInstance(event, carried, false) };
}

function aboutInstance(event: JsonRecord, carried: Carried, incident: IncidentHint): ParsedCommon {
  return commonOf({
    ...knownOfEvent(event, carried),
    at: instantOf(valueAt(event, "time")),
    resources: { instanceId: instanceIdOf(textAt(recordAt(event, "detail"), "instance-id")) },
    incident,
  });
}
