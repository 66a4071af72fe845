/** A file of thousands of services, read by the built program in a thread of its own. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadSettingsToStay } from "../../src/config/loadSettingsToStay.ts";
import { bundle } from "../../scripts/bundle.js";
import { medicYaml } from "../../bench/alarms.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = medicYaml(2_000);

test("from source, a large file is read like a small one", async () => {
  const loaded = await loadSettingsToStay("medic.yaml", () => text);
  expect("settings" in loaded && loaded.settings.services.size).toBe(2_000);
});

test("built, the thread hands over settings and problems alike", async () => {
  const out = join(root, "node_modules/.cache/ec2-medic-test");
  await bundle({ root, entryPoints: ["src/config/loadSettingsToStay.ts"], outdir: out });
  const folder = mkdtempSync(join(tmpdir(), "medic-large-"));
  try {
    const path = join(folder, "medic.yaml");
    const script = `
      import { readFileSync } from "node:fs";
      import { loadSettingsToStay } from ${JSON.stringify(join(out, "loadSettingsToStay.js"))};
      const loaded = await loadSettingsToStay(${JSON.stringify(path)}, (file) => readFileSync(file, "utf8"));
      process.stdout.write(JSON.stringify("settings" in loaded ? loaded.settings.services.size : loaded.problems));`;
    const read = () => execFileSync("node", ["--input-type=module", "-e", script], { encoding: "utf8" });
    writeFileSync(path, text);
    expect(read()).toBe("2000");
    writeFileSync(path, text.replace("mode: approve", "mode: maybe"));
    expect(read()).toContain('"services.service-00000.ladders.os[0].mode"');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
