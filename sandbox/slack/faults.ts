/** What can be made to go wrong with the pretend Slack. Counted faults wear off after `times` calls. */
export interface WorkspaceFaults {
  /** "refused": connections break without an answer. "unavailable": HTTP 503. Sockets close in both. */
  setDown(how: false | "refused" | "unavailable"): void;
  /** The next calls of a method are answered 429 with Retry-After. */
  rateLimit(fault: { readonly method: string; readonly retryAfterS: number; readonly times: number }): void;
  /** The next calls of a method happen, but their answer never arrives. */
  loseAnswers(fault: { readonly method: string; readonly times: number }): void;
  /** The next calls of a method answer `ok: false` with this error. */
  failWith(fault: { readonly method: string; readonly error: string; readonly times: number }): void;
  /** Blocks of these types are refused with `invalid_blocks`, as a workspace does that does not have them yet. */
  refuseBlockTypes(types: readonly string[]): void;
  /** Whether Slack's published rate limits hold; off until switched on. */
  enforceRateLimits(on: boolean): void;
  clear(): void;
  readonly down: false | "refused" | "unavailable";
  readonly refusedBlockTypes: ReadonlySet<string>;
  readonly rateLimitsHold: boolean;
  /** Takes one use of a counted fault. */
  take(method: string): TakenFault | undefined;
}

export type TakenFault =
  | { readonly kind: "rate-limit"; readonly retryAfterS: number }
  | { readonly kind: "lose-answer" }
  | { readonly kind: "fail"; readonly error: string };

interface Counted {
  readonly fault: TakenFault;
  left: number;
}

export function createFaults(onChange: () => void): WorkspaceFaults {
  const counted = new Map<string, Counted[]>();
  let down: false | "refused" | "unavailable" = false;
  let refused = new Set<string>();
  let rateLimitsHold = false;
  const count = (method: string, fault: TakenFault, left: number): void => {
    counted.set(method, [...(counted.get(method) ?? []), { fault, left }]);
  };
  return {
    setDown(how) {
      down = how;
      onChange();
    },
    rateLimit: ({ method, retryAfterS, times }) => count(method, { kind: "rate-limit", retryAfterS }, times),
    loseAnswers: ({ method, times }) => count(method, { kind: "lose-answer" }, times),
    failWith: ({ method, error, times }) => count(method, { kind: "fail", error }, times),
    refuseBlockTypes: (types) => {
      refused = new Set(types);
    },
    enforceRateLimits: (on) => {
      rateLimitsHold = on;
    },
    clear() {
      counted.clear();
      refused = new Set();
      down = false;
      onChange();
    },
    get down() {
      return down;
    },
    get refusedBlockTypes() {
      return refused;
    },
    get rateLimitsHold() {
      return rateLimitsHold;
    },
    take(method) {
      const first = (counted.get(method) ?? []).find((each) => each.left > 0);
      if (first === undefined) return undefined;
      first.left -= 1;
      return first.fault;
    },
  };
}
