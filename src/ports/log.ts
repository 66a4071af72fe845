/** Structured log in our words; the adapter is pino with redaction. `code` is stable and greppable. */
export interface Log {
  info(code: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(code: string, fields?: Readonly<Record<string, unknown>>): void;
  error(code: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
