/**
 * The test's side of faultLayer.c: compiles it and reads its log. The order of kinds is the one in the C file.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { createControl, type Control } from "./faultControl.ts";
import { requirePeer } from "./peer.ts";

export const compilerSuite = requirePeer("a C compiler", inject("peers").compiler, "apt-get install -y gcc libc6-dev");

export interface FaultLayer {
  /** Holds nothing of the program's: log, marks and control page. */
  readonly directory: string;
  readonly logPath: string;
  readonly marksPath: string;
  /** For a program that fills its own disk. */
  readonly controlPath: string;
  readonly control: Control;
  /** For a child whose files below `folder` (an absolute path) are to be watched. */
  env(folder: string): Readonly<Record<string, string>>;
  close(): void;
}

export function faultLayer(): FaultLayer {
  const directory = mkdtempSync(join(tmpdir(), "medic-fault-layer-"));
  const library = join(directory, "faultLayer.so");
  const source = fileURLToPath(new URL("./faultLayer.c", import.meta.url));
  const flags = ["-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", library, source];
  const compiled = spawnSync("cc", flags, { encoding: "utf8" });
  if (compiled.status !== 0) throw new Error(`faultLayer.c does not compile:\n${compiled.stderr}`);
  const logPath = join(directory, "log");
  const marksPath = join(directory, "marks");
  const controlPath = join(directory, "control");
  const control = createControl(controlPath);
  return {
    ...{ directory, logPath, marksPath, controlPath, control },
    env: (folder) => ({
      LD_PRELOAD: library,
      FAULT_DIR: folder,
      FAULT_LOG: logPath,
      FAULT_MARKS: marksPath,
      FAULT_CONTROL: controlPath,
      // A kernel's ring would carry writes past the C library.
      UV_USE_IO_URING: "0",
    }),
    close: () => {
      control.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** One call as the kernel saw it. Paths are below the folder; `inode` names a file whatever it is called by now. */
export type FaultLine =
  | { readonly kind: "create"; readonly path: string; readonly inode: bigint }
  | { readonly kind: "write"; readonly inode: bigint; readonly offset: number; readonly data: Buffer }
  | { readonly kind: "truncate"; readonly inode: bigint; readonly size: number }
  | { readonly kind: "unlink" | "mkdir" | "rmdir"; readonly path: string }
  | { readonly kind: "syncFolder"; readonly path: string }
  | { readonly kind: "rename" | "link"; readonly path: string; readonly to: string }
  | { readonly kind: "sync"; readonly inode: bigint }
  | { readonly kind: "mark"; readonly text: string };

const kinds = [
  "",
  "create",
  "write",
  "truncate",
  "unlink",
  "rename",
  "mkdir",
  "sync",
  "syncFolder",
  "mark",
  "rmdir",
  "link",
] as const;
const headBytes = 32;

export function readFaultLog(path: string): FaultLine[] {
  const log = readFileSync(path);
  const lines: FaultLine[] = [];
  for (let at = 0; at < log.length;) {
    const kind = kinds[log.readUInt32LE(at)];
    const pathBytes = log.readUInt32LE(at + 4);
    const inode = log.readBigUInt64LE(at + 8);
    const offset = Number(log.readBigUInt64LE(at + 16));
    const dataAt = at + headBytes + pathBytes;
    const next = dataAt + Number(log.readBigUInt64LE(at + 24));
    const name = log.toString("utf8", at + headBytes, dataAt);
    lines.push(lineOf(kind, { inode, offset, name, data: log.subarray(dataAt, next) }));
    at = next;
  }
  return lines;
}

interface Parts {
  readonly inode: bigint;
  readonly offset: number;
  readonly name: string;
  readonly data: Buffer;
}

function lineOf(kind: (typeof kinds)[number] | undefined, { inode, offset, name, data }: Parts): FaultLine {
  switch (kind) {
    case "create":
      return { kind, path: name, inode };
    case "write":
      return { kind, inode, offset, data };
    case "truncate":
      return { kind, inode, size: offset };
    case "unlink":
    case "mkdir":
    case "rmdir":
    case "syncFolder":
      return { kind, path: name };
    case "rename":
    case "link":
      return { kind, path: name, to: data.toString("utf8") };
    case "sync":
      return { kind, inode };
    case "mark":
      return { kind, text: data.toString("utf8") };
    default:
      throw new Error("the log of the fault layer is not whole");
  }
}
