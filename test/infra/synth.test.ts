import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const cdk = resolve("node_modules/aws-cdk/bin/cdk");
const run = promisify(execFile);

describe("npm run synth", () => {
  test("needs no account, no region, no network and no container engine, and passes every check", async () => {
    const home = mkdtempSync(join(tmpdir(), "ec2-medic-cdk-"));
    // Nothing of this machine's AWS set-up is passed on, and every way out of it ends at a closed port.
    const nowhere = "http://127.0.0.1:9";
    const env = {
      PATH: process.env["PATH"],
      HOME: home,
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere,
      CDK_DOCKER: "/bin/false",
    };
    try {
      const args = [cdk, "synth", "-q", "--no-version-reporting", "--no-notices", "--output", join(home, "out")];
      const { stdout, stderr } = await run(process.execPath, args, { cwd: "infra", env });
      expect(`${stdout}${stderr}`).not.toMatch(/error|warning/i);
      const template = readFileSync(join(home, "out", "ec2-medic.template.json"), "utf8");
      expect(template).toContain("AWS::DynamoDB::GlobalTable");
      expect(template).not.toContain("AWS::CDK::Metadata");
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }, 90_000);

  test("is made with the one command-line release that understands this library", () => {
    const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
      devDependencies: Record<string, string>;
    };
    // 3.0.0 was published by accident, reads older templates than this library writes, and is what `latest` gives.
    expect(devDependencies["aws-cdk"]).toBe("2.1148.1");
    expect(devDependencies["aws-cdk-lib"]).toBe("2.276.0");
  });
});
