/** One line of the doctor's table, how a check becomes one whatever it throws, and how the table is printed. */
import { MedicError, NotPermitted, sentenceOf } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";

export type Result = "green" | "amber" | "red";

export interface Row {
  /** "environment", "slack", "aws", or a service's name. */
  readonly area: string;
  /** What was checked. */
  readonly what: string;
  readonly result: Result;
  readonly found: string;
  readonly needed?: string;
  /** What to do about it; on every row that is not green. */
  readonly next?: string;
}

export type Verdict = Omit<Row, "area" | "what">;

export const green = (found: string): Verdict => ({ result: "green", found });
export const amber = (found: string, needed: string, next: string): Verdict => ({
  result: "amber",
  found,
  needed,
  next,
});
export const red = (found: string, needed: string, next: string): Verdict => ({ result: "red", found, needed, next });

export interface Check {
  readonly area: string;
  readonly what: string;
  /** Several verdicts make several rows of the same name. */
  readonly run: () => Promise<Verdict | readonly Verdict[]>;
}

/** The longest that anything may take: a page of alarms a half second, and the slowest account has some dozens. */
const checkMsMax = 60_000;
/** Checks at once: enough to be quick when nobody answers, few enough that Slack and EC2 do not refuse. */
const width = 16;

/** Runs all of them, some at once, and answers in the order in which they were asked. Never rejects. */
export async function runChecks(checks: readonly Check[], clock: Clock): Promise<Row[]> {
  const rows: Row[][] = checks.map(() => []);
  let next = 0;
  const work = async () => {
    for (let index = next++; index < checks.length; index = next++) {
      const check = checks[index];
      if (check) rows[index] = await rowsOf(check, clock);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return rows.flat();
}

async function rowsOf({ area, what, run }: Check, clock: Clock): Promise<Row[]> {
  const over = new AbortController();
  const late = clock
    .sleep(checkMsMax, over.signal)
    .then(() =>
      red(`no answer within ${checkMsMax / 1000} s`, "an answer", "Check network and endpoint, then run it again."),
    );
  try {
    const verdicts = await Promise.race([run(), late]);
    return [verdicts].flat().map((verdict) => ({ area, what, ...verdict }));
  } catch (error) {
    return [{ area, what, ...verdictOf(error) }];
  } finally {
    over.abort();
  }
}

function verdictOf(error: unknown): Verdict {
  const next = error instanceof MedicError ? nextOf(error) : "This is a fault of the bot: report it with this line.";
  const needed = error instanceof NotPermitted ? "the permission" : "an answer";
  return red(`${sentenceOf(error)}${causeOf(error)}`, needed, next);
}

/** What the running bot does by itself about silence, the doctor's reader has to do. */
function nextOf({ retry, code, next }: MedicError): string {
  if (retry === "never" || code === "no-credentials") return next;
  return "Check network, endpoint and credentials from this machine, then run it again.";
}

/** The foreign sentence behind ours: "connect ECONNREFUSED 127.0.0.1:5000" says more than "did not answer". */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error) || cause.message === "") return "";
  return `: ${cause.message.replace(/\s+/g, " ").slice(0, causeCharsMax)}`;
}

const causeCharsMax = 200;

/** Aligned columns; what is not green is followed by what is needed and what to do. */
export function renderRows(rows: readonly Row[]): string {
  const areas = Math.max(0, ...rows.map((row) => row.area.length));
  const whats = Math.max(0, ...rows.map((row) => row.what.length));
  const indent = " ".repeat("green  ".length);
  return rows
    .flatMap(({ area, what, result, found, needed, next }) => [
      `${result.padEnd(5)}  ${area.padEnd(areas)}  ${what.padEnd(whats)}  ${found}`,
      ...(needed ? [`${indent}needed: ${needed}`] : []),
      ...(next ? [`${indent}next:   ${next}`] : []),
    ])
    .join("\n");
}

export function countRows(rows: readonly Row[]): string {
  const count = (result: Result) => rows.filter((row) => row.result === result).length;
  return `${count("green")} green, ${count("amber")} amber, ${count("red")} red`;
}
