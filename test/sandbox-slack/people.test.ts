import { describe, expect, it } from "vitest";
import type { InProcessEvent } from "../../sandbox/slack/in-process-listener.ts";
import type { Json } from "../../sandbox/slack/model.ts";
import { channelIds, people } from "../../sandbox/slack/workspace-state.ts";
import type { Workspace } from "../../sandbox/slack/workspace.ts";
import { button, clientOf, exampleCards, refusal, turnedWorkspace } from "./fixture.ts";

const { opsAlerts } = channelIds;
const { mira, sam } = people;

async function posted(workspace: Workspace, blocks: readonly unknown[]): Promise<string> {
  const answer = await clientOf(workspace).apiCall("chat.postMessage", { channel: opsAlerts, text: "card", blocks });
  return String((answer as { ts?: string }).ts);
}

/** Acknowledges everything and keeps what came. */
function listening(workspace: Workspace, answer: (body: Json) => unknown = () => undefined): InProcessEvent[] {
  const events: InProcessEvent[] = [];
  workspace.deliver(async (event) => {
    events.push(event);
    await event.ack(answer(event.body));
  });
  return events;
}

describe("people in the pretend Slack", () => {
  it("are asked by the confirm dialog first and the app hears only of the yes", async () => {
    const { workspace } = turnedWorkspace();
    const events = listening(workspace);
    const ts = await posted(workspace, exampleCards.prompt.blocks);
    const click = { user: mira, channel: opsAlerts, ts, actionId: "medic.approve" };
    expect(await workspace.act.click(click)).toMatchObject({
      kind: "confirm",
      dialog: { confirm: "Stop and start", danger: true },
    });
    expect(events).toHaveLength(0);
    expect(await workspace.act.confirm(click)).toMatchObject({ kind: "done" });
    expect(events[0]?.body).toMatchObject({
      type: "block_actions",
      user: { id: mira },
      channel: { id: opsAlerts },
      container: { message_ts: ts, is_ephemeral: false },
      actions: [{ action_id: "medic.approve", value: "inc_1042|3|stop_start", type: "button" }],
    });
  });

  it("press what they saw, even when the message was updated meanwhile; the app is told the old value", async () => {
    const { workspace } = turnedWorkspace();
    const events = listening(workspace);
    const row = (n: number): unknown[] => [
      { type: "actions", block_id: `v${n}`, elements: [button("go", { value: `proposal ${n}` })] },
    ];
    const ts = await posted(workspace, row(1));
    await clientOf(workspace).apiCall("chat.update", { channel: opsAlerts, ts, text: "card", blocks: row(2) });
    const seen = { user: mira, channel: opsAlerts, ts, actionId: "go", blockId: "v1", value: "proposal 1" };
    expect(await workspace.act.click(seen)).toMatchObject({ kind: "done" });
    expect(events[0]?.body["actions"]).toMatchObject([{ action_id: "go", block_id: "v1", value: "proposal 1" }]);
    await clientOf(workspace).apiCall("chat.update", { channel: opsAlerts, ts, text: "decided" });
    expect(await workspace.act.click(seen)).toMatchObject({ kind: "refused" });
    expect(events).toHaveLength(1);
  });

  it("choose from an overflow menu and cannot choose what is not in it", async () => {
    const { workspace } = turnedWorkspace();
    const events = listening(workspace);
    const ts = await posted(workspace, exampleCards.prompt.blocks);
    const choose = (value: string): Promise<unknown> =>
      workspace.act.selectOverflow({ user: mira, channel: opsAlerts, ts, actionId: "medic.more", value });
    await choose("evidence|inc_1042|3");
    expect(events[0]?.body["actions"]).toMatchObject([{ selected_option: { value: "evidence|inc_1042|3" } }]);
    expect(await choose("nonsense")).toMatchObject({ kind: "refused" });
  });

  it("cannot press what is gone, nor in an archived channel, nor where they are not", async () => {
    const { workspace } = turnedWorkspace();
    listening(workspace);
    const ts = await posted(workspace, [{ type: "actions", elements: [button("go")] }]);
    const click = { user: mira, channel: opsAlerts, ts, actionId: "go" };
    expect(await workspace.act.click({ ...click, actionId: "gone" })).toMatchObject({ kind: "refused" });
    expect(await workspace.act.click({ ...click, user: "U0NOBODY" })).toMatchObject({ kind: "refused" });
    workspace.archive(opsAlerts);
    expect(await workspace.act.click(click)).toEqual({ kind: "refused", reason: "This channel is archived." });
  });

  it("type names and angle brackets, and Slack turns them into ids and escapes", async () => {
    const { workspace } = turnedWorkspace();
    await workspace.act.say({ user: mira, channel: opsAlerts, text: "@noor 1 < 2 & #general, <@U0SAM>" });
    expect(workspace.messages(opsAlerts)[0]?.text).toBe("<@U0NOOR> 1 &lt; 2 &amp; <#C0GENERAL>, <@U0SAM>");
  });

  it("learn after three seconds that the app does not answer", async () => {
    const { workspace, turn } = turnedWorkspace();
    workspace.deliver(() => new Promise(() => undefined));
    const ts = await posted(workspace, [{ type: "actions", elements: [button("go")] }]);
    const click = workspace.act.click({ user: mira, channel: opsAlerts, ts, actionId: "go" });
    turn(2_999);
    turn(1);
    expect(await click).toMatchObject({ kind: "no-response", error: "operation_timeout" });
  });

  it("learn at once when nobody is connected", async () => {
    const { workspace } = turnedWorkspace();
    const said = await workspace.act.command({ user: mira, channel: opsAlerts, text: "/medic status" });
    expect(said).toMatchObject({ kind: "no-response", error: "dispatch_failed" });
    expect(workspace.ephemeral(mira).at(-1)?.text).toContain("dispatch_failed");
  });

  it("get a command's answer privately, or in the channel when the app says so", async () => {
    const { workspace } = turnedWorkspace();
    listening(workspace, (body) => ({
      text: "hi",
      response_type: body["text"] === "loud" ? "in_channel" : "ephemeral",
    }));
    await workspace.act.command({ user: sam, channel: opsAlerts, text: "/medic quiet" });
    await workspace.act.command({ user: sam, channel: opsAlerts, text: "/medic loud" });
    expect(workspace.ephemeral(sam).map((each) => each.text)).toEqual(["hi"]);
    expect(workspace.messages(opsAlerts).map((each) => each.text)).toEqual(["hi"]);
  });

  it("receive at most five answers from one response_url, none after half an hour", async () => {
    const { workspace, turn } = turnedWorkspace();
    const events = listening(workspace);
    const say = (url: unknown): Promise<Response> =>
      workspace.fetch(String(url), { method: "POST", body: JSON.stringify({ text: "hello" }) });
    await workspace.act.command({ user: mira, channel: opsAlerts, text: "/medic x" });
    const first = events[0]?.body["response_url"];
    for (let n = 0; n < 5; n += 1) expect((await say(first)).status).toBe(200);
    expect(await (await say(first)).json()).toEqual({ ok: false, error: "used_url" });
    await workspace.act.command({ user: mira, channel: opsAlerts, text: "/medic y" });
    turn(30 * 60_000 + 1);
    expect(await (await say(events[1]?.body["response_url"])).json()).toEqual({ ok: false, error: "expired_url" });
  });

  it("see a button's private answer replaced or removed through its response_url", async () => {
    const { workspace } = turnedWorkspace();
    const events = listening(workspace);
    const blocks = [{ type: "actions", elements: [button("more")] }];
    await clientOf(workspace).apiCall("chat.postEphemeral", { channel: opsAlerts, user: mira, text: "held", blocks });
    const ephemeralId = workspace.ephemeral(mira)[0]?.id ?? "";
    await workspace.act.click({ user: mira, ephemeralId, actionId: "more" });
    const url = String(events[0]?.body["response_url"]);
    const send = (body: object): Promise<Response> =>
      workspace.fetch(url, { method: "POST", body: JSON.stringify(body) });
    await send({ replace_original: true, text: "held longer" });
    expect(workspace.ephemeral(mira)).toMatchObject([{ id: ephemeralId, text: "held longer", blocks: [] }]);
    await send({ delete_original: true });
    expect(workspace.ephemeral(mira)).toEqual([]);
  });
});

