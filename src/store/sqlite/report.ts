/** What a check found, for people: `medic store check`, the start, and the refusal to start. */
import { MedicError } from "../../domain/errors.ts";
import type { AnsweredReading } from "./answered.ts";
import { sizeOf, statOf } from "./folder.ts";
import type { FolderFiles } from "./folder.ts";
import type { Verified } from "./verify.ts";

export interface StoreReport {
  /** Everything that was answered is there, and every row is what was written. */
  readonly whole: boolean;
  /** What is wrong, a sentence each; empty when whole. */
  readonly damage: readonly string[];
  /** What is worth knowing and no loss, a sentence each. */
  readonly notes: readonly string[];
  /** Rows that can be read. */
  readonly cases: number;
  readonly records: number;
  readonly leases: number;
  /** `case "shop"`, `record "0001" of "timeline/shop"`: there once, and not readable now. All of them. */
  readonly unreadable: readonly string[];
  readonly commits: number;
  /** Answered commits that are not in the database. */
  readonly lostCommits: number;
  /** Epoch ms of the last answer, where that is known. */
  readonly answeredAt?: number;
  readonly schema: number;
  readonly databaseBytes: number;
  readonly walBytes: number;
  /** A restore or accept-loss was cut short: nothing was read, and repeating it puts the former files back first. */
  readonly replacing?: true;
}

/** Not even accept-loss has anything to go on with. While `replacing` stands, the rows are in the files aside. */
export function nothingReadable({ cases, records, leases, replacing }: StoreReport): boolean {
  return replacing !== true && cases + records + leases === 0;
}

export function reportOf(files: FolderFiles, verified: Verified, answered: AnsweredReading): StoreReport {
  const lost = lossOf(verified, answered);
  const damage = [...unreadableSentences(verified.unreadable), ...lost.sentences, ...pageSentences(verified)];
  return {
    whole: damage.length === 0,
    damage,
    notes: notesOf(verified, answered),
    ...verified.rows,
    unreadable: verified.unreadable,
    commits: verified.commits,
    lostCommits: lost.commits,
    ...(answered.kind === "read" ? { answeredAt: answered.answered.at } : {}),
    schema: verified.schema,
    databaseBytes: sizeOf(files.database),
    walBytes: sizeOf(files.wal),
  };
}

/** A database that is not there although the folder had one. */
export function reportOfMissing(files: FolderFiles, answered: AnsweredReading): StoreReport {
  const since =
    answered.kind === "read" ? ` (${answered.answered.commits} commits, ${lastAnswer(answered.answered.at)})` : "";
  return unread(files, answered, `${files.database} is missing or empty, although this folder had one${since}.`);
}

/** The files of two databases may stand there, some under other names. */
export function reportOfReplacing(files: FolderFiles, answered: AnsweredReading): StoreReport {
  return {
    ...unread(files, answered, "A restore or accept-loss was cut short; the former files stand aside."),
    replacing: true,
  };
}

/** Whoever opened the database to write would apply it. */
export function reportOfJournal(files: FolderFiles, answered: AnsweredReading): StoreReport {
  return unread(files, answered, `${files.journal} is no file of this program and would change the database.`);
}

function unread(files: FolderFiles, answered: AnsweredReading, why: string): StoreReport {
  return {
    whole: false,
    damage: [why],
    notes: [],
    cases: 0,
    records: 0,
    leases: 0,
    unreadable: [],
    commits: 0,
    lostCommits: answered.kind === "read" ? answered.answered.commits : 0,
    ...(answered.kind === "read" ? { answeredAt: answered.answered.at } : {}),
    schema: 0,
    databaseBytes: sizeOf(files.database),
    walBytes: sizeOf(files.wal),
  };
}

function lossOf(verified: Verified, answered: AnsweredReading): { commits: number; sentences: string[] } {
  // `answered` is made before the database has its name.
  const neverAnswered = answered.kind !== "read" && answered.kind !== "backup" && verified.commits === 0;
  if (neverAnswered && verified.problems.length === 0) return { commits: 0, sentences: [copyOfDatabase] };
  if (answered.kind !== "read") return { commits: 0, sentences: [] };
  const { created, commits, at } = answered.answered;
  if (created !== verified.created && verified.created !== 0)
    return { commits, sentences: ["The database is another one than this folder had."] };
  const lost = Math.max(0, commits - verified.commits);
  if (lost === 0) return { commits: 0, sentences: [] };
  const what = `The last ${lost} of ${commits} answered ${commits === 1 ? "commit" : "commits"}`;
  if (verified.commits === 0 && verified.problems.length > 0)
    return { commits: lost, sentences: [`None of the ${commits} answered commits can be read (${lastAnswer(at)}).`] };
  const sentence = `${what} ${lost === 1 ? "is" : "are"} missing: the end of the log is damaged or gone, or this is an older copy (${lastAnswer(at)}).`;
  return { commits: lost, sentences: [sentence] };
}

const copyOfDatabase = "The database is empty and `answered` is not there: its log, with everything in it, is missing.";

function lastAnswer(at: number): string {
  return `last answer at ${new Date(at).toISOString()}`;
}

function unreadableSentences(unreadable: readonly string[]): string[] {
  if (unreadable.length === 0) return [];
  const named = unreadable.slice(0, namedMax).join(", ");
  const more = unreadable.length > namedMax ? ` and ${unreadable.length - namedMax} more` : "";
  return [`Not readable: ${named}${more}.`];
}

/** A sentence that nobody can read to its end names nothing. */
const namedMax = 20;

function pageSentences({ problems }: Verified): string[] {
  return problems.length === 0 ? [] : [`The file is damaged: ${problems.map(oneLine).join("; ")}.`];
}

const sqliteLinesMax = 3;

/** SQLite's own list has a line for each page: those that follow from the first few tell a person nothing. */
function oneLine(problem: string): string {
  const lines = problem.split("\n").filter((line) => !/^\*{3} in database /.test(line));
  const more = lines.length > sqliteLinesMax ? `, and ${lines.length - sqliteLinesMax} more` : "";
  return lines.slice(0, sqliteLinesMax).join(", ") + more;
}

function notesOf(verified: Verified, answered: AnsweredReading): string[] {
  const notes: string[] = [];
  if (verified.dueDifferences > 0)
    notes.push(`The due index differs in ${verified.dueDifferences} entries; it is made anew from the cases.`);
  if (answered.kind === "missing" && verified.commits > 0)
    notes.push("The file `answered` is missing: that nothing is lost at the end cannot be shown.");
  if (answered.kind === "unreadable")
    notes.push("The file `answered` is damaged: that nothing is lost at the end cannot be shown.");
  if (answered.kind === "read" && answered.copies === 1) notes.push("One of two copies in `answered` is damaged.");
  return notes;
}

/** Why nothing starts on it, and the two ways on. */
export function damaged(files: FolderFiles, report: StoreReport): MedicError {
  const readable = `${report.cases} cases, ${report.records} records and ${report.leases} leases can be read.`;
  return new MedicError("data-damaged", `the data in ${files.dir} is damaged: ${report.damage.join(" ")} ${readable}`, {
    retry: "never",
    next: statOf(files.replacing)
      ? "Repeat `medic store restore FILE` or `medic store accept-loss`: either puts the former files back first, whole."
      : "Nothing was changed. Restore a backup with `medic store restore FILE`, or go on with what can be read with " +
        "`medic store accept-loss`, which keeps the damaged files aside.",
  });
}
