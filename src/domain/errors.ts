/** What happened, and what happens next. `retry` tells the engine; `next` tells the person at 3 a.m. */
export class MedicError extends Error {
  readonly code: string;
  readonly retry: "never" | "later";
  readonly next: string;

  constructor(code: string, message: string, options: { retry: "never" | "later"; next: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retry = options.retry;
    this.next = options.next;
  }
}

/** The world is not as the plan requires. Nothing further is done until a person orders it. */
export class RecoveryRefused extends MedicError {
  constructor(code: string, message: string, next: string) {
    super(code, message, { retry: "never", next });
  }
}

/** The other side could not be asked or did not answer in time; asking again later is safe. */
export class Unreachable extends MedicError {
  constructor(what: string, cause?: unknown) {
    super("unreachable", `${what} did not answer`, { retry: "later", next: "It is asked again by itself.", cause });
  }
}

/** Throttled beyond the adapter's own bounded retries. */
export class Throttled extends MedicError {
  constructor(what: string, cause?: unknown) {
    super("throttled", `${what} refused because of too many requests`, {
      retry: "later",
      next: "It is tried again with growing pauses; automatic runs stop while this lasts.",
      cause,
    });
  }
}

/** AWS understood and said no for a reason that waiting does not mend: permission, wrong state, wrong id. */
export class NotPermitted extends MedicError {
  constructor(what: string, cause?: unknown) {
    super("not-permitted", `${what} is not permitted`, {
      retry: "never",
      next: "Give the bot's role this action (docs/permissions), or do it by hand.",
      cause,
    });
  }
}

/** The thing is in a state in which this cannot be done: start while stopping, stop protection, an unsupported type. */
export class WrongState extends MedicError {
  constructor(what: string, cause?: unknown) {
    super("wrong-state", `${what} is not possible in the state that it is in`, {
      retry: "never",
      next: "Look at the instance's state and protection in the console, then order again.",
      cause,
    });
  }
}

/** No machine of that type is free in that zone now. One of the few reasons that climb the ladder at once. */
export class NoCapacity extends MedicError {
  constructor(what: string, cause?: unknown) {
    super("no-capacity", `${what}: AWS has no capacity for it now`, {
      retry: "never",
      next: "The next rung of the ladder is proposed.",
      cause,
    });
  }
}

/** The instance, address or alarm that was named does not exist (any more). */
export class NotFound extends MedicError {
  constructor(what: string, cause?: unknown) {
    super("not-found", `${what} does not exist`, { retry: "never", next: "Check the id in medic.yaml.", cause });
  }
}

/** Anything from outside that no translation knows. Never climbs, never retries: a person looks. */
export class UnknownFailure extends MedicError {
  constructor(what: string, cause?: unknown) {
    super("unknown-failure", `${what} failed in a way the bot does not know`, {
      retry: "never",
      next: "Look at the log line with this code, then decide by hand.",
      cause,
    });
  }
}

/** The code of any thrown thing, for reasons and metrics. */
export function codeOf(error: unknown): string {
  return error instanceof MedicError ? error.code : "unknown-failure";
}

/** The sentence of any thrown thing, without the sentence of its cause. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
