import { defineConfig } from "vitest/config";

/** The SDK's notice about future Node versions would drown the test report. */
const env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };

/**
 * Two projects: `unit` needs nothing but Node and runs on every supported version; `peers` talks to real servers
 * (moto, DynamoDB Local, chromium) and skips loudly where one is missing, except on CI, where a skip is a failure.
 */
export default defineConfig({
  test: {
    // One worker fewer than processors, the default, is one on a machine with two.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          env,
          include: ["test/**/*.test.ts"],
          exclude: ["test/peers/**", "test/browser/**", "**/node_modules/**"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "peers",
          env,
          include: ["test/peers/**/*.test.ts", "test/browser/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
