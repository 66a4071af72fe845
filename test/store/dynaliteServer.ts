/** dynalite on disk as a process of its own: `node --import tsx dynaliteServer.ts DIR`. Says its endpoint on stdout. */
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";

const [, , path] = process.argv;
if (path === undefined) throw new Error("which folder?");
const server = dynalite({ path, createTableMs: 0 });
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
