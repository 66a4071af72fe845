import { App, HTTPReceiver, SocketModeReceiver, type AppOptions, type Receiver } from "@slack/bolt";
import { afterEach, describe, expect, it } from "vitest";
import { startPretendSlack, type PretendSlack } from "../../sandbox/slack/server.ts";
import { wallClock } from "../../sandbox/slack/wall-clock.ts";
import { channelIds, people } from "../../sandbox/slack/workspace-state.ts";
import { countedIds, createWorkspace, type Workspace } from "../../sandbox/slack/workspace.ts";
import { button, silent, turnedWorkspace } from "./fixture.ts";

const { opsAlerts } = channelIds;
const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function realSlack(): Promise<PretendSlack> {
  const workspace = createWorkspace({ now: wallClock.now, ids: countedIds(), deadlines: wallClock });
  const slack = await startPretendSlack({ workspace });
  ending.push(() => slack.stop());
  return slack;
}

/** A small bot with one of everything: a button that answers privately, a verb, a modal, an event. */
function teach(app: App): { readonly heard: string[] } {
  const heard: string[] = [];
  app.command("/medic", async ({ ack, command, respond, client }) => {
    heard.push(`command ${command.text}`);
    if (command.text === "silent") return;
    if (command.text === "later") {
      await ack();
      await respond({ text: "later, by response_url" });
      return;
    }
    if (command.text === "ask") {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: modal });
      return;
    }
    await ack(`you said ${command.text}`);
  });
  app.action("medic.approve", async ({ ack, body, client }) => {
    await ack();
    heard.push(`approve by ${body.user.id}`);
    await client.chat.postEphemeral({ channel: opsAlerts, user: body.user.id, text: "approved" });
  });
  app.view("medic.choose", async ({ ack, view }) => {
    const reason = view.state.values["reason"]?.["v"]?.value ?? "";
    heard.push(`submitted ${reason}`);
    if (reason === "bad") return ack({ response_action: "errors", errors: { reason: "a better reason, please" } });
    return ack();
  });
  app.event("app_mention", async ({ event }) => void heard.push(`mention ${event.text}`));
  return { heard };
}

const modal = {
  type: "modal" as const,
  callback_id: "medic.choose",
  title: { type: "plain_text" as const, text: "Choose" },
  submit: { type: "plain_text" as const, text: "Run" },
  blocks: [
    {
      type: "input" as const,
      block_id: "reason",
      label: { type: "plain_text" as const, text: "Reason" },
      element: { type: "plain_text_input" as const, action_id: "v" },
    },
  ],
};

function appFor(slack: PretendSlack, options: Partial<AppOptions>): App {
  return new App({
    token: "xoxb-sandbox",
    deferInitialization: true,
    convoStore: false,
    logger: silent,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
    ...options,
  });
}

async function inSocketMode(slack: PretendSlack): Promise<{ heard: string[] }> {
  const receiver = new SocketModeReceiver({
    appToken: "xapp-sandbox",
    logger: silent,
    installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
  });
  const app = appFor(slack, { receiver });
  await app.init();
  await app.start();
  ending.push(() => receiver.client.disconnect());
  return teach(app);
}

