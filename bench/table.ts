/** The table as a process of its own: dynalite in memory behind its HTTP server. Says its endpoint. */
import { startDynalite } from "../test/store/dynalitePeer.ts";

const { endpoint } = await startDynalite();
process.stdout.write(`table at ${endpoint}\n`);
