/** dynalite ships no types; this is its public server, the only part that is used. */
declare module "dynalite" {
  import type { Server } from "node:http";

  /** Listens nowhere until told to. `path` is the folder of its LevelDB; absent = memory. */
  function dynalite(options?: { readonly path?: string; readonly createTableMs?: number }): Server;
  export = dynalite;
}