describe("modals in the pretend Slack", () => {
  const view = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
    type: "modal",
    callback_id: "c",
    title: { type: "plain_text", text: "Title" },
    blocks: [{ type: "section", text: { type: "mrkdwn", text: "hi" } }],
    ...more,
  });

  async function trigger(workspace: Workspace): Promise<string> {
    const events: string[] = [];
    const stop = workspace.deliver(async ({ body, ack }) => {
      events.push(String(body["trigger_id"]));
      await ack();
    });
    await workspace.act.command({ user: mira, channel: opsAlerts, text: "/medic x" });
    stop();
    return events[0] ?? "";
  }

  it("open once for each trigger, within three seconds", async () => {
    const { workspace, turn } = turnedWorkspace();
    const client = clientOf(workspace);
    const first = await trigger(workspace);
    const open = (trigger_id: string): Promise<unknown> => client.apiCall("views.open", { trigger_id, view: view() });
    await open(first);
    expect(await refusal(open(first))).toMatchObject({ error: "exchanged_trigger_id" });
    const late = await trigger(workspace);
    turn(3_001);
    expect(await refusal(open(late))).toMatchObject({ error: "expired_trigger_id" });
    expect(await refusal(open("T-none"))).toMatchObject({ error: "invalid_trigger_id" });
  });

  it("stack at most three, and the hash guards an update", async () => {
    const { workspace } = turnedWorkspace();
    const client = clientOf(workspace);
    const call = async (method: string): Promise<unknown> =>
      client.apiCall(method, { trigger_id: await trigger(workspace), view: view() });
    await call("views.open");
    await call("views.push");
    await call("views.push");
    expect(await refusal(call("views.push"))).toMatchObject({ error: "push_limit_reached" });
    const top = workspace.modals(mira).at(-1);
    const update = { view_id: top?.id, hash: top?.hash, view: view({ title: { type: "plain_text", text: "New" } }) };
    await client.apiCall("views.update", update);
    expect(workspace.modals(mira).at(-1)?.title).toBe("New");
    expect(await refusal(client.apiCall("views.update", update))).toMatchObject({ error: "hash_conflict" });
    expect(await refusal(client.apiCall("views.update", { view_id: "V-none", view: view() }))).toMatchObject({
      error: "not_found",
    });
  });

  it("tell the app when they are closed, if it asked for that", async () => {
    const { workspace } = turnedWorkspace();
    await clientOf(workspace).apiCall("views.open", {
      trigger_id: await trigger(workspace),
      view: view({ notify_on_close: true }),
    });
    const events = listening(workspace);
    await workspace.act.closeView({ user: mira, viewId: workspace.modals(mira)[0]?.id ?? "" });
    expect(events[0]?.body).toMatchObject({ type: "view_closed", is_cleared: false });
    expect(workspace.modals(mira)).toEqual([]);
  });

  it("follow the response_action of a submission: update, push, clear", async () => {
    const { workspace } = turnedWorkspace();
    await clientOf(workspace).apiCall("views.open", { trigger_id: await trigger(workspace), view: view() });
    const answers = [
      { response_action: "update", view: view({ callback_id: "second" }) },
      { response_action: "push", view: view({ callback_id: "third" }) },
      { response_action: "clear" },
    ];
    listening(workspace, () => answers.shift());
    const submit = (): Promise<unknown> =>
      workspace.act.submitView({ user: mira, viewId: workspace.modals(mira).at(-1)?.id ?? "", state: {} });
    const stack = (): string[] => workspace.modals(mira).map((each) => each.callbackId);
    await submit();
    expect(stack()).toEqual(["second"]);
    await submit();
    expect(stack()).toEqual(["second", "third"]);
    await submit();
    expect(stack()).toEqual([]);
  });

  it("are refused with pointers when Slack would not show them", async () => {
    const { workspace } = turnedWorkspace();
    const bad = view({
      title: { type: "plain_text", text: "A title that is longer than it may be" },
      blocks: [{ type: "plan", title: "not here" }],
    });
    const answer = await refusal(
      clientOf(workspace).apiCall("views.open", { trigger_id: await trigger(workspace), view: bad }),
    );
    expect(answer).toMatchObject({ error: "invalid_arguments" });
    expect(JSON.stringify(answer)).toContain("/view/title");
    expect(JSON.stringify(answer)).toContain("plan is not allowed in a modal");
  });

  it("publish a Home tab that the person opened", async () => {
    const { workspace } = turnedWorkspace();
    const events = listening(workspace);
    await workspace.act.openHome({ user: mira });
    expect(events[0]?.body).toMatchObject({ event: { type: "app_home_opened", tab: "home", user: mira } });
    await clientOf(workspace).apiCall("views.publish", {
      user_id: mira,
      view: { type: "home", blocks: [{ type: "divider" }] },
    });
    expect(workspace.core.state.homes.get(mira)?.blocks).toHaveLength(1);
  });
});
