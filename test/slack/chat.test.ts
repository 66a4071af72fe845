import { describe, expect, it } from "vitest";
import { countedIds, createWorkspace } from "../../sandbox/slack/workspace.ts";
import { cardOf } from "../../src/domain/card.ts";
import { ChannelRefused, ChatDown, ChatLimited, ChatUncertain, MessageGone } from "../../src/ports/chat.ts";
import { silentLog } from "../../src/ports/log.ts";
import { createSlackChat } from "../../src/slack/chat.ts";
import { createPeople } from "../../src/slack/people.ts";
import { createSlackWebApi, SlackRefusal, type Fetch } from "../../src/slack/webApi.ts";
import { dossier, minute, now, service, states } from "../card/cases.ts";

const state = states["recovering"];
if (state === undefined) throw new Error("no such state");
const card = cardOf({ ...state, dossier, service, now });

function open(more: { fetch?: Fetch; timeoutMs?: number } = {}) {
  let time = now;
  const workspace = createWorkspace({ now: () => time, ids: countedIds() });
  const fetch: Fetch = more.fetch ?? ((url, init) => workspace.fetch(url, init));
  const api = createSlackWebApi({
    token: "xoxb-sandbox",
    apiUrl: "http://slack.test/api",
    fetch,
    timeoutMs: more.timeoutMs,
  });
  const clock = { now: () => time, sleep: async () => undefined };
  const people = createPeople({ api, clock, teamId: () => workspace.core.state.team.id });
  const chat = createSlackChat({ api, people, log: silentLog });
  return { workspace, api, people, chat, pass: (ms: number) => (time += ms) };
}

describe("a card in Slack", () => {
  it("is posted, updated, answered in its thread and found again by its key", async () => {
    const { chat, workspace } = open();
    const ref = await chat.post("#ops-alerts", card);
    expect(ref.channel).toBe("C0OPSALERTS");
    await chat.update(ref, { ...card, version: card.version + 1 });
    const reply = await chat.reply(ref, ["held"], { key: "k/1", broadcast: true });
    expect(await chat.find("#ops-alerts", card.key, now - minute)).toEqual(ref);
    expect(await chat.find("#ops-alerts", "another", now - minute)).toBeUndefined();
    expect(await chat.findReply(ref, "k/1")).toEqual(reply);
    expect(await chat.findReply(ref, "k/2")).toBeUndefined();
    const [posted] = workspace.messages("ops-alerts");
    expect(posted?.metadata).toMatchObject({ event_payload: { key: card.key, version: card.version + 1 } });
    expect(posted?.blocks.map((block) => block["type"])).toContain("plan");
  });

  it("falls back to plain blocks where a new one is refused, and remembers it for the workspace", async () => {
    const { chat, workspace } = open();
    workspace.faults.refuseBlockTypes(["data_visualization", "plan", "task_card"]);
    const calls: string[] = [];
    workspace.onCall(({ method }) => calls.push(method));
    await chat.post("#ops-alerts", card);
    const types = workspace.messages("ops-alerts")[0]?.blocks.map((block) => block["type"]);
    expect(types).toContain("rich_text");
    expect(types).not.toContain("data_visualization");
    expect([...chat.refused].sort()).toEqual(["chart", "plan"]);
    const before = calls.length;
    await chat.post("#ops-alerts", card);
    expect(calls.length - before).toBe(1);
  });
});

