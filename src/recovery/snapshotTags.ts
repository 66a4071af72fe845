/** Tags that the bot writes on snapshots, and reads wherever they were written. */
import type { SnapshotView } from "../ports/storage.ts";

/** Of which disk: `/dev/xvda`. */
export const deviceTag = "ec2-medic:device";
/** Where a copy came from: the snapshot's id in its own region. */
export const copyOfTag = "ec2-medic:copy-of";
/** Epoch ms as a number: a copy starts later than the data that it holds. */
export const takenAtTag = "ec2-medic:taken-at";

/** Epoch ms: the data is as old as this. */
export function takenAt({ tags, startedAt }: Pick<SnapshotView, "tags" | "startedAt">): number {
  const said = Number(tags[takenAtTag] ?? Number.NaN);
  return Number.isFinite(said) && said > 0 ? Math.min(said, startedAt) : startedAt;
}
