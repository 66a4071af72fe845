import { describe, expect, it } from "vitest";
import { channelIds, people, userGroupIds } from "../../sandbox/slack/workspace-state.ts";
import { testCard } from "../../src/cli/testCard.ts";
import { now, states } from "../card/cases.ts";
import { openOffice } from "../slack/office.ts";
import { fakeTerminal } from "./fakeTerminal.ts";

const yaml = `
defaults: { region: eu-west-1, channel: ${channelIds.opsAlerts}, approvers: { groups: [${userGroupIds.platform}] } }
services:
  shop-web:
    description: The web shop
    pattern: instance
    target: { instance: i-0a1b2c3d4e5f60001 }
    runbook: https://wiki.example.com/shop-web
`;
const variables = {
  SLACK_BOT_TOKEN: "xoxb-sandbox",
  SLACK_APP_TOKEN: "xapp-sandbox",
  SLACK_API_URL: "http://slack.test/api/",
};

async function bed(change: Readonly<Record<string, string>> = {}, text = yaml) {
  const state = states["auto, clock running"];
  if (state === undefined) throw new Error("no such state");
  const office = await openOffice({ first: state.current, now: () => now });
  const terminal = fakeTerminal({ ...variables, ...change }, { "./medic.yaml": text });
  const run = (service: string) => testCard(service, terminal, (url, init) => office.workspace.fetch(url, init));
  return { office, terminal, run };
}

describe("medic test-card", () => {
  it("posts a card whose every button the running bot answers, and that can start nothing", async () => {
    const { office, terminal, run } = await bed();
    expect(await run("shop-web")).toBe(0);
    expect(terminal.text()).toContain(`posted in ${channelIds.opsAlerts}`);
    const [message] = office.workspace.messages(channelIds.opsAlerts);
    expect(message?.text).toContain("Test card of shop-web");
    const elements = (message?.blocks ?? []).flatMap(
      (block) => (block as { elements?: { action_id?: string }[] }).elements ?? [],
    );
    const buttons = elements.flatMap(({ action_id: actionId }) => actionId ?? []);
    expect(buttons).toHaveLength(3);
    for (const actionId of buttons) {
      await office.workspace.act.click({
        user: people.mira,
        channel: channelIds.opsAlerts,
        ts: message?.ts ?? "",
        actionId,
      });
      await expect.poll(() => office.answer(people.mira)).toContain("This is a test card.");
      expect(office.answer(people.mira)).toContain("You may approve for shop-web.");
    }
    await office.workspace.act.click({
      user: people.sam,
      channel: channelIds.opsAlerts,
      ts: message?.ts ?? "",
      actionId: buttons[0] ?? "",
    });
    await expect.poll(() => office.answer(people.sam)).toContain("would not count");
    expect(office.events).toEqual([]);
  });

  it("says which service was meant, what is missing, and where the bot is not invited", async () => {
    const unknown = await bed();
    expect(await unknown.run("shop-wbe")).toBe(1);
    expect(unknown.terminal.errors()).toContain("Did you mean shop-web?");
    const tokenless = await bed({ SLACK_BOT_TOKEN: "" });
    expect(await tokenless.run("shop-web")).toBe(2);
    expect(tokenless.terminal.errors()).toContain("SLACK_BOT_TOKEN");
    const outside = await bed({}, yaml.replace(channelIds.opsAlerts, channelIds.general));
    expect(await outside.run("shop-web")).toBe(1);
    expect(outside.terminal.errors()).toContain("Invite the bot");
    const broken = await bed({}, "services: []");
    expect(await broken.run("shop-web")).toBe(2);
  });
});
