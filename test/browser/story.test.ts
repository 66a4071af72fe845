/**
 * The whole story by clicking, in a real browser at desk and phone width: the page, the pretend Slack on real sockets, the bot with
 * real Bolt, the simulated account at sixty times the speed. Nothing sleeps: every step waits for what a person would see.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { build as buildWithVite } from "vite";
import { afterAll, beforeAll, expect, it, inject } from "vitest";
import { runSandbox, type RunningSandbox } from "../../sandbox/run.ts";
import { ids } from "../../sandbox/patterns.ts";
import { serviceNamed } from "../../sandbox/world.ts";
import { requirePeer } from "../peers/peer.ts";

const results = fileURLToPath(new URL("../../test-results/", import.meta.url));
const pageFolder = fileURLToPath(new URL("../../sandbox/page/", import.meta.url));
const browserArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // One page is open at a time: no renderer is kept in readiness for another.
  "--renderer-process-limit=1",
];
/** One step of a story at sixty times the speed takes seconds; the rest is room for a busy machine. */
const stepMs = 25_000;
/** Its rung waits for an approval, so that no veto window of five seconds runs against the test. */
const service = "shop-api";
const instance = serviceNamed(service).instanceId;

const widths = [
  { name: "desk", width: 1280, height: 860 },
  { name: "phone", width: 390, height: 844 },
] as const;

const withBrowser = requirePeer(
  "chromium",
  inject("peers").chromium,
  "apt-get install -y --no-install-recommends chromium",
);

/** As it is shipped: with the NODE_ENV of a test, React would look for mistakes at every drawing, which took most of the renderer's time. */
async function buildPage(outDir: string): Promise<void> {
  const before = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production";
  const build = { outDir, emptyOutDir: true };
  await buildWithVite({ configFile: `${pageFolder}vite.config.ts`, root: pageFolder, logLevel: "error", build });
  process.env["NODE_ENV"] = before;
}

