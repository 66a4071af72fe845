import { describe, expect, it } from "vitest";
import { createAccountPanel } from "../../sandbox/account-panel.ts";
import { createMailbox } from "../../sandbox/aws/mailbox.ts";
import { sandboxYaml } from "../../sandbox/medic-yaml.ts";
import { createSandboxAccount, mailTopic, sandboxServices, serviceNamed } from "../../sandbox/world.ts";
import { parseSettings } from "../../src/config/medicYaml.ts";
import { scaledClock } from "../../src/memory/scaledClock.ts";
import { createSeededRandom } from "../../src/memory/seededRandom.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";

const web = serviceNamed("shop-web").instanceId;

function panelOfNow() {
  const under = createVirtualClock({ startAt: Date.UTC(2026, 10, 21, 3) });
  const clock = scaledClock(10, under);
  const control = new AbortController();
  const world = (seed: number) => {
    const account = createSandboxAccount({ clock, random: createSeededRandom(seed) });
    void account.run(control.signal);
    return { account, mailbox: createMailbox(mailTopic, () => clock.now()) };
  };
  let current = world(1);
  let cardIsThere = false;
  const panel = createAccountPanel({
    world: () => current,
    clock,
    cardIsThere: () => cardIsThere,
    storm: () => null,
    reset: async () => {
      current = world(2);
      panel.replaced("everything is as on the first day");
    },
  });
  void panel.run(control.signal);
  const showCard = () => {
    cardIsThere = true;
  };
  return { under, clock, panel, world: () => current, showCard };
}

describe("the sandbox's starting day", () => {
  it("has a medic.yaml without errors, with mail and without", () => {
    for (const mail of [true, false]) {
      const loaded = parseSettings("medic.yaml", sandboxYaml({ mail }));
      if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems, null, 2));
      expect(loaded.warnings).toEqual([]);
      expect([...loaded.settings.services.keys()]).toEqual(sandboxServices.map((each) => each.name));
      expect(loaded.settings.mailTopic).toBe(mail ? mailTopic : undefined);
    }
  });
});

describe("the account as the page sees it", () => {
  it("shows services that answer, alarms that are OK and a button for everything that can be broken", () => {
    const view = panelOfNow().panel.view();
    expect(view.services.map((each) => each.answers)).toEqual(["yes", "yes", "yes", "yes"]);
    expect(view.alarms.every((each) => each.state === "OK" && each.service !== null)).toBe(true);
    expect(view.addresses).toHaveLength(3);
    expect([view.step, view.speed, view.faults.some((each) => each.active)]).toEqual([1, 10, false]);
  });

  it("breaks what is asked, shows it, and moves the first steps on as the story does", async () => {
    const { panel, under, world, showCard } = panelOfNow();
    panel.break("kernel-hangs", web);
    expect(panel.view().step).toBe(2);
    await under.advance(18_000);
    const broken = panel.view();
    expect(broken.services[0]).toMatchObject({ name: "shop-web", answers: "no", answer: "no answer" });
    expect(broken.instances[0]).toMatchObject({ instanceCheck: "impaired", faults: ["kernel-hangs"] });
    expect(broken.alarms.filter((each) => each.state === "ALARM").map((each) => each.name)).toContain(
      "shop-web-canary",
    );
    expect(broken.log.some((line) => line.who === "SNS")).toBe(true);
    showCard();
    expect(panel.view().step).toBe(3);
    await world().account.calls.reboot("medic", [web]);
    expect(panel.view().step).toBe(4);
    await under.advance(30_000);
    expect(panel.view()).toMatchObject({ step: 5, services: [{ answers: "yes" }, {}, {}, {}] });
  });

  it("takes back what can be taken back, and says in a sentence what cannot be done", () => {
    const { panel } = panelOfNow();
    panel.break("no-capacity", "account");
    expect(panel.view().faults.find((each) => each.what === "no-capacity")?.active).toBe(true);
    panel.mend("no-capacity", "account");
    expect(panel.view().faults.find((each) => each.what === "no-capacity")?.active).toBe(false);
    expect(() => panel.break("host-fails", "i-none")).toThrow("There is no instance i-none here.");
    panel.break("kernel-hangs", web);
    expect(() => panel.mend("kernel-hangs", web)).toThrow("Only a recovery cures this");
  });

  it("tells listeners what changes by itself", async () => {
    const { panel, under } = panelOfNow();
    let calls = 0;
    const leave = panel.onChange(() => calls++);
    panel.break("kernel-hangs", web);
    const before = calls;
    await under.advance(20_000);
    expect(calls).toBeGreaterThan(before);
    leave();
    const after = calls;
    panel.setSpeed(60);
    expect([panel.view().speed, calls]).toEqual([60, after]);
  });

  it("is as on the first day after a reset", async () => {
    const { panel, under } = panelOfNow();
    panel.break("host-fails", web);
    await under.advance(20_000);
    await panel.reset();
    const view = panel.view();
    expect(view).toMatchObject({ step: 1, notes: ["everything is as on the first day"], log: [] });
    expect(view.services.every((each) => each.answers === "yes")).toBe(true);
  });
});
