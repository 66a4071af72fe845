/**
 * A process of its own that writes to an embedded store until it is killed, and says on stdout what was answered. Run by
 * embeddedStore.test.ts: `node --import tsx embeddedWriter.ts DIR ROUND`.
 */
import { embeddedStore } from "../../src/store/embeddedStore.ts";
import { sampleCase } from "./sampleCase.ts";

const [, , dir, round = "0"] = process.argv;
if (dir === undefined) throw new Error("which folder?");

const writersMax = 16;
const store = await embeddedStore({ dir });
process.stdout.write("ready\n");

/** Each writer has a case of its own whose due time moves with each revision, which is what tears the index. */
async function write(writer: number): Promise<void> {
  const service = `service-${round}-${writer}`;
  for (let rev = 1; ; rev += 1) {
    const due = rev % 5 === 0 ? {} : { due: rev };
    if ((await store.cases.write(sampleCase(service, { rev, ...due }), rev - 1)) === "written")
      process.stdout.write(`case ${service} ${rev}\n`);
    const id = `${service}-${rev}`;
    if (await store.records.putIfAbsent({ collection: `timeline/${round}`, id }, { rev }))
      process.stdout.write(`record ${round} ${id}\n`);
  }
}
await Promise.all(Array.from({ length: writersMax }, (_, writer) => write(writer)));