withBrowser("the sandbox in a browser", () => {
  let browser: Browser;
  let sandbox: RunningSandbox;
  let page: Page;
  let openedAt: string | undefined;
  const problems: string[] = [];
  const outDir = `${results}page`;
  const begun = () => runSandbox({ port: 0, speed: 60, pageRoot: outDir });

  beforeAll(async () => {
    mkdirSync(results, { recursive: true });
    await buildPage(outDir);
    sandbox = await begun();
    browser = await chromium.launch({ executablePath: "chromium", args: browserArguments }).catch(() =>
      // Not on the PATH that playwright-core searches: Debian's own place.
      chromium.launch({ executablePath: "/usr/bin/chromium", args: browserArguments }),
    );
  });
  afterAll(async () => {
    await browser.close();
    await sandbox.stop();
  });

  /** One for all stories of a width: a browser's profile and renderer cost more than loading the page anew. */
  const openAt = async ({ name, width, height }: (typeof widths)[number]): Promise<void> => {
    if (openedAt === name) return;
    if (openedAt !== undefined) await page.close();
    openedAt = name;
    // What turns for ever would be drawn sixty times a second for as long as anything is under way.
    const look = { colorScheme: "light", reducedMotion: "reduce" } as const;
    page = await browser.newPage({ viewport: { width, height }, ...look });
    page.setDefaultTimeout(stepMs);
    await page.addInitScript("localStorage.clear()");
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(sandbox.url.replace(/\/$/, ""))) problems.push(`asked ${request.url()}`);
    });
  };
  /** As somebody who comes for the first time. */
  const open = async (size: (typeof widths)[number]): Promise<void> => {
    await openAt(size);
    problems.length = 0;
    await page.goto(sandbox.url);
    await page.getByTestId("person-switch").waitFor();
  };
  const at = (id: string): Locator => page.getByTestId(id);
  const show = async (half: "slack" | "account"): Promise<void> => {
    if (await at(`tab-${half}`).isVisible()) await at(`tab-${half}`).click();
  };
  /** By the service's own buttons: they break the machine that serves it now. */
  const breaks = async (what: string, target: string): Promise<void> => {
    await show("account");
    await page.locator(`[data-testid="breaks"][data-of="${target}"] summary`).click();
    await page.locator(`[data-testid="break-${what}"][data-target="${target}"]`).click();
  };
  const cardOf = (name: string): Locator => at("timeline").getByTestId("message").filter({ hasText: name }).last();
  const card = (): Locator => cardOf(service);
  const answer = (words: string | RegExp): Locator => at("ephemeral").filter({ hasText: words }).last();
  const be = (person: "mira" | "noor" | "sam"): Promise<void> => at(`person-${person}`).click();
  const press = (action: string): Promise<void> => card().getByTestId(`action-medic.${action}`).click();
  const shot = (name: string): Promise<unknown> => page.screenshot({ path: `${results}${name}.png` });
  const resetAll = async (): Promise<void> => {
    await show("account");
    await at("reset").click();
    await at("reset").click();
    await page.getByText("A new day").first().waitFor();
    await show("slack");
    // News about readiness may stand there already: it is a new day's.
    const ofIncidents = at("timeline")
      .getByTestId("message")
      .filter({ hasText: /does not answer|is back after/ });
    await expect.poll(() => ofIncidents.count(), { timeout: stepMs }).toBe(0);
  };
  const fits = async (): Promise<void> => {
    const wide = await page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth");
    expect(wide, "the page scrolls sideways").toBeLessThanOrEqual(0);
  };

  for (const size of widths) {
    const story = (title: string, play: () => Promise<void>): void => {
      it(`${title} (${size.name})`, { timeout: 60_000 }, async () => {
        await open(size);
        try {
          await play();
          await fits();
          expect(problems).toEqual([]);
          await resetAll();
        } catch (error) {
          await shot(`${size.name}-failed-${title.slice(0, 24).replaceAll(/\W+/g, "-")}`);
          // What it left open would be in the way of the next one.
          await sandbox.stop();
          sandbox = await begun();
          throw error;
        }
      });
    };

    story("a hung kernel is seen, a stranger is refused, an approver brings it back", async () => {
      await breaks("kernel-hangs", service);
      await page.locator(`[data-testid="service-${service}"][data-answers="no"]`).waitFor();
      await show("slack");
      await card().getByText("does not answer").first().waitFor();

      await be("sam");
      await press("approve");
      await at("confirm-yes").click();
      await answer(/Not allowed/).waitFor();
      await card().getByTestId("action-medic.approve").waitFor();

      await be("mira");
      await press("approve");
      await at("confirm-dialog")
        .getByText(/Expected downtime/)
        .waitFor();
      await at("confirm-deny").click();
      await at("confirm-dialog").waitFor({ state: "detached" });
      await shot(`${size.name}-proposed`);
      await press("approve");
      await at("confirm-yes").click();
      await answer(/Approved by Mira/).waitFor();

      await card().getByTestId("plan").waitFor();
      // On a slow machine its first step is done before anybody has seen it under way.
      await card().locator('[data-testid="task"]:not([data-status="pending"])').first().waitFor();
      await shot(`${size.name}-recovering`);
      await card().locator('[data-testid="task"][data-status="complete"]').first().waitFor();
      await card().getByText("is back after").first().waitFor();
      await shot(`${size.name}-recovered`);
      expect(await card().textContent()).toMatch(/approved by\s*@?Mira Okafor/);
      await show("account");
      await page.locator(`[data-testid="service-${service}"][data-answers="yes"]`).waitFor();
      await page.locator(`[data-testid="instance-${instance}"][data-state="running"]`).waitFor();
      await page.locator('[data-testid="first-steps"][data-step="5"]').waitFor();
    });

    story(
      "a failed host: the plan is looked at, the standby takes over, the original stays out of service",
      async () => {
        await show("slack");
        await at("composer").fill("/medic failover checkout");
        await at("composer").press("Enter");
        await answer(/Nothing was ordered/).waitFor();
        await breaks("host-fails", "checkout");
        await show("slack");
        await cardOf("checkout").getByTestId("action-medic.approve").click();
        await at("confirm-dialog").getByText("Fail over checkout?").waitFor();
        await at("confirm-yes").click();
        await cardOf("checkout").getByText("is back after").first().waitFor();
        await shot(`${size.name}-failed-over`);
        await show("account");
        const row = (id: string): Locator => page.locator(`[data-testid="instance-${id}"]`);
        await page.locator('[data-testid="service-checkout"][data-answers="yes"]').waitFor();
        await at("service-checkout").getByTestId("fact-address").getByText("checkout-standby").waitFor();
        await row(ids.checkoutStandby).getByText("carries the service").waitFor();
        await page.locator(`[data-testid="instance-${ids.checkoutPrimary}"][data-state="stopped"]`).waitFor();
        await breaks("started-by-somebody", ids.checkoutPrimary);
        await row(ids.checkoutPrimary).getByText("quarantined").waitFor();
        await at("service-checkout").getByTestId("fact-address").getByText("checkout-standby").waitFor();
        await shot(`${size.name}-original-returned`);
      },
    );

    story("hold and resume act at the first tap, Other… orders something else, the thread tells it", async () => {
      await breaks("process-dies", service);
      await show("slack");
      await card().getByTestId("action-medic.hold").waitFor();
      await press("hold");
      await answer(/is held until/).waitFor();
      await card().getByText("(held)").first().waitFor();
      await press("resume");
      await card().getByTestId("action-medic.hold").waitFor();

      await press("choose");
      await at("modal").getByText("What should happen?").waitFor();
      await at("modal").locator('input[type="radio"][value="reboot"]').check();
      // In full: "Reading what it would do now…" stands beside it until the plan is read.
      await at("modal").getByText("What it would do", { exact: true }).waitFor();
      await shot(`${size.name}-other`);
      await at("modal-submit").click();
      await at("modal").waitFor({ state: "detached" });
      await card().getByText("is back after").first().waitFor();
      await card().getByTestId("open-thread").first().click();
      await at("thread")
        .getByText(/Held by Mira Okafor/)
        .waitFor();
      await at("thread")
        .getByText(/ordered reboot/)
        .waitFor();
      await shot(`${size.name}-thread`);
      await at("close-thread").click();
    });

    story("verbs are completed and answered privately; dark, outage and reset work", async () => {
      await show("slack");
      await at("composer").fill("/medic sta");
      await at("suggestion").filter({ hasText: "status" }).first().click();
      await at("composer").press("Enter");
      await answer(/Nothing is open/).waitFor();
      await shot(`${size.name}-status`);

      await at("theme-switch").click();
      await page.locator('html[data-theme="dark"]').waitFor();
      await shot(`${size.name}-dark`);
      await at("theme-switch").click();
      await page.locator('html[data-theme="light"]').waitFor();

      await show("account");
      await at("break-slack-down").click();
      await show("slack");
      await at("slack-down-banner").waitFor();
      await show("account");
      await page.locator('[data-testid="break-slack-down"][aria-pressed="true"]').click();
      await show("slack");
      await at("slack-down-banner").waitFor({ state: "detached" });
      // Left broken: the reset at the end of every story mends it too.
      await show("account");
      await page.locator('[data-testid="break-slack-down"][aria-pressed="false"]').click();
      await page.locator('[data-testid="break-slack-down"][aria-pressed="true"]').waitFor();
      await resetAll();
      await at("slack-down-banner").waitFor({ state: "detached" });
    });
  }
});
