/**
 * What a disk holds after the power went: everything that was synced, and of what was not synced any part. A write is torn at
 * sectors of 512 bytes; a file that was created, renamed or deleted may have kept its old name until its folder was synced.
 * Calls are applied in their order; at any point an image of a power cut there can be drawn.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FaultLine } from "./faultLayer.ts";

/** What disks promise to write whole, and SQLite counts on no more. */
const sectorBytes = 512;

type DataChange =
  | { readonly kind: "write"; readonly offset: number; readonly data: Buffer }
  | { readonly kind: "truncate"; readonly size: number };

interface DiskFile {
  /** As of its last sync. */
  durable: Buffer;
  /** Since then, in order. */
  pending: DataChange[];
}

type NameChange =
  | NameCreated
  | { readonly kind: "unlink" | "mkdir" | "rmdir"; readonly path: string }
  | { readonly kind: "rename" | "link"; readonly path: string; readonly to: string };
interface NameCreated {
  readonly kind: "create";
  readonly path: string;
  readonly file: DiskFile;
}

type Names = Map<string, DiskFile | "folder">;

export interface Disk {
  apply(line: FaultLine): void;
  /** Writes the folder as a power cut here may leave it. `chance` draws from [0, 1). `keep`: how likely it is that an unsynced part is there. */
  cutInto(folder: string, chance: () => number, keep: number): void;
}

export function disk(): Disk {
  let durableNames: Names = new Map();
  let pendingNames: NameChange[] = [];
  const files = new Map<bigint, DiskFile>();
  const fileOf = (inode: bigint): DiskFile => {
    const file = files.get(inode);
    if (!file) throw new Error(`file ${inode} was there before the log began`);
    return file;
  };
  return {
    apply: (line) => {
      switch (line.kind) {
        case "create": {
          const file: DiskFile = { durable: Buffer.alloc(0), pending: [] };
          files.set(line.inode, file);
          return void pendingNames.push({ kind: "create", path: line.path, file });
        }
        case "write":
        case "truncate":
          return void fileOf(line.inode).pending.push(line);
        case "sync": {
          const file = fileOf(line.inode);
          file.durable = applied(file.durable, file.pending);
          file.pending = [];
          return;
        }
        case "syncFolder": {
          const here = (change: NameChange) => foldersOf(change).includes(line.path);
          durableNames = named(durableNames, pendingNames.filter(here));
          pendingNames = pendingNames.filter((change) => !here(change));
          return;
        }
        case "mark":
          return;
        default:
          return void pendingNames.push(line);
      }
    },
    cutInto: (folder, chance, keep) => {
      const kept = pendingNames.filter(() => chance() < keep);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const [path, file] of named(durableNames, kept)) {
        const target = join(folder, path);
        if (file === "folder") mkdirSync(target, { recursive: true, mode: 0o700 });
        else {
          mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
          writeFileSync(target, torn(file, chance, keep), { mode: 0o600 });
        }
      }
    },
  };
}

/** A rename is durable with either folder's sync. */
function foldersOf(change: NameChange): string[] {
  const folder = (path: string) => (path.includes("/") ? dirname(path) : "");
  return "to" in change ? [folder(change.path), folder(change.to)] : [folder(change.path)];
}

/** A change whose ground is missing, because it was not durable itself, is none. */
function named(names: Names, changes: readonly NameChange[]): Names {
  const next: Names = new Map(names);
  for (const change of changes) {
    if (change.kind === "create") next.set(change.path, change.file);
    else if (change.kind === "mkdir") next.set(change.path, "folder");
    else if (change.kind === "rename" || change.kind === "link") {
      const moved = next.get(change.path);
      if (moved === undefined) continue;
      if (change.kind === "rename") next.delete(change.path);
      next.set(change.to, moved);
    } else next.delete(change.path);
  }
  return next;
}

function torn(file: DiskFile, chance: () => number, keep: number): Buffer {
  const kept = file.pending.flatMap((change): DataChange[] => {
    if (change.kind === "truncate") return chance() < keep ? [change] : [];
    return sectorsOf(change).filter(() => chance() < keep);
  });
  return applied(file.durable, kept);
}

function sectorsOf({ offset, data }: { readonly offset: number; readonly data: Buffer }): DataChange[] {
  const sectors: DataChange[] = [];
  for (let at = offset; at < offset + data.length;) {
    const end = Math.min(offset + data.length, (Math.floor(at / sectorBytes) + 1) * sectorBytes);
    sectors.push({ kind: "write", offset: at, data: data.subarray(at - offset, end - offset) });
    at = end;
  }
  return sectors;
}

function applied(content: Buffer, changes: readonly DataChange[]): Buffer {
  let size = content.length;
  let peak = size;
  for (const change of changes) {
    size = change.kind === "truncate" ? change.size : Math.max(size, change.offset + change.data.length);
    peak = Math.max(peak, size);
  }
  if (changes.length === 0) return content;
  const whole = Buffer.alloc(peak);
  content.copy(whole);
  let now = content.length;
  for (const change of changes) {
    if (change.kind === "write") {
      change.data.copy(whole, change.offset);
      now = Math.max(now, change.offset + change.data.length);
    } else {
      // What is cut off reads as zeros when the file grows again.
      if (change.size < now) whole.fill(0, change.size, now);
      now = change.size;
    }
  }
  return whole.subarray(0, now);
}
