import type { KnownBlock } from "@slack/types";
import { describe, expect, it } from "vitest";
import { channelIds, messagesKeptPerChannel, people } from "../../sandbox/slack/workspace-state.ts";
import { clientOf, exampleCards, refusal, turnedWorkspace } from "./fixture.ts";

type Blocks = KnownBlock[];
const { opsAlerts, general } = channelIds;

describe("the pretend Slack's Web API, asked by Slack's own client", () => {
  it("says who the bot is and which scopes it has", async () => {
    const { workspace } = turnedWorkspace();
    const answer = await clientOf(workspace).auth.test();
    expect(answer).toMatchObject({ ok: true, user_id: "U0MEDIC", bot_id: "B0MEDIC", team_id: "T0SANDBOX" });
    expect(answer.response_metadata?.scopes).toContain("chat:write");
  });

  it("refuses a wrong token, a missing one, a token of the wrong kind, an unknown method and a missing scope", async () => {
    const { workspace } = turnedWorkspace({ app: { scopes: ["users:read"] } });
    expect(await refusal(clientOf(workspace, "xoxb-wrong").auth.test())).toMatchObject({ error: "invalid_auth" });
    expect(await refusal(clientOf(workspace, "").auth.test())).toMatchObject({ error: "not_authed" });
    expect(await refusal(clientOf(workspace).apps.connections.open())).toMatchObject({
      error: "not_allowed_token_type",
    });
    expect(await refusal(clientOf(workspace).apiCall("chat.sing"))).toMatchObject({ error: "unknown_method" });
    expect(await refusal(clientOf(workspace).chat.postMessage({ channel: opsAlerts, text: "hi" }))).toMatchObject({
      error: "missing_scope",
      needed: "chat:write",
      provided: "users:read",
    });
  });

  it("takes the example card and hands its metadata back with the history", async () => {
    const { workspace } = turnedWorkspace();
    const client = clientOf(workspace);
    const card = exampleCards.prompt;
    const posted = await client.chat.postMessage({
      channel: opsAlerts,
      text: card.text,
      blocks: card.blocks as unknown as Blocks,
      metadata: card.metadata,
    });
    const withMetadata = await client.conversations.history({ channel: opsAlerts, include_all_metadata: true });
    const without = await client.conversations.history({ channel: opsAlerts });
    expect(withMetadata.messages?.[0]).toMatchObject({ ts: posted.ts, metadata: card.metadata, bot_id: "B0MEDIC" });
    expect(without.messages?.[0]).not.toHaveProperty("metadata");
  });

  it("gives every message a greater ts, even within one millisecond", async () => {
    const { workspace } = turnedWorkspace();
    const client = clientOf(workspace);
    const first = await client.chat.postMessage({ channel: opsAlerts, text: "one" });
    const second = await client.chat.postMessage({ channel: opsAlerts, text: "two" });
    expect(Number(second.ts)).toBeGreaterThan(Number(first.ts));
    expect(first.ts).toMatch(/^\d{10}\.\d{6}$/);
  });

  it("keeps replies in their thread, counts them on the root and shows a broadcast in the channel", async () => {
    const { workspace } = turnedWorkspace();
    const client = clientOf(workspace);
    const root = await client.chat.postMessage({ channel: opsAlerts, text: "root" });
    const ts = root.ts ?? "";
    const reply = await client.chat.postMessage({ channel: opsAlerts, text: "reply", thread_ts: ts });
    await client.chat.postMessage({ channel: opsAlerts, text: "nested", thread_ts: reply.ts ?? "" });
    await client.chat.postMessage({ channel: opsAlerts, text: "loud", thread_ts: ts, reply_broadcast: true });
    const replies = await client.conversations.replies({ channel: opsAlerts, ts });
    const history = await client.conversations.history({ channel: opsAlerts });
    expect(replies.messages?.map((each) => each.text)).toEqual(["root", "reply", "nested", "loud"]);
    expect(replies.messages?.[0]).toMatchObject({ reply_count: 3 });
    expect(history.messages?.map((each) => each.text)).toEqual(["loud", "root"]);
    expect(
      await refusal(client.chat.postMessage({ channel: opsAlerts, text: "x", thread_ts: "1.000001" })),
    ).toMatchObject({
      error: "thread_not_found",
    });
  });

  it("pages through a history with cursors and respects oldest and latest", async () => {
    const { workspace, turn } = turnedWorkspace();
    const client = clientOf(workspace);
    const sent: string[] = [];
    for (const text of ["a", "b", "c"]) {
      sent.push((await client.chat.postMessage({ channel: opsAlerts, text })).ts ?? "");
      turn(1_000);
    }
    const first = await client.conversations.history({ channel: opsAlerts, limit: 2 });
    const cursor = first.response_metadata?.next_cursor ?? "";
    const second = await client.conversations.history({ channel: opsAlerts, limit: 2, cursor });
    expect([first.has_more, second.has_more]).toEqual([true, false]);
    expect([...(first.messages ?? []), ...(second.messages ?? [])].map((each) => each.text)).toEqual(["c", "b", "a"]);
    const later = await client.conversations.history({ channel: opsAlerts, oldest: sent[0] ?? "" });
    expect(later.messages?.map((each) => each.text)).toEqual(["c", "b"]);
    expect(await refusal(client.conversations.history({ channel: opsAlerts, cursor: "nonsense" }))).toMatchObject({
      error: "invalid_cursor",
    });
  });

  it("knows channels by name for posting, and refuses where the bot is not, where nobody is, and what is archived", async () => {
    const { workspace } = turnedWorkspace();
    const client = clientOf(workspace);
    await client.chat.postMessage({ channel: "#ops-alerts", text: "by name" });
    expect(workspace.messages("ops-alerts")).toHaveLength(1);
    expect(await refusal(client.chat.postMessage({ channel: "C0NONE", text: "x" }))).toMatchObject({
      error: "channel_not_found",
    });
    expect(await refusal(client.chat.postMessage({ channel: general, text: "x" }))).toMatchObject({
      error: "not_in_channel",
    });
    expect(await refusal(client.conversations.history({ channel: general }))).toMatchObject({
      error: "not_in_channel",
    });
    workspace.archive(opsAlerts);
    expect(await refusal(client.chat.postMessage({ channel: opsAlerts, text: "x" }))).toMatchObject({
      error: "is_archived",
    });
    await client.conversations.join({ channel: general });
    await expect(client.chat.postMessage({ channel: general, text: "now" })).resolves.toMatchObject({ ok: true });
  });

  it("updates and deletes the bot's own messages only", async () => {
    const { workspace } = turnedWorkspace();
    const client = clientOf(workspace);
    const own =
      (await client.chat.postMessage({ channel: opsAlerts, text: "v1", blocks: [{ type: "divider" }] })).ts ?? "";
    await client.chat.update({ channel: opsAlerts, ts: own, text: "v2" });
    expect(workspace.messages(opsAlerts)[0]).toMatchObject({ text: "v2", blocks: [] });
    await workspace.act.say({ user: people.mira, channel: opsAlerts, text: "hello" });
    const hers = workspace.messages(opsAlerts)[1]?.ts ?? "";
    expect(await refusal(client.chat.update({ channel: opsAlerts, ts: hers, text: "x" }))).toMatchObject({
      error: "cant_update_message",
    });
    expect(await refusal(client.chat.delete({ channel: opsAlerts, ts: hers }))).toMatchObject({
      error: "cant_delete_message",
    });
    await client.chat.delete({ channel: opsAlerts, ts: own });
    expect(await refusal(client.chat.update({ channel: opsAlerts, ts: own, text: "x" }))).toMatchObject({
      error: "message_not_found",
    });
  });

  it("keeps metadata through an update that does not mention it", async () => {
    const { workspace } = turnedWorkspace();
    const client = clientOf(workspace);
    const metadata = { event_type: "card", event_payload: { key: "k1" } };
    const { ts } = await client.chat.postMessage({ channel: opsAlerts, text: "v1", metadata });
    await client.chat.update({ channel: opsAlerts, ts: ts ?? "", text: "v2" });
    expect(workspace.messages(opsAlerts)[0]?.metadata).toEqual(metadata);
  });

  it("shows an ephemeral message to its reader only and keeps it out of the history", async () => {
    const { workspace } = turnedWorkspace();
    const client = clientOf(workspace);
    await client.chat.postEphemeral({ channel: opsAlerts, user: people.mira, text: "for you" });
    expect(workspace.ephemeral(people.mira).map((each) => each.text)).toEqual(["for you"]);
    expect(workspace.ephemeral(people.noor)).toEqual([]);
    expect((await client.conversations.history({ channel: opsAlerts })).messages).toEqual([]);
  });

  it("lists people, groups and their members", async () => {
    const { workspace } = turnedWorkspace();
    const client = clientOf(workspace);
    expect((await client.users.list({})).members?.map((each) => each.name)).toEqual([
      "mira",
      "noor",
      "sam",
      "ec2-medic",
    ]);
    expect((await client.users.info({ user: people.sam })).user).toMatchObject({
      real_name: "Sam Lindqvist",
      is_bot: false,
    });
    expect((await client.usergroups.users.list({ usergroup: "S0PLATFORM" })).users).toEqual([people.mira, people.noor]);
    expect(await refusal(client.usergroups.users.list({ usergroup: "S0NONE" }))).toMatchObject({
      error: "no_such_subteam",
    });
    const channels = (await client.conversations.list({ types: "public_channel" })).channels ?? [];
    expect(channels.map((each) => [each.name, each.is_member])).toEqual([
      ["ops-alerts", true],
      ["ops-second", true],
      ["general", false],
    ]);
    expect((await client.conversations.open({ users: people.mira })).channel?.id).toMatch(/^D/);
    expect((await client.chat.postMessage({ channel: people.mira, text: "psst" })).channel).toMatch(/^D/);
  });

  it("forgets the oldest messages of a channel before it grows without end", async () => {
    const { workspace } = turnedWorkspace();
    const client = clientOf(workspace);
    for (let n = 0; n < messagesKeptPerChannel + 5; n += 1)
      await client.chat.postMessage({ channel: opsAlerts, text: `m${n}` });
    expect(workspace.messages(opsAlerts)).toHaveLength(messagesKeptPerChannel);
    expect(workspace.messages(opsAlerts)[0]?.text).toBe("m5");
  });

  it("takes JSON bodies as well as forms", async () => {
    const { workspace } = turnedWorkspace();
    const answer = await workspace.fetch("http://slack.test/api/chat.postMessage", {
      method: "POST",
      headers: { authorization: "Bearer xoxb-sandbox", "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify({ channel: opsAlerts, text: "json", blocks: [{ type: "divider" }] }),
    });
    expect(await answer.json()).toMatchObject({ ok: true, message: { text: "json" } });
  });
});
