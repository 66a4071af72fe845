import { describe, expect, it } from "vitest";
import { createAccountPanel } from "../../sandbox/account-panel.ts";
import { createMailbox } from "../../sandbox/aws/mailbox.ts";
import { sandboxYaml } from "../../sandbox/medic-yaml.ts";
import { ids } from "../../sandbox/patterns.ts";
import { createSandboxAccounts, drRegion, mailTopic, sandboxServices, serviceNamed } from "../../sandbox/world.ts";
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
    const { home, dr } = createSandboxAccounts({ clock, random: createSeededRandom(seed) });
    void home.run(control.signal);
    return { account: home, dr, mailbox: createMailbox(mailTopic, () => clock.now()) };
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
  it("shows all services that answer, alarms that are OK and a button for everything that can be broken", () => {
    const view = panelOfNow().panel.view();
    expect(view.services.map((each) => [each.name, each.answers])).toEqual(
      sandboxServices.map((each) => [each.name, "yes"]),
    );
    expect(new Set(view.services.map((each) => each.pattern)).size).toBe(6);
    expect(view.alarms.every((each) => each.state === "OK" && each.service !== null)).toBe(true);
    expect([view.step, view.speed, view.faults.some((each) => each.active)]).toEqual([1, 10, false]);
    for (const { name } of sandboxServices) expect(view.faults.some((each) => each.target === name)).toBe(true);
    expect(view.instances.every((each) => each.service !== null && each.region === "eu-west-1")).toBe(true);
  });

  it("says what leads people to each service, and what it could be built from", () => {
    const { panel } = panelOfNow();
    const named = (name: string) => panel.view().services.find((each) => each.name === name);
    expect(named("checkout")).toMatchObject({
      address: { publicIp: "198.51.100.20", heldBy: ids.checkoutPrimary },
      instanceId: ids.checkoutPrimary,
    });
    expect(named("portal")?.records).toEqual([
      expect.objectContaining({ set: "primary", weight: 100, ttl: 60, heldBy: ids.portalPrimary }),
      expect.objectContaining({ set: "standby", weight: 0, ttl: 60, heldBy: ids.portalStandby }),
    ]);
    expect(named("search")?.group).toMatchObject({ desired: 2, max: 3, load: 60, suspended: [] });
    expect(named("search")?.group?.members).toEqual([
      { instanceId: ids.searchA, lifecycle: "InService", target: "healthy" },
      { instanceId: ids.searchB, lifecycle: "InService", target: "healthy" },
    ]);
    const ages = named("wiki")?.snapshots.map((each) => [each.region, panel.view().now - each.takenAt]);
    expect(ages).toEqual([
      ["eu-west-1", 47 * 60_000],
      [drRegion, 52 * 60_000],
    ]);
  });

  it("breaks what is asked, shows it, and moves the first steps on as the story does", async () => {
    const { panel, under, world, showCard } = panelOfNow();
    await panel.break("kernel-hangs", "shop-web");
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
    expect(panel.view().step).toBe(5);
    expect(panel.view().services[0]).toMatchObject({ name: "shop-web", answers: "yes" });
  });

  it("takes back what can be taken back, and says in a sentence what cannot be done", async () => {
    const { panel } = panelOfNow();
    const isActive = (what: string, target: string) =>
      panel.view().faults.find((each) => each.what === what && each.target === target)?.active;
    const wholeAccount = [
      "no-capacity",
      "no-capacity-in-zone",
      "user-data-fails",
      "dns-api-down",
      "throttled",
    ] as const;
    for (const what of wholeAccount) {
      await panel.break(what, "account");
      expect(isActive(what, "account"), what).toBe(true);
      panel.mend(what, "account");
      expect(isActive(what, "account"), what).toBe(false);
    }
    await panel.break("no-capacity", drRegion);
    expect([isActive("no-capacity", drRegion), isActive("no-capacity", "account")]).toEqual([true, false]);
    await panel.break("too-much-work", "search");
    expect(panel.view().services.find((each) => each.name === "search")?.group?.load).toBe(170);
    panel.mend("too-much-work", "search");
    expect(isActive("too-much-work", "search")).toBe(false);
    await panel.break("kernel-hangs", web);
    expect([isActive("kernel-hangs", web), isActive("kernel-hangs", "shop-web")]).toEqual([true, true]);
    await expect(panel.break("host-fails", "i-none")).rejects.toThrow("There is no instance i-none here.");
    await expect(panel.break("too-much-work", "wiki")).rejects.toThrow("wiki has no group");
    await expect(panel.break("no-capacity", "us-east-1")).rejects.toThrow("There is no region us-east-1 here.");
    expect(() => panel.mend("kernel-hangs", web)).toThrow("Only a recovery cures this");
  });

  it("breaks the machine that serves now, and lets somebody start the one that served before", async () => {
    const { panel, under, world } = panelOfNow();
    const { calls, peek } = world().account;
    const checkout = () => panel.view().services.find((each) => each.name === "checkout");
    await calls.start("somebody", [ids.checkoutStandby]);
    await under.advance(60_000);
    await calls.associate("somebody", {
      allocationId: ids.checkoutAddress,
      instanceId: ids.checkoutStandby,
      allowReassociation: true,
    });
    await calls.stop("somebody", [ids.checkoutPrimary]);
    await under.advance(60_000);
    expect(checkout()).toMatchObject({ instanceId: ids.checkoutStandby, address: { heldBy: ids.checkoutStandby } });
    await panel.break("host-fails", "checkout");
    expect(panel.view().instances.find((each) => each.id === ids.checkoutStandby)?.faults).toEqual(["host-fails"]);
    await panel.break("started-by-somebody", ids.checkoutPrimary);
    await under.advance(60_000);
    expect(peek.machine(ids.checkoutPrimary).state).toBe("running");
    await expect(panel.break("started-by-somebody", ids.checkoutPrimary)).rejects.toThrow("is running");
  });

  it("lets somebody delete the snapshots here; those in the other region stay", async () => {
    const { panel } = panelOfNow();
    await panel.break("snapshot-deleted", "wiki");
    const view = panel.view();
    expect(view.services.find((each) => each.name === "wiki")?.snapshots.map((each) => each.region)).toEqual([
      drRegion,
    ]);
    expect(view.faults.find((each) => each.what === "snapshot-deleted")).toMatchObject({
      active: true,
      mendable: false,
    });
  });

  it("tells listeners what changes by itself", async () => {
    const { panel, under } = panelOfNow();
    let calls = 0;
    const leave = panel.onChange(() => calls++);
    await panel.break("kernel-hangs", web);
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
    await panel.break("host-fails", web);
    await under.advance(20_000);
    await panel.reset();
    const view = panel.view();
    expect(view).toMatchObject({ step: 1, notes: ["everything is as on the first day"], log: [] });
    expect(view.services.every((each) => each.answers === "yes")).toBe(true);
  });
});
