/** What DynamoDB will charge for one call, as the table itself counted it. */
export interface Consumed {
  /** The call's name as the SDK writes it: `putItem`, `query`. */
  readonly operation: string;
  readonly kind: "read" | "write";
  /** Read units or write units, by `kind`. A refused conditional write costs too, but its answer carries no number. */
  readonly units: number;
}

export type OnConsumed = (consumed: Consumed) => void;

export interface ConsumedTotal {
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly calls: number;
}

/** Adds up, for the bench: units per incident. */
export function consumedMeter(): { readonly onConsumed: OnConsumed; total(): ConsumedTotal; reset(): void } {
  let total: ConsumedTotal = { readUnits: 0, writeUnits: 0, calls: 0 };
  return {
    onConsumed: ({ kind, units }) => {
      total = {
        readUnits: total.readUnits + (kind === "read" ? units : 0),
        writeUnits: total.writeUnits + (kind === "write" ? units : 0),
        calls: total.calls + 1,
      };
    },
    total: () => total,
    reset: () => {
      total = { readUnits: 0, writeUnits: 0, calls: 0 };
    },
  };
}
