/**
 * Something that happens around every call of a port: a worker killed before or after it, an answer lost, a delay. The simulation
 * injects its faults here, in one way for all ports.
 */
export interface PortCall {
  readonly port: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly mutating: boolean;
}

/** Throwing in `before` means that the call never happened; in `after`, that it happened and its answer was lost. */
export type CallHook = (call: PortCall) => Promise<void> | undefined;

export interface CallHooks {
  readonly before?: CallHook;
  readonly after?: CallHook;
}

/** The same port with the hooks around each of its promise-returning functions; what answers at once or streams passes as it is. */
export function withHooks<P extends object>(
  port: { readonly name: string; readonly of: P; readonly mutating: readonly (keyof P & string)[] },
  hooks: CallHooks | undefined,
): P {
  if (hooks === undefined) return port.of;
  return new Proxy(port.of, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function" || typeof key !== "string") return value;
      const call = value as (...args: unknown[]) => unknown;
      return (...args: unknown[]): unknown => {
        const about: PortCall = {
          port: port.name,
          name: key,
          args,
          mutating: port.mutating.some((name) => name === key),
        };
        if (streams.has(key)) return call.apply(target, args);
        return around(about, hooks, () => call.apply(target, args));
      };
    },
  });
}

/** Functions of ports that answer an async iterable instead of a promise. */
const streams: ReadonlySet<string> = new Set(["all"]);

async function around(call: PortCall, hooks: CallHooks, act: () => unknown): Promise<unknown> {
  const before = hooks.before?.(call);
  if (before) await before;
  const answer = await act();
  const after = hooks.after?.(call);
  if (after) await after;
  return answer;
}
