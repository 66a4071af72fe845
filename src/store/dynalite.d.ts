/** dynalite ships no types; this is the part that the embedded store uses. */
declare module "dynalite" {
  import type { Server } from "node:http";

  /**
   * A server that listens nowhere until told to. `path` is the folder of its LevelDB; absent = memory. The times are what
   * it pretends that changes of a table take.
   */
  function dynalite(options?: {
    readonly path?: string;
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }): Server;
  export = dynalite;
}
