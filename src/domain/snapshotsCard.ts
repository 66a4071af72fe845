/** Snapshots as people read them on a phone: how old the newest is, here and there, then the list. */
import type { CardModel } from "./cardModel.ts";
import { usable, type SnapshotRow, type SnapshotsInRegion, type SnapshotsReport } from "./snapshots.ts";
import { length, utc, type Piece, type Text } from "./text.ts";

const rowsMax = 10;

export function snapshotsCard(report: SnapshotsReport): CardModel {
  const { service, readAt, regions } = report;
  const lacking = regions.some((region) => newest(region) === undefined);
  const late = regions.some((region) => isLate(newest(region), report));
  const rows = regions.flatMap((region) => region.rows.slice(0, rowsMax).map((row) => rowOf(region, row, readAt)));
  return {
    key: `snapshots/${service}`,
    version: 1,
    tone: regions.length > 0 && (lacking || late) ? "person" : "quiet",
    title: titleOf(report),
    summary: [
      regions.length === 0
        ? "medic.yaml names no snapshots for it (`reprovision.snapshot` or `dr`), so it cannot be built anew."
        : "The newest completed one is what it would be built anew from; what came after it would be lost.",
    ],
    facts: [
      ...regions.map((region) => ({ label: regionName(region), value: newestText(region, report) })),
      ...leftFacts(report),
      ...keeperFacts(report),
    ],
    notes: [
      ["Read ", { time: readAt, style: "time" }],
      ...(report.keeper ? [["What the retention would remove: ", { code: `/medic prune ${service}` }]] : []),
    ],
    buttons: [],
    menu: [],
    ...(rows.length > 0 ? { table: { head: ["Snapshot", "Age", "State", "Where"], rows } } : {}),
  };
}

function titleOf(report: SnapshotsReport): string {
  const home = report.regions.map(newest).find((row) => row !== undefined);
  if (home === undefined) return `${report.service}: no usable snapshot`;
  return `${report.service}: newest snapshot is ${length(report.readAt - home.at)} old`;
}

function newest({ rows }: SnapshotsInRegion): SnapshotRow | undefined {
  return usable(rows).reduce<SnapshotRow | undefined>(
    (best, row) => (best && best.at >= row.at ? best : row),
    undefined,
  );
}

function isLate(row: SnapshotRow | undefined, { rpoMaxMs, readAt }: SnapshotsReport): boolean {
  return row !== undefined && rpoMaxMs !== undefined && readAt - row.at > rpoMaxMs;
}

function regionName({ region, role }: SnapshotsInRegion): string {
  return role === "dr" ? `DR region ${region}` : region;
}

function newestText(region: SnapshotsInRegion, report: SnapshotsReport): Text {
  if (region.unread !== undefined) return [{ bold: "not read" }, `: ${region.unread}`];
  const row = newest(region);
  if (row === undefined) return [{ bold: "none that is complete" }, ` with tag ${region.tag}`];
  const late: Piece[] = isLate(row, report)
    ? [" · ", { bold: `older than rpoMax ${length(report.rpoMaxMs ?? 0)}` }]
    : [];
  return [{ bold: `${length(report.readAt - row.at)} old` }, ` (${utc(row.at, true)}) `, { code: row.id }, ...late];
}

function leftFacts({ leftVolumes = [] }: SnapshotsReport): CardModel["facts"] {
  if (leftVolumes.length === 0) return [];
  const shown = leftVolumes
    .slice(0, rowsMax)
    .map((each) => `${each.id} (${each.sizeGiB} GiB, ${each.availabilityZone})`);
  const rest = leftVolumes.length > rowsMax ? ` and ${leftVolumes.length - rowsMax} more` : "";
  return [
    { label: "Left over", value: [`${shown.join(", ")}${rest}: on no instance and not the newest; remove by hand`] },
  ];
}

function keeperFacts({ keeper }: SnapshotsReport): CardModel["facts"] {
  if (keeper === undefined) return [];
  const copies = keeper.copyToDr ? ", copied to the DR region" : "";
  return [
    { label: "Keeper", value: [`one every ${length(keeper.everyMs)}, the newest ${keeper.retain} stay${copies}`] },
  ];
}

function rowOf(region: SnapshotsInRegion, row: SnapshotRow, readAt: number): string[] {
  const state = row.progress !== undefined && row.progress < 100 ? `${row.state} ${row.progress} %` : row.state;
  const size = row.sizeGiB === undefined ? "" : `, ${row.sizeGiB} GiB`;
  return [row.id, length(readAt - row.at), `${state}${size}`, region.region];
}
