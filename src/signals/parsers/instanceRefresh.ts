/**
 * An instance refresh of a group began, passed a checkpoint, ended, failed, was cancelled or rolled back.
 *
 *   {"source":"aws.autoscaling","detail-type":"EC2 Auto Scaling Instance Refresh Failed","region":"us-west-2",
 *    "detail":{"InstanceRefreshId":"ab00cf8f-9126-4f3c-8010-dbb8cad6fb86","AutoScalingGroupName":"web"}}
 */
import { commonOf } from "../common.ts";
import type { InstanceRefresh } from "../parsed.ts";
import { recordAt, textAt } from "../read.ts";
import type { JsonRecord } from "../read.ts";
import type { Carried } from "../unwrap.ts";
import { knownOfAsgEvent } from "./autoScaling.ts";

export function parseInstanceRefresh(event: JsonRecord, carried: Carried): InstanceRefresh | null {
  const name = textAt(event, "detail-type");
  const detail = recordAt(event, "detail");
  if (name === null || detail === null) return null;
  const failed = / Failed$/.test(name);
  const reason = textAt(detail, "StatusMessage") ?? textAt(detail, "StatusReason");
  return {
    cls: "instance_refresh",
    event: name,
    failed,
    ...commonOf({ ...knownOfAsgEvent(event, carried), reason, incident: failed }),
    instanceRefreshId: textAt(detail, "InstanceRefreshId"),
  };
}
