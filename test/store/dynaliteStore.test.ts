import { afterAll, beforeAll } from "vitest";
import { startDynalite } from "./dynalitePeer.ts";
import type { DynalitePeer } from "./dynalitePeer.ts";
import { dynamoBed } from "./dynamoBed.ts";
import { storeContract } from "./storeContract.ts";

let peer: DynalitePeer;
let tables = 0;
beforeAll(async () => {
  peer = await startDynalite();
});
afterAll(() => peer.stop());

storeContract("DynamoDB as dynalite plays it", async () =>
  dynamoBed(peer.handler, `medic-${(tables += 1)}`, peer.endpoint),
);
