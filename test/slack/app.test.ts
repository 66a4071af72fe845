import { describe, expect, it, vi } from "vitest";
import { channelIds } from "../../sandbox/slack/workspace-state.ts";
import { reason, sentence } from "../../src/domain/reasons.ts";
import { StoreUncertain, StoreUnavailable } from "../../src/ports/store.ts";
import type { Preview } from "../../src/domain/preview.ts";
import { failoverPreview, minute, now, states } from "../card/cases.ts";
import { openOffice, plainPreview, type Office } from "./office.ts";

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
const channel = channelIds.opsAlerts;
const auto = (() => {
  const state = states["auto, clock running"];
  if (state === undefined) throw new Error("no such state");
  return state.current;
})();

const open = (first = auto, more: Partial<Parameters<typeof openOffice>[0]> = {}) =>
  openOffice({ first, now: () => now, ...more });

const approve = (ts: string, user = "U0MIRA") => ({ user, channel, ts, actionId: "medic.approve", confirmed: true });

/** Until the listeners have ended: in process nothing else is in flight. */
async function settle({ workspace }: Office): Promise<void> {
  for (let turns = 0; turns < 50 || workspace.inFlight() > 0; turns += 1)
    await new Promise((resolve) => setImmediate(resolve));
}

describe("a click on Approve", () => {
  it("asks first, then acts once, on the proposal that the person saw, and says so", async () => {
    const office = await open();
    const ts = await office.post();
    const first = await office.workspace.act.click({ user: "U0MIRA", channel, ts, actionId: "medic.approve" });
    expect(first).toMatchObject({ kind: "confirm", dialog: { confirm: "Restart" } });
    expect(office.events).toEqual([]);
    await office.workspace.act.confirm(approve(ts));
    await settle(office);
    expect(office.events).toMatchObject([
      { kind: "approve", proposal: 3, by: { id: "U0MIRA", name: "Mira Okafor", allowed: true } },
    ]);
    expect(office.current().phase.kind).toBe("confirming");
    expect(office.answer("U0MIRA")).toMatch(/Approved by Mira Okafor/);
  });

  it("by two people at once acts once; the loser reads who was first", async () => {
    const office = await open();
    const ts = await office.post();
    await Promise.all([office.workspace.act.confirm(approve(ts)), office.workspace.act.confirm(approve(ts, "U0NOOR"))]);
    await settle(office);
    const answers = [office.answer("U0MIRA"), office.answer("U0NOOR")].sort();
    expect(answers[0]).toMatch(/Already approved by (Mira Okafor|Noor Haddad)/);
    expect(answers[1]).toMatch(/Approved by (Mira Okafor|Noor Haddad)/);
  });

  it("by a stranger does nothing and says why", async () => {
    const office = await open();
    const ts = await office.post();
    await office.workspace.act.confirm(approve(ts, "U0SAM"));
    await settle(office);
    expect(office.current()).toBe(auto);
    expect(office.answer("U0SAM")).toMatch(/Not allowed: you are not among this service's approvers/);
  });

  it("on an older proposal does nothing and points to the newest", async () => {
    const office = await open();
    const ts = await office.post();
    const { phase } = auto;
    if (phase.kind !== "proposing") throw new Error("unexpected");
    office.set({ ...auto, proposalCount: 4, phase: { ...phase, proposal: { ...phase.proposal, number: 4 } } });
    await office.workspace.act.confirm(approve(ts));
    await settle(office);
    expect(office.current().phase.kind).toBe("proposing");
    expect(office.answer("U0MIRA")).toContain(capital(sentence(reason("stale-press"))));
  });

  it("while the store cannot be reached says that nothing happened and what comes next", async () => {
    const office = await open(auto, { handle: () => Promise.reject(new StoreUnavailable("case shop-web")) });
    const ts = await office.post();
    await office.workspace.act.confirm(approve(ts));
    await settle(office);
    expect(office.answer("U0MIRA")).toMatch(
      /nothing was kept.*did not take case shop-web.*Nothing acts until the store answers.*do it again/s,
    );
  });

  it("when the store's answer was lost does not say that nothing was kept, and points to the card", async () => {
    const office = await open(auto, { handle: () => Promise.reject(new StoreUncertain("case shop-web")) });
    const ts = await office.post();
    await office.workspace.act.confirm(approve(ts));
    await settle(office);
    expect(office.answer("U0MIRA")).toMatch(/not known whether that got through.*Look at the card/s);
    expect(office.answer("U0MIRA")).not.toMatch(/nothing was kept/i);
  });

  it("when Slack cannot say who pressed it is refused", async () => {
    const office = await open();
    const ts = await office.post();
    office.workspace.faults.failWith({ method: "usergroups.users.list", error: "internal_error", times: 1 });
    await office.workspace.act.confirm(approve(ts));
    await settle(office);
    expect(office.answer("U0MIRA")).toMatch(/Not allowed: Slack did not say who you are/);
  });
});

describe("Hold", () => {
  it("acts at the first tap and offers longer, a reason and Resume privately", async () => {
    const office = await open();
    const ts = await office.post();
    await office.workspace.act.click({ user: "U0MIRA", channel, ts, actionId: "medic.hold" });
    await settle(office);
    expect(office.current().hold).toMatchObject({ until: now + 30 * minute });
    const answer = office.workspace.ephemeral("U0MIRA").at(-1);
    expect(JSON.stringify(answer?.blocks)).toMatch(/1 h.*4 h.*Until 08:00.*With a reason….*Resume/s);

    await office.workspace.act.click({ user: "U0MIRA", ephemeralId: answer?.id ?? "", actionId: "medic.hold_for.240" });
    await settle(office);
    expect(office.current().hold?.until).toBe(now + 240 * minute);

    await office.workspace.act.click({
      user: "U0MIRA",
      ephemeralId: answer?.id ?? "",
      actionId: "medic.hold_for.morning",
    });
    await settle(office);
    // 08:00 where she is: Amsterdam, an hour ahead of 14:25 UTC.
    expect(office.current().hold?.until).toBe(Date.UTC(2026, 10, 22, 7, 0));

    await office.workspace.act.click({ user: "U0MIRA", ephemeralId: answer?.id ?? "", actionId: "medic.resume" });
    await settle(office);
    expect(office.current().hold).toBeUndefined();
    expect(office.answer("U0MIRA")).toMatch(/Resumed by Mira Okafor/);
  });

  it("tapped twice keeps the hold and offers the longer ones again", async () => {
    const office = await open();
    const ts = await office.post();
    const tap = () => office.workspace.act.click({ user: "U0MIRA", channel, ts, actionId: "medic.hold" });
    await tap();
    await settle(office);
    await tap();
    await settle(office);
    expect(office.answer("U0MIRA")).toMatch(/Until 08:00/);
  });

  it("takes a length and a reason from its window", async () => {
    const office = await open();
    const ts = await office.post();
    await office.workspace.act.click({ user: "U0MIRA", channel, ts, actionId: "medic.hold" });
    await settle(office);
    const answer = office.workspace.ephemeral("U0MIRA").at(-1);
    await office.workspace.act.click({ user: "U0MIRA", ephemeralId: answer?.id ?? "", actionId: "medic.hold_reason" });
    await settle(office);
    const view = office.workspace.modals("U0MIRA").at(-1);
    await office.workspace.act.submitView({
      user: "U0MIRA",
      viewId: view?.id ?? "",
      state: {
        length: { v: { type: "static_select", selected_option: { value: "60" } } },
        why: { v: { type: "plain_text_input", value: "deploy" } },
      },
    });
    await settle(office);
    expect(office.current().hold).toMatchObject({ until: now + 60 * minute, why: "deploy" });
  });
});

describe("Other…", () => {
  const choose = async (office: Office, picked: string) => {
    const ts = await office.post();
    await office.workspace.act.click({ user: "U0MIRA", channel, ts, actionId: "medic.choose" });
    await settle(office);
    const opened = office.workspace.modals("U0MIRA").at(-1);
    await office.workspace.act.click({
      user: "U0MIRA",
      viewId: opened?.id ?? "",
      actionId: "medic.pick",
      value: picked,
    });
    await settle(office);
    return opened?.id ?? "";
  };
  const picked = (value: string, more: Record<string, Record<string, Record<string, unknown>>> = {}) => ({
    pick: { "medic.pick": { type: "radio_buttons", selected_option: { value } } },
    ...more,
  });

  it("shows what would happen and what it costs, and wants the name typed", async () => {
    const office = await open();
    const viewId = await choose(office, "stop-start");
    const view = office.workspace.modals("U0MIRA").at(-1);
    expect(JSON.stringify(view?.blocks)).toMatch(
      /What it would do.*Start on other hardware.*Public address.*Type shop-web to confirm/s,
    );
    const wrong = { typed: { v: { type: "plain_text_input", value: "shopweb" } } };
    expect(
      await office.workspace.act.submitView({ user: "U0MIRA", viewId, state: picked("stop-start", wrong) }),
    ).toMatchObject({
      kind: "invalid",
      errors: { typed: "Type exactly shop-web." },
    });
    expect(office.events).toEqual([]);
    const right = {
      typed: { v: { type: "plain_text_input", value: "shop-web" } },
      why: { v: { type: "plain_text_input", value: "I know why" } },
    };
    await office.workspace.act.submitView({ user: "U0MIRA", viewId, state: picked("stop-start", right) });
    await settle(office);
    expect(office.events).toMatchObject([{ kind: "order", recovery: "stop-start", proposal: 3, why: "I know why" }]);
    expect(office.answer("U0MIRA")).toMatch(/Mira Okafor ordered stop and start: I know why/);
  });

  it("shows at once what it costs in general, then what it would do here, and never covers a newer choice", async () => {
    let answer: (preview: Preview) => void = () => undefined;
    const slow = new Promise<Preview>((resolve) => {
      answer = resolve;
    });
    const office = await open(auto, {
      choices: () => ["reboot", "failover"],
      preview: (_service, recovery) => (recovery === "failover" ? slow : Promise.resolve(plainPreview(recovery, now))),
    });
    const viewId = await choose(office, "reboot");
    const shown = () => JSON.stringify(office.workspace.modals("U0MIRA").at(-1)?.blocks);
    const pick = (value: string) =>
      office.workspace.act.click({ user: "U0MIRA", viewId, actionId: "medic.pick", value });
    // Its listener is still waiting for the slow read, so nothing can be settled before the answer.
    void pick("failover");
    await vi.waitFor(() => expect(shown()).toMatch(/Reading what it would do now….*Force: go on without a fence/s));
    void pick("reboot");
    await vi.waitFor(() => expect(shown()).toMatch(/Reboot, on the same hardware.*As of/s));
    answer(failoverPreview);
    await settle(office);
    expect(shown()).toMatch(/Reboot, on the same hardware/);
    expect(shown()).not.toMatch(/198\.51\.100\.10/);
    expect(office.workspace.ephemeral("U0MIRA")).toEqual([]);
  });

  it("takes consents and the typed name along, and lists what the pattern knows only", async () => {
    const office = await open(auto, { choices: () => ["failover"], preview: async () => failoverPreview });
    const viewId = await choose(office, "failover");
    const shown = JSON.stringify(office.workspace.modals("U0MIRA").at(-1)?.blocks);
    expect(shown).toMatch(/198\.51\.100\.10 moves from.*Type shop-web to confirm/s);
    expect(shown).not.toMatch(/Reboot/);
    const state = (typed: string) =>
      picked("failover", {
        typed: { v: { type: "plain_text_input", value: typed } },
        "options:failover": { "medic.options": { type: "checkboxes", selected_options: [{ value: "force" }] } },
      });
    expect(await office.workspace.act.submitView({ user: "U0MIRA", viewId, state: picked("failover") })).toMatchObject({
      kind: "invalid",
    });
    await office.workspace.act.submitView({ user: "U0MIRA", viewId, state: state("shop-web") });
    await settle(office);
    expect(office.events).toMatchObject([{ kind: "order", recovery: "failover", options: ["force"] }]);
  });

  it("has the new maximum typed, as a number", async () => {
    const office = await open(auto, { choices: () => ["raise-max"] });
    const viewId = await choose(office, "raise-max");
    const state = (value: string) => picked("raise-max", { amount: { v: { type: "plain_text_input", value } } });
    expect(await office.workspace.act.submitView({ user: "U0MIRA", viewId, state: state("five") })).toMatchObject({
      kind: "invalid",
      errors: { amount: "Type a whole number from 1 to 9999." },
    });
    await office.workspace.act.submitView({ user: "U0MIRA", viewId, state: state("5") });
    await settle(office);
    expect(office.events).toMatchObject([{ kind: "order", recovery: "raise-max", amount: 5 }]);
  });

  it("says why the picked one cannot run now", async () => {
    const refused = { code: "standby-unfit", why: "the standby is stopped for good", remedy: "Start it." };
    const preview = async () => ({ ...failoverPreview, refused });
    const office = await open(auto, { choices: () => ["failover"], preview });
    await choose(office, "failover");
    const view = office.workspace.modals("U0MIRA").at(-1);
    expect(JSON.stringify(view)).toMatch(/Cannot run now.*the standby is stopped for good.*Start it/s);
    expect(JSON.stringify(view)).toMatch(/Order all the same/);
  });

  it("with Nothing is a no: a person takes over", async () => {
    const office = await open();
    const viewId = await choose(office, "nothing");
    await office.workspace.act.submitView({ user: "U0MIRA", viewId, state: picked("nothing") });
    await settle(office);
    expect(office.events).toMatchObject([{ kind: "no", proposal: 3 }]);
    expect(office.current().phase.kind).toBe("needs-person");
  });
});

describe("every other click", () => {
  it("on an unknown button is answered", async () => {
    const office = await open();
    const posted = await office.workspace.fetch("http://slack.test/api/chat.postMessage", {
      method: "POST",
      headers: { authorization: "Bearer xoxb-sandbox", "content-type": "application/json" },
      body: JSON.stringify({
        channel,
        text: "old",
        blocks: [
          {
            type: "actions",
            elements: [{ type: "button", action_id: "ancient", value: "x|y", text: { type: "plain_text", text: "?" } }],
          },
        ],
      }),
    });
    const { ts } = (await posted.json()) as { ts: string };
    const result = await office.workspace.act.click({ user: "U0SAM", channel, ts, actionId: "ancient" });
    await settle(office);
    expect(result.kind).toBe("done");
    expect(office.answer("U0SAM")).toMatch(/older or newer card/);
  });

  it("on 'I have it' puts the name on the case", async () => {
    const office = await open();
    const ts = await office.post();
    await office.workspace.act.selectOverflow({
      user: "U0MIRA",
      channel,
      ts,
      actionId: "medic.more",
      value: "ack|3|shop-web",
    });
    await settle(office);
    expect(office.current().incident?.ack?.by.name).toBe("Mira Okafor");
    expect(office.answer("U0MIRA")).toMatch(/Mira Okafor has it/);
  });

  it("on 'Show evidence' answers with everything that is known", async () => {
    const office = await open();
    const ts = await office.post();
    await office.workspace.act.selectOverflow({
      user: "U0MIRA",
      channel,
      ts,
      actionId: "medic.more",
      value: "evidence|3|shop-web",
    });
    await settle(office);
    expect(office.answer("U0MIRA")).toMatch(/shop-web-system-check/);
  });

  it("on a link is taken quietly", async () => {
    const office = await open();
    const ts = await office.post();
    const link = await office.workspace.act.selectOverflow({
      user: "U0MIRA",
      channel,
      ts,
      actionId: "medic.more",
      value: "link|2",
    });
    expect(link.kind).toBe("done");
  });

  it("on Close wants a reason", async () => {
    const office = await open(states["needs a person after a failed run"]?.current);
    const ts = await office.post();
    await office.workspace.act.click({ user: "U0MIRA", channel, ts, actionId: "medic.close" });
    await settle(office);
    const viewId = office.workspace.modals("U0MIRA").at(-1)?.id ?? "";
    const without = await office.workspace.act.submitView({ user: "U0MIRA", viewId, state: {} });
    expect(without).toMatchObject({ kind: "invalid" });
    const why = { why: { v: { type: "plain_text_input", value: "replaced by hand" } } };
    await office.workspace.act.submitView({ user: "U0MIRA", viewId, state: why });
    await settle(office);
    expect(office.current().phase).toMatchObject({ kind: "resolved", how: "closed" });
  });
});

describe("/medic", () => {
  it("is answered privately with what the verb says", async () => {
    const office = await open();
    await office.workspace.act.command({ user: "U0MIRA", channel, text: "/medic status" });
    await settle(office);
    expect(office.answer("U0MIRA")).toMatch(/you said status/);
  });

  it("that fails is answered with what failed and what comes next", async () => {
    const office = await open(auto, { runLine: () => Promise.reject(new StoreUnavailable("the list")) });
    await office.workspace.act.command({ user: "U0MIRA", channel, text: "/medic status" });
    await settle(office);
    expect(office.answer("U0MIRA")).toMatch(/did not get through, and nothing was kept.*do it again/);
  });
});

describe("who may approve", () => {
  it("follows a change of the user group at once", async () => {
    const office = await open();
    expect(await office.chat.mayApprove("U0NOOR", { users: [], groups: ["S0PLATFORM"] })).toMatchObject({
      allowed: true,
    });
    office.workspace.setGroup("S0PLATFORM", ["U0MIRA"]);
    await settle(office);
    expect(await office.chat.mayApprove("U0NOOR", { users: [], groups: ["S0PLATFORM"] })).toMatchObject({
      allowed: false,
    });
  });
});
