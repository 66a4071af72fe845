/**
 * The disk of the embedded store is full: at every call of an incident that takes space, then freed, filled again and restarted. What was
 * answered is there, what was refused is not, and it goes on when there is room.
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { PointSaid } from "./diskFullRunner.ts";
import { story } from "./diskFullWrites.ts";
import { compilerSuite, faultLayer } from "./faultLayer.ts";
import { run } from "./programs.ts";

const runner = fileURLToPath(new URL("./diskFullRunner.ts", import.meta.url));

compilerSuite("a full disk under the embedded store", () => {
  test("loses nothing that was answered and keeps nothing that was refused, wherever it was full", async (context) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "medic-full-")));
    const outside = mkdtempSync(join(tmpdir(), "medic-full-copies-"));
    const layer = faultLayer();
    context.onTestFinished(() => {
      layer.close();
      for (const each of [folder, outside]) rmSync(each, { recursive: true, force: true });
    });
    layer.control.set({ skipSync: 1 });
    const { FAULT_LOG: _log, ...env } = layer.env(folder);
    const child = run(process.execPath, ["--import", "tsx", runner, folder, outside, layer.controlPath], env);
    if ((await child.ended) !== 0) throw new Error(child.printed());
    const lines = child
      .printed()
      .split("\n")
      .filter((line) => line.startsWith("{"));
    const points = lines.map((line) => JSON.parse(line) as PointSaid);
    expect(
      points.flatMap(({ point, faults }) => faults.map((fault) => `full at ${point}: ${fault}`)).slice(0, 10),
    ).toEqual([]);
    expect(points.filter(({ errors }) => errors > 0).length).toBeGreaterThan(story.length);
    // From the first call to beyond the last one, and the log told of each.
    expect(points.at(-1)?.refused).toBe(0);
    expect(points.length).toBeGreaterThan(story.length * 2);
    expect(points.filter(({ errors, toldFull }) => errors > 0 && !toldFull).map(({ point }) => point)).toEqual([]);
  });
});
