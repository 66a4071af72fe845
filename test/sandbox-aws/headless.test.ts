import { describe, expect, it } from "vitest";
import { playScenario, runHeadless } from "../../sandbox/headless.ts";
import { scenarios } from "../../sandbox/scenarios/index.ts";
import { minutes, type Scenario } from "../../sandbox/scenarios/scenario.ts";
import { wallClock } from "../../src/ports/clock.ts";
import { isThorough, times } from "../setup/times.ts";

async function played(scenario: string | undefined, options: { seed?: number; list?: boolean } = {}) {
  let out = "";
  let err = "";
  const code = await runHeadless({
    scenario,
    ...options,
    write: (text) => (out += text),
    writeError: (text) => (err += text),
  });
  return { code, out, err };
}

/**
 * Played again with the same seed, all of them; with another seed every second one, and those with the most rungs; in the long run
 * all of them, with many.
 */
const always = new Set(["three-failures", "asg-ebs-hooks", "failover-standby", "drill"]);
const again = scenarios.filter(({ name }, index) => isThorough || index % 2 === 0 || always.has(name));

describe("headless scenarios", () => {
  it.each(scenarios.map((each) => each.name))(
    "%s ends as it says, tells the same story byte for byte when played again, in sentences of people",
    { timeout: 240_000 },
    async (name) => {
      const first = await played(name, { seed: 1 });
      expect({ code: first.code, err: first.err }, first.out).toEqual({ code: 0, err: "" });
      expect(first.out.trim().split("\n").at(-1)).toBe("ended as the scenario says");
      expect(first.out).not.toMatch(/veto-ended|not needed: |needs a person · |\bC0[A-Z]{4,}\b|undefined|NaN/);
      // Some real time in between: none of it may show.
      await wallClock.sleep(20);
      const second = await played(name, { seed: 1 });
      expect(second).toEqual(first);
    },
  );

  it.each(again.map((each) => each.name))(
    "%s ends as it says with another seed",
    { timeout: times(120_000) },
    async (name) => {
      for (let seed = 2; seed < 2 + times(1); seed += 1) {
        const { code, err, out } = await played(name, { seed });
        expect({ seed, code, err }, out).toEqual({ seed, code: 0, err: "" });
      }
    },
  );

  it("show virtual times only: no port, process, wall clock or random id", { timeout: 60_000 }, async () => {
    const { out } = await played("restart-approved");
    const lines = out.split("\n").filter((line) => line.startsWith("+"));
    expect(lines.length).toBeGreaterThan(15);
    expect(out).not.toMatch(/127\.0\.0\.1|localhost|pid|[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(out).toContain("Mira       presses Approve now on shop-web");
  });

  it("end with 1 and say what was not so when it ends otherwise", { timeout: 60_000 }, async () => {
    const wrong: Scenario = {
      name: "wrong",
      about: "expects a reboot that nobody ordered",
      acts: [
        {
          mail: true,
          play: async (stage) => {
            stage.break("process-dies", "billing");
            await stage.until("billing has a card", () => stage.card("billing") !== undefined, minutes(6));
            await stage.wait(minutes(10));
            stage.expect("billing was rebooted", stage.counts("billing").reboots === 1);
          },
        },
      ],
    };
    let out = "";
    const code = await playScenario(wrong, { write: (text) => (out += text) });
    expect(code).toBe(1);
    expect(out).toContain("FAILED: not so: billing was rebooted");
    expect(out).toContain("0 reboots, 0 stops, 0 starts");
  });

  it("are listed, and an unknown one is answered with the list and 2", async () => {
    const list = await played(undefined, { list: true });
    expect(list.code).toBe(0);
    for (const { name } of scenarios) expect(list.out).toContain(name);
    const unknown = await played("restart-aproved");
    expect([unknown.code, unknown.out]).toEqual([2, ""]);
    expect(unknown.err).toContain('no scenario "restart-aproved"');
    expect(unknown.err).toContain("restart-approved");
  });
});
