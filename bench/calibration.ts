/** What the machine does today, before and after: numbers of two runs compare only where these do. */
import { createHash, randomBytes } from "node:crypto";
import { cpus, loadavg } from "node:os";
import { median, nowMs, percentile, say } from "./numbers.ts";
import { quiet } from "./programs.ts";
import { post, type Stage } from "./stage.ts";

export async function calibrate(stage: Stage, when: "before" | "after"): Promise<void> {
  const busy = await quiet(stage.quick ? 2_000 : 6_000);
  const block = randomBytes(1 << 20);
  const hashes: number[] = [];
  const until = nowMs() + 500;
  while (nowMs() < until) {
    const at = nowMs();
    createHash("sha256").update(block).digest();
    hashes.push(nowMs() - at);
  }
  const pings: number[] = [];
  for (let n = 0; n < 300; n += 1) {
    const at = nowMs();
    await post(`${stage.tableUrl}/`, "{}");
    pings.push(nowMs() - at);
  }
  say(`machine.${when}`, 1000 / median(hashes), "MB/s sha256", {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    load: loadavg()[0],
    othersBusy: busy,
    isQuiet: busy < 0.15,
    pingP50Ms: percentile(pings, 0.5),
    pingP99Ms: percentile(pings, 0.99),
    node: process.version,
    at: new Date().toISOString(),
  });
}
