/** What SQLite's result codes mean for the store (https://www.sqlite.org/rescode.html; the low byte is the kind). */
export type TroubleKind =
  /** The disk has no room. Nothing of the transaction was kept, and the connection stays good. */
  | "full"
  /** Reading, writing or syncing failed: what the kernel holds and what the disk holds may differ. */
  | "io"
  /** A page is not what it must be. */
  | "damaged"
  /** Somebody else writes, from a shell. */
  | "busy"
  | "other";

export interface Trouble {
  readonly kind: TroubleKind;
  /** As SQLite calls it: `SQLITE_FULL`, `SQLITE_IOERR_FSYNC`. */
  readonly code: string;
  /** The system's name where SQLite's code stands for exactly one: SQLite says FULL for ENOSPC and for a write that was cut short. */
  readonly errno?: string;
  readonly message: string;
}

const kinds: Readonly<Record<number, TroubleKind>> = {
  5: "busy",
  6: "busy",
  8: "io",
  10: "io",
  11: "damaged",
  13: "full",
  14: "io",
  26: "damaged",
};

/** undefined = no error of SQLite. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  if (!/^(SQLITE_|UNKNOWN_SQLITE)/.test(error.code)) return undefined;
  const raw = "rawCode" in error && typeof error.rawCode === "number" ? error.rawCode : 0;
  const kind = kinds[raw & 0xff] ?? "other";
  return { kind, code: error.code, message: error.message, ...(kind === "full" ? { errno: "ENOSPC" } : {}) };
}
