/** Snapshots of EBS volumes: the account's own, found by tag, and tagged in the request that makes them. */
import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  type Snapshot,
} from "@aws-sdk/client-ec2";
import type { SnapshotId, VolumeId } from "../domain/words.ts";
import type { SnapshotView, Storage } from "../ports/storage.ts";
import type { RegionClients } from "./clients.ts";
import { inPages } from "./inPages.ts";
import { named } from "./named.ts";
import { tagged, tagsOf } from "./tags.ts";
import { asked } from "./translate.ts";

type Ec2 = RegionClients["ec2"];

/** 20,000 snapshots of one tag: a schedule of years. */
const pagesMax = 20;
const pageSize = 1000;

export async function snapshot(ec2: Ec2, id: SnapshotId): Promise<SnapshotView | undefined> {
  const input = { SnapshotIds: [id] };
  const answer = await asked(`DescribeSnapshots ${id}`, () => ec2.send(new DescribeSnapshotsCommand(input)));
  const found = answer.Snapshots?.find((each) => each.SnapshotId === id);
  return found && snapshotView(found);
}

/** Own ones alone: anybody may share a snapshot with this account and give it any tag. Newest first, in every state. */
export async function snapshotsByTag(ec2: Ec2, key: string, value: string): Promise<SnapshotView[]> {
  const query = { OwnerIds: ["self"], Filters: [{ Name: `tag:${key}`, Values: [value] }], MaxResults: pageSize };
  const found = await inPages(async (page) => {
    const answer = await asked(`DescribeSnapshots tag ${key}=${value}`, () =>
      ec2.send(new DescribeSnapshotsCommand({ ...query, ...page })),
    );
    return { items: (answer.Snapshots ?? []).map(snapshotView), next: answer.NextToken };
  }, pagesMax);
  return found.sort((a, b) => b.startedAt - a.startedAt);
}

function snapshotView(found: Snapshot): SnapshotView {
  return {
    id: (found.SnapshotId ?? "") as SnapshotId,
    state: found.State ?? "pending",
    startedAt: found.StartTime?.getTime() ?? 0,
    volumeId: (found.VolumeId ?? "") as VolumeId,
    sizeGiB: found.VolumeSize ?? 0,
    encrypted: found.Encrypted === true,
    // "73%"; absent while EC2 has not begun, and then it is at nothing.
    progress: Number.parseInt(found.Progress ?? "", 10) || 0,
    ...(found.StateMessage ? { stateMessage: found.StateMessage } : {}),
    tags: tagsOf(found.Tags),
  };
}

type Wish<Call extends "createSnapshot" | "copySnapshot"> = Parameters<Storage[Call]>[0];

export async function createSnapshot(ec2: Ec2, wish: Wish<"createSnapshot">): Promise<SnapshotId> {
  const what = `CreateSnapshot ${wish.volumeId}`;
  const input = { VolumeId: wish.volumeId, Description: wish.description, ...tagged(["snapshot"], wish.tags) };
  const answer = await asked(what, () => ec2.send(new CreateSnapshotCommand(input)));
  return named(what, answer.SnapshotId) as SnapshotId;
}

/** This client is the destination's. AWS copies no tags, so that a copy without these would never be found again. */
export async function copySnapshot(ec2: Ec2, wish: Wish<"copySnapshot">): Promise<SnapshotId> {
  const what = `CopySnapshot ${wish.snapshotId} from ${wish.sourceRegion}`;
  const input = {
    SourceRegion: wish.sourceRegion,
    SourceSnapshotId: wish.snapshotId,
    Description: wish.description,
    ...tagged(["snapshot"], wish.tags),
  };
  const answer = await asked(what, () => ec2.send(new CopySnapshotCommand(input)));
  return named(what, answer.SnapshotId) as SnapshotId;
}

export async function deleteSnapshot(ec2: Ec2, id: SnapshotId): Promise<void> {
  await asked(`DeleteSnapshot ${id}`, () => ec2.send(new DeleteSnapshotCommand({ SnapshotId: id })));
}
