/**
 * A worker process that fights for one lease and one case. Run by twoProcesses.test.ts:
 * `node --import tsx contender.ts ENDPOINT TABLE NAME`. Says each win on stdout; ends when its case has reached the last revision.
 */
import { once } from "node:events";
import { dynamoClient } from "../../src/store/dynamoClient.ts";
import { dynamoStore } from "../../src/store/dynamoStore.ts";
import { testCredentials } from "./dynamoBed.ts";
import { named, sampleCase } from "./sampleCase.ts";

const [, , endpoint, table, worker] = process.argv;
if (endpoint === undefined || table === undefined || worker === undefined) throw new Error("ENDPOINT TABLE NAME");

const lastRev = 150;
const store = dynamoStore({
  client: dynamoClient({ region: "eu-west-1", endpoint, credentials: testCredentials }),
  table,
});
await store.setUp();
// Both begin together, or the faster start would win everything.
process.stdout.write("ready\n");
await once(process.stdin, "data");

/** Virtual time is the case's revision, so that both processes agree on it: each lease has expired at the next revision. */
for (;;) {
  const current = await store.cases.load(named("shop"));
  const rev = current?.rev ?? 0;
  if (rev >= lastRev) break;
  const lease = await store.leases.acquire("slack", `${worker}-${rev}`, { now: rev * 10, leaseMs: 8, takeoverMs: 2 });
  if (lease) process.stdout.write(`lease ${lease.fence}\n`);
  if ((await store.cases.write(sampleCase("shop", { rev: rev + 1 }), rev)) === "written")
    process.stdout.write(`case ${rev + 1}\n`);
}
await store.close();
process.stdin.destroy();
