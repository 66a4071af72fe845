/**
 * A process of its own that writes to an embedded store under load and marks, before each write, what it asks for, and after it,
 * what was answered. Run under the fault layer by powerCut.test.ts: `node --import tsx powerCutWriter.ts DIR MARKS WRITES`.
 */
import { openSync, writeSync } from "node:fs";
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { bodyOf, caseOf, recordsOf } from "./powerCutWrites.ts";

const [, , dir, marksPath, writes = "400"] = process.argv;
if (dir === undefined || marksPath === undefined) throw new Error("which folder, and where do the marks go?");

const writersMax = 12;
const leaseMs = 30_000;
const marks = openSync(marksPath, "a");
const mark = (text: string) => void writeSync(marks, `${text}\n`);

/** Opened twice, so that closing and opening are among the moments at which the power goes. */
for (let round = 0; round < 2; round += 1) {
  const store = await embeddedStore({ dir });
  let left = Number(writes) / 2;
  const marked = async (what: string, write: () => Promise<unknown>) => {
    left -= 1;
    mark(`ask ${what}`);
    const answer = await write();
    if (answer === "conflict" || answer === false || answer === undefined)
      throw new Error(`${what}: ${String(answer)}`);
    mark(`ok ${what}`);
  };
  const write = async (writer: number): Promise<void> => {
    const service = `service-${round}-${writer}`;
    const lease = `lease-${round}-${writer}`;
    for (let rev = 1; left > 0; rev += 1) {
      await marked(`case ${service} ${rev}`, () => store.cases.write(caseOf(service, rev), rev - 1));
      const key = { collection: recordsOf(service), id: String(rev).padStart(6, "0") };
      await marked(`record ${service} ${rev} 1`, () => store.records.putIfAbsent(key, bodyOf(service, rev, 1)));
      if (rev % 3 === 0)
        await marked(`record ${service} ${rev} 2`, () => store.records.replace(key, bodyOf(service, rev, 2), 1));
      if (rev % 2 === 0) {
        const fence = rev / 2;
        await marked(`lease ${lease} ${fence}`, () =>
          store.leases.acquire(lease, `owner-${fence}`, { now: fence * 100_000, leaseMs, takeoverMs: 5_000 }),
        );
      }
    }
  };
  await Promise.all(Array.from({ length: writersMax }, (_, writer) => write(writer)));
  await store.close();
  mark("closed");
}
