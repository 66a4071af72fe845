import { randomUUID } from "node:crypto";

/** Names that must not repeat: workers, incidents. Everything that must be the same after a crash is derived instead. */
export interface Ids {
  /** A short unique word, for example a worker's name for its leases. */
  next(prefix: string): string;
}

export const randomIds: Ids = {
  next: (prefix) => `${prefix}-${randomUUID().slice(0, 13)}`,
};
