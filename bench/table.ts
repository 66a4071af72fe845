/** The table as a process of its own: dynalite in memory behind its HTTP server. Says its endpoint. */
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";

const server = dynalite({ createTableMs: 0 });
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`table at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
