/** Opening the database for writing: its settings are asked for and then looked at, because SQLite ignores what it does not know. */
import { MedicError } from "../../domain/errors.ts";
import { numberAt, openConnection } from "./connection.ts";
import type { Connection } from "./connection.ts";
import type { FolderFiles } from "./folder.ts";

/** The log keeps this much after a large storm; more is given back to the disk. */
const logKeptBytes = 16 * 1024 * 1024;

/** Throws the error of SQLite, or MedicError `data-unusable` when the file system cannot do what the settings need. */
export function openForWriting(files: FolderFiles): Connection {
  const sql = openConnection(files.database, "write");
  try {
    const journal = sql.get("PRAGMA journal_mode = WAL")?.[0];
    // Each commit is on disk when it is answered, not at the next checkpoint.
    sql.exec("PRAGMA synchronous = FULL");
    // macOS keeps what was synced in the disk's own memory unless asked twice.
    sql.exec("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
    // Checkpoints run between answers and not within one: see checkpoints.ts.
    sql.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ${logKeptBytes}`);
    // A damaged page is noticed when it is read and not when it is searched.
    sql.exec("PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF");
    const synchronous = sql.get("PRAGMA synchronous")?.[0];
    if (journal === "wal" && synchronous === 2) return sql;
    throw new MedicError(
      "data-unusable",
      `${files.database} opens with journal_mode ${String(journal)} and synchronous ${String(synchronous)}, needed are wal and 2`,
      {
        retry: "never",
        next: "Set MEDIC_DATA_DIR to a folder on a local disk: shared memory does not work on this one.",
      },
    );
  } catch (error) {
    sql.close();
    throw error;
  }
}

export interface Standing {
  /** When the database was made, epoch ms: tells it from another one. */
  readonly created: number;
  readonly commits: number;
}

export function standingOf(sql: Connection): Standing {
  const row = sql.get("SELECT created, commits FROM meta WHERE one = 1");
  return { created: numberAt(row, 0), commits: numberAt(row, 1) };
}
