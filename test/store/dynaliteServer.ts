/** dynalite as a process of its own: `node --import tsx dynaliteServer.ts`. Says its endpoint on stdout. */
import { startDynalite } from "./dynalitePeer.ts";

const { endpoint } = await startDynalite();
process.stdout.write(`${endpoint}\n`);
