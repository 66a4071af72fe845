/** Structured log in our words; the adapter is pino with redaction. `code` is stable and greppable. */
export interface Log {
  info(code: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(code: string, fields?: Readonly<Record<string, unknown>>): void;
  error(code: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A log whose own trouble (its disk is full too) stops nothing of what it is told. */
export function unfailingLog(log: Log): Log {
  const quietly = (level: keyof Log) => (code: string, fields?: Readonly<Record<string, unknown>>) => {
    try {
      log[level](code, fields);
    } catch {
      // There is nowhere left to say it.
    }
  };
  return { info: quietly("info"), warn: quietly("warn"), error: quietly("error") };
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
