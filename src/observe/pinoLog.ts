/** JSON lines through pino. Secrets are cut by path and by shape: a token that slipped into a message must not reach a disk. */
import { pino } from "pino";
import { MedicError } from "../domain/errors.ts";
import type { Log } from "../ports/log.ts";

const redactPaths = [
  "token",
  "*.token",
  "authorization",
  "*.authorization",
  "headers.authorization",
  "signingSecret",
  "*.signingSecret",
];
/** Slack tokens (xoxb-, xapp- …) and AWS secret keys after their usual names. */
const secretShapes = /\b(xox[a-z]-|xapp-)[A-Za-z0-9-]+|(?<=(?:secret|Secret)[A-Za-z]*["'=: ]{1,3})[A-Za-z0-9/+]{40}\b/g;

export function withoutSecrets(text: string): string {
  return text.replace(secretShapes, "[cut]");
}

export interface LogOptions {
  readonly level: string;
  /** Where lines go; standard error by default, so that standard output stays free for a command's own answer. */
  readonly write?: (line: string) => void;
}

export function pinoLog({ level, write }: LogOptions): Log {
  const sink = write ?? ((line: string) => void process.stderr.write(line));
  const logger = pino(
    {
      level,
      base: { program: "ec2-medic" },
      redact: { paths: redactPaths, censor: "[cut]" },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    { write: (line: string) => sink(withoutSecrets(line)) },
  );
  return {
    info: (code, fields) => logger.info(line(code, fields)),
    warn: (code, fields) => logger.warn(line(code, fields)),
    error: (code, fields) => logger.error(line(code, fields)),
  };
}

/** The line's own code wins: it is what alarms and people search for. A field of that name stands beside it. */
function line(code: string, fields: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const { code: ofField, ...rest } = plainFields(fields);
  return { ...rest, ...(ofField === undefined ? {} : { about: ofField }), code };
}

/** Errors as code, sentence and cause, each once: a chain of printed errors would repeat itself. */
function plainFields(fields: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  if (fields === undefined) return {};
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? plainError(value) : value]),
  );
}

function plainError(error: Error, depth = 0): Record<string, unknown> {
  const ours = error instanceof MedicError ? { errorCode: error.code, next: error.next } : { stack: error.stack };
  const cause = error.cause instanceof Error && depth < 3 ? { cause: plainError(error.cause, depth + 1) } : {};
  return { name: error.name, message: error.message, ...ours, ...cause };
}
