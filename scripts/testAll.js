// `npm run test:all`: every test with twenty times as many random histories and seeds, then many simulated nights.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const cwd = fileURLToPath(new URL("..", import.meta.url));
const nights = ["--import", "tsx", "test/simulation/run.ts", "--seeds", "500"];
const steps = [["node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2)], nights];
for (const step of steps) {
  const { status } = spawnSync(process.execPath, step, {
    cwd,
    stdio: "inherit",
    env: { ...process.env, TEST_TIMES: process.env.TEST_TIMES ?? "20" },
  });
  if (status !== 0) process.exit(status ?? 1);
}