async function overHttp(slack: PretendSlack): Promise<{ heard: string[] }> {
  const receiver = new HTTPReceiver({ signingSecret: "sandbox-signing-secret", logger: silent });
  const app = appFor(slack, { receiver });
  await app.init();
  const server = await receiver.start({ port: 0, host: "127.0.0.1" });
  ending.push(async () => {
    server.closeAllConnections();
    await receiver.stop();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  slack.workspace.deliverToUrl(`http://127.0.0.1:${port}/slack/events`);
  return teach(app);
}

async function withCard(workspace: Workspace): Promise<string> {
  const posted = await workspace.fetch("http://slack.test/api/chat.postMessage", {
    method: "POST",
    headers: { authorization: "Bearer xoxb-sandbox", "content-type": "application/json" },
    body: JSON.stringify({
      channel: opsAlerts,
      text: "card",
      blocks: [{ type: "actions", elements: [button("medic.approve", { value: "inc_1|3" })] }],
    }),
  });
  return ((await posted.json()) as { ts: string }).ts;
}

const ways: readonly [string, (slack: PretendSlack) => Promise<{ heard: string[] }>][] = [
  ["Socket Mode", inSocketMode],
  ["signed HTTP requests", overHttp],
];

describe.each(ways)("Bolt through %s", (_way, connect) => {
  it("hears commands, clicks, submissions and mentions, and its answers reach the person", async () => {
    const slack = await realSlack();
    const { workspace } = slack;
    const { heard } = await connect(slack);
    const { mira } = people;

    const said = await workspace.act.command({ user: mira, channel: opsAlerts, text: "/medic status @mira <now>" });
    expect(said).toMatchObject({ kind: "done", replies: [{ text: "you said status <@U0MIRA|mira> &lt;now&gt;" }] });

    await workspace.act.command({ user: mira, channel: opsAlerts, text: "/medic later" });
    await expect.poll(() => workspace.ephemeral(mira).at(-1)?.text).toBe("later, by response_url");

    const ts = await withCard(workspace);
    const click = { user: mira, channel: opsAlerts, ts, actionId: "medic.approve" };
    expect(await workspace.act.click(click)).toMatchObject({ kind: "done" });
    await expect.poll(() => workspace.ephemeral(mira).at(-1)?.text).toBe("approved");

    await workspace.act.command({ user: mira, channel: opsAlerts, text: "/medic ask" });
    await expect.poll(() => workspace.modals(mira).length).toBe(1);
    const viewId = workspace.modals(mira)[0]?.id ?? "";
    const typed = (
      value: string,
    ): { user: string; viewId: string; state: Record<string, Record<string, { value: string }>> } => ({
      user: mira,
      viewId,
      state: { reason: { v: { value } } },
    });
    expect(await workspace.act.submitView(typed(""))).toMatchObject({ kind: "invalid" });
    expect(await workspace.act.submitView(typed("bad"))).toEqual({
      kind: "invalid",
      errors: { reason: "a better reason, please" },
    });
    expect(await workspace.act.submitView(typed("good"))).toMatchObject({ kind: "done", view: null });

    await workspace.act.say({ user: mira, channel: opsAlerts, text: "hey @ec2-medic" });
    await expect.poll(() => heard.at(-1)).toBe("mention hey <@U0MEDIC>");
    expect(heard.filter((each) => each.startsWith("approve"))).toEqual(["approve by U0MIRA"]);
  });
});

describe("Socket Mode on the pretend Slack", () => {
  it("hands each payload to one of several connections, and the survivor gets everything when one goes", async () => {
    const slack = await realSlack();
    const first = await inSocketMode(slack);
    const second = await inSocketMode(slack);
    expect(slack.workspace.dispatcher.count()).toBe(2);
    const say = (n: number): Promise<unknown> =>
      slack.workspace.act.command({ user: people.mira, channel: opsAlerts, text: `/medic ${n}` });
    for (const n of [1, 2, 3, 4]) await say(n);
    expect([first.heard.length, second.heard.length]).toEqual([2, 2]);
    await ending.pop()?.();
    await expect.poll(() => slack.workspace.dispatcher.count()).toBe(1);
    for (const n of [5, 6]) await say(n);
    expect(first.heard.length).toBe(4);
  });

  it("cuts its sockets when Slack goes down and tells the person so", async () => {
    const slack = await realSlack();
    await inSocketMode(slack);
    slack.workspace.faults.setDown("refused");
    await expect.poll(() => slack.workspace.dispatcher.count()).toBe(0);
    const sent = await slack.workspace.act.command({ user: people.mira, channel: opsAlerts, text: "/medic status" });
    expect(sent).toMatchObject({ kind: "refused" });
    slack.workspace.faults.setDown(false);
  });
});

describe("Bolt in the same process, without any socket", () => {
  it("gets payloads through processEvent and answers through the workspace's fetch", async () => {
    const { workspace } = turnedWorkspace();
    let started: App | undefined;
    const receiver: Receiver = {
      init: (app) => void (started = app),
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    };
    const app = new App({
      receiver,
      authorize: () => Promise.resolve({ botToken: "xoxb-sandbox", botId: "B0MEDIC", botUserId: "U0MEDIC" }),
      logger: silent,
      convoStore: false,
      clientOptions: {
        slackApiUrl: "http://slack.test/api/",
        fetch: workspace.fetch,
      },
    });
    const { heard } = teach(app);
    workspace.deliver(async ({ body, ack }) => started?.processEvent({ body: { ...body }, ack }));
    const ts = await withCard(workspace);
    const click = { user: people.noor, channel: opsAlerts, ts, actionId: "medic.approve" };
    expect(await workspace.act.click(click)).toMatchObject({ kind: "done" });
    await expect.poll(() => workspace.inFlight()).toBe(0);
    expect(heard).toEqual(["approve by U0NOOR"]);
    expect(workspace.ephemeral(people.noor).at(-1)?.text).toBe("approved");
  });

  it("tells the person at once when the handler ended without an ack", async () => {
    const { workspace } = turnedWorkspace();
    workspace.deliver(() => Promise.resolve());
    const sent = await workspace.act.command({ user: people.mira, channel: opsAlerts, text: "/medic silent" });
    expect(sent).toEqual({
      kind: "no-response",
      error: "operation_timeout",
      text: '/medic failed with the error "operation_timeout"',
    });
  });
});
