/** dynalite ships no types; this is its public server, the only part that is used. */
declare module "dynalite" {
  import type { Server } from "node:http";

  /** In memory; listens nowhere until told to. */
  function dynalite(options?: { readonly createTableMs?: number }): Server;
  export = dynalite;
}
