/** One start of the embedded store in a process of its own: `node --import tsx bench/storeStart.ts DIR`. Prints one JSON object. */
import { embeddedStore } from "../src/store/embeddedStore.ts";
import { nowMs, percentile } from "./numbers.ts";

const [, , dir] = process.argv;
if (dir === undefined) throw new Error("which folder?");
const rssBefore = process.memoryUsage().rss;
const cpu = process.cpuUsage();
const from = nowMs();
const store = await embeddedStore({ dir });
const openMs = nowMs() - from;
const { user, system } = process.cpuUsage(cpu);
const took: number[] = [];
for (let at = 0; at < 1000; at += 1) {
  const began = nowMs();
  await store.cases.due(at, 100);
  took.push(nowMs() - began);
}
const rss = process.memoryUsage().rss;
await store.close();
const mb = 1024 * 1024;
process.stdout.write(
  JSON.stringify({
    openMs: Math.round(openMs),
    openCpuMs: Math.round((user + system) / 1000),
    dueP99Ms: Number(percentile(took, 0.99).toPrecision(3)),
    rssMb: Math.round(rss / mb),
    rssMoreMb: Math.round((rss - rssBefore) / mb),
  }),
);
