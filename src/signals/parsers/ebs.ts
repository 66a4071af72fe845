/**
 * What happened to a volume or a snapshot.
 *
 *   {"source":"aws.ec2","detail-type":"EBS Snapshot Notification","region":"us-east-1","resources":["arn:aws:ec2::us-west-2:snapshot/snap-01234567"],
 *    "detail":{"event":"createSnapshot","result":"succeeded","cause":"","snapshot_id":"arn:aws:ec2::us-west-2:snapshot/snap-01234567",
 *              "source":"arn:aws:ec2::us-west-2:volume/vol-01234567"}}
 *   {…,"detail-type":"EBS Volume Notification","resources":["arn:aws:ec2:us-east-1:123456789012:volume/vol-…"],"detail":{"event":"attachVolume","result":"failed","cause":"…"}}
 *   {…,"detail-type":"EBS Multi-Volume Snapshots Completion Status","detail":{"event":"createSnapshots","snapshots":[{"snapshot_id":"arn:…"}]}}
 *   {…,"detail-type":"EBS Fast Snapshot Restore State-change Notification","detail":{"snapshot-id":"arn:…","state":"enabling","zone":"…"}}
 *
 * Trap: these ARNs have the region in the account's place; only what stands behind the last slash is used.
 */
import { lastPart } from "../arn.ts";
import { commonOf, knownOfEvent } from "../common.ts";
import { instantOf } from "../instant.ts";
import type { EbsEvent, Resources } from "../parsed.ts";
import { listAt, recordAt, textAt, textAtAny, textOf, valueAt } from "../read.ts";
import type { JsonRecord } from "../read.ts";
import { snapshotIdOf, volumeIdOf } from "../resources.ts";
import type { Carried } from "../unwrap.ts";

export function parseEbs(event: JsonRecord, carried: Carried): EbsEvent | null {
  const detail = recordAt(event, "detail");
  const name = textAt(detail, "event") ?? textAt(event, "detail-type");
  if (detail === null || name === null) return null;
  const result = textAtAny(detail, ["result", "state"]);
  return {
    cls: "ebs",
    event: name,
    result,
    ...commonOf({
      ...knownOfEvent(event, carried),
      at: instantOf(valueAt(event, "time")),
      reason: textAtAny(detail, ["cause", "message"]),
      resources: resourcesOf(event, detail),
      incident: result === "failed" || result === "error",
    }),
  };
}

function resourcesOf(event: JsonRecord, detail: JsonRecord): Resources {
  const listed = listAt(event, "resources").map((arn) => lastPart(textOf(arn)));
  const several = listAt(detail, "snapshots")
    .map((entry) => snapshotIdOf(lastPart(textAt(entry, "snapshot_id"))))
    .filter((id) => id !== null);
  if (several.length > 0 || textAt(detail, "event") === "createSnapshots") {
    const ids = several.length > 0 ? several : listed.map(snapshotIdOf).filter((id) => id !== null);
    return { snapshotIds: [...new Set(ids)] };
  }
  const snapshotId =
    snapshotIdOf(lastPart(textAtAny(detail, ["snapshot_id", "snapshot-id"]))) ?? firstOf(listed, snapshotIdOf);
  const volumeId = volumeIdOf(lastPart(textAt(detail, "source"))) ?? firstOf(listed, volumeIdOf);
  const zone = textAt(detail, "zone");
  return {
    ...(snapshotId === null ? {} : { snapshotId }),
    ...(volumeId === null ? {} : { volumeId }),
    ...(zone === null ? {} : { availabilityZone: zone }),
  };
}

function firstOf(texts: readonly (string | null)[], read: (text: string | null) => string | null): string | null {
  return texts.map(read).find((id) => id !== null) ?? null;
}