describe("what Slack answers", () => {
  it.each([
    ["is_archived", ChannelRefused],
    ["not_in_channel", ChannelRefused],
    ["channel_not_found", ChannelRefused],
    ["internal_error", ChatUncertain],
    ["service_unavailable", ChatDown],
    ["invalid_auth", SlackRefusal],
  ] as const)("%s is told apart", async (error, kind) => {
    const { chat, workspace } = open();
    workspace.faults.failWith({ method: "chat.postMessage", error, times: 1 });
    await expect(chat.post("#ops-alerts", card)).rejects.toBeInstanceOf(kind);
  });

  it("429 says how long to wait", async () => {
    const { chat, workspace } = open();
    workspace.faults.rateLimit({ method: "chat.postMessage", retryAfterS: 7, times: 1 });
    await expect(chat.post("#ops-alerts", card)).rejects.toMatchObject({
      constructor: ChatLimited,
      retryAfterMs: 7_000,
    });
  });

  it("that is lost after Slack took the message is uncertain, and the message can be found", async () => {
    const { chat, workspace } = open();
    workspace.faults.loseAnswers({ method: "chat.postMessage", times: 1 });
    await expect(chat.post("#ops-alerts", card)).rejects.toBeInstanceOf(ChatUncertain);
    expect(await chat.find("#ops-alerts", card.key, now - minute)).toBeDefined();
  });

  it("503 is down, and a deleted message is gone", async () => {
    const { chat, workspace } = open();
    const ref = await chat.post("#ops-alerts", card);
    await expect(chat.update({ ...ref, ts: "1.000001" }, card)).rejects.toBeInstanceOf(MessageGone);
    workspace.faults.setDown("unavailable");
    await expect(chat.post("#ops-alerts", card)).rejects.toBeInstanceOf(ChatDown);
  });

  it("a connection that was never made is down; one that broke later is uncertain", async () => {
    const refused = Object.assign(new TypeError("fetch failed"), {
      cause: Object.assign(new Error("no"), { code: "ECONNREFUSED" }),
    });
    await expect(open({ fetch: () => Promise.reject(refused) }).chat.post("#ops-alerts", card)).rejects.toBeInstanceOf(
      ChatDown,
    );
    const reset = Object.assign(new TypeError("fetch failed"), {
      cause: Object.assign(new Error("no"), { code: "ECONNRESET" }),
    });
    await expect(open({ fetch: () => Promise.reject(reset) }).chat.post("#ops-alerts", card)).rejects.toBeInstanceOf(
      ChatUncertain,
    );
  });

  it("never coming is uncertain after the time limit", async () => {
    const silent: Fetch = (_url, init) =>
      new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    await expect(open({ fetch: silent, timeoutMs: 20 }).chat.post("#ops-alerts", card)).rejects.toBeInstanceOf(
      ChatUncertain,
    );
  });
});

describe("who may approve", () => {
  const group = { users: [], groups: ["S0PLATFORM"] };
  const asUser = (id: string) => ({ users: [id], groups: [] });

  it("is whoever is named or in a named group, and nobody when nobody is configured", async () => {
    const { chat } = open();
    expect((await chat.mayApprove("U0NOOR", group)).allowed).toBe(true);
    expect((await chat.mayApprove("U0SAM", asUser("U0SAM"))).allowed).toBe(true);
    expect((await chat.mayApprove("U0SAM", group)).allowed).toBe(false);
    expect(await chat.mayApprove("U0MIRA", { users: [], groups: [] })).toMatchObject({
      allowed: false,
      detail: expect.stringMatching(/no approvers are configured/) as unknown,
    });
  });

  it.each(["isRestricted", "deleted", "isBot"] as const)(
    "is never somebody who is %s, even when named",
    async (flag) => {
      const { chat, workspace } = open();
      const sam = workspace.core.state.users.get("U0SAM");
      if (sam) workspace.core.state.users.set("U0SAM", { ...sam, [flag]: true });
      expect((await chat.mayApprove("U0SAM", asUser("U0SAM"))).allowed).toBe(false);
    },
  );

  it("is trusted from memory for a quarter of an hour when Slack is silent, and then refused", async () => {
    const { chat, workspace, pass } = open();
    expect((await chat.mayApprove("U0NOOR", group)).allowed).toBe(true);
    workspace.faults.setDown("unavailable");
    pass(14 * minute);
    expect((await chat.mayApprove("U0NOOR", group)).allowed).toBe(true);
    pass(2 * minute);
    expect((await chat.mayApprove("U0NOOR", group)).allowed).toBe(false);
  });

  it("is asked anew after a change that Slack has told, never answered from before it", async () => {
    const { chat, workspace, people } = open();
    expect((await chat.mayApprove("U0NOOR", group)).allowed).toBe(true);
    people.forgetGroup("S0PLATFORM");
    workspace.faults.setDown("unavailable");
    expect((await chat.mayApprove("U0NOOR", group)).allowed).toBe(false);
  });
});
