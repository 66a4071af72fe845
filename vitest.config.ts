import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/setup/order.ts";

/** The SDK's notice about future Node versions would drown the test report. */
const env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };

/**
 * Two projects: `unit` needs nothing but Node and runs on every supported version; `peers` talks to real servers
 * (moto, DynamoDB Local, chromium) and skips loudly where one is missing, except on CI, where a skip is a failure.
 */
export default defineConfig({
  test: {
    // One worker more than processors: a suite of peers waits for its servers most of the time.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    // Here and not in each project: what both need is bundled once.
    globalSetup: ["test/setup/programs.ts"],
    projects: [
      {
        test: {
          name: "unit",
          env,
          include: ["test/**/*.test.ts"],
          exclude: ["test/peers/**", "test/browser/**", "**/node_modules/**"],
          // A worker loads each module once for all its files: loading them anew for each cost a quarter of all time. What a file
          // changes in the process it puts back (`keepEnvironment`); `--sequence.shuffle` finds what does not.
          isolate: false,
          // What takes a second alone may take a minute on a machine that is busy with other things.
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: "peers",
          env,
          globalSetup: ["test/setup/peers.ts"],
          include: ["test/peers/**/*.test.ts", "test/browser/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
