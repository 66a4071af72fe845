/** dynalite ships no types; these are the parts that the embedded store and its tests use. */
declare module "dynalite" {
  import type { Server } from "node:http";

  /** A server that listens nowhere until told to. `path` is the folder of its LevelDB; absent = memory. */
  function dynalite(options?: { readonly path?: string; readonly createTableMs?: number }): Server;
  export = dynalite;
}

declare module "dynalite/db/index.js" {
  import type { Readable } from "node:stream";

  interface DynaliteStore {
    readonly db: {
      createValueStream: (options?: object) => Readable;
      values(options?: object): AsyncIterable<unknown>;
      close(): Promise<void>;
    };
  }
  const db: { create(options: { readonly path?: string; readonly createTableMs: number }): DynaliteStore };
  export = db;
}

declare module "dynalite/validations/index.js" {
  const validations: {
    checkTypes(data: unknown, types: unknown): unknown;
    /** Throws an error with `statusCode` and `body`, as AWS would answer. */
    checkValidations(data: unknown, types: unknown, custom: unknown, store: unknown): void;
  };
  export = validations;
}

declare module "dynalite/validations/*" {
  const validation: { readonly types: unknown; readonly custom?: unknown };
  export = validation;
}

declare module "dynalite/actions/*" {
  function action(store: unknown, data: unknown, done: (error: unknown, answer?: unknown) => void): void;
  export = action;
}
