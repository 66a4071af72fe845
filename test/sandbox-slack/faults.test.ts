import type { KnownBlock } from "@slack/types";
import { describe, expect, it } from "vitest";
import { channelIds, people } from "../../sandbox/slack/workspace-state.ts";
import { clientOf, exampleCards, refusal, turnedWorkspace } from "./fixture.ts";

const { opsAlerts } = channelIds;
type Blocks = KnownBlock[];

describe("what can go wrong with the pretend Slack", () => {
  it("breaks every call while it is down and answers again afterwards", async () => {
    const { workspace } = turnedWorkspace();
    workspace.faults.setDown("refused");
    await expect(clientOf(workspace).auth.test()).rejects.toMatchObject({ code: "slack_webapi_request_error" });
    workspace.faults.setDown("unavailable");
    await expect(clientOf(workspace).auth.test()).rejects.toMatchObject({ statusCode: 503 });
    expect(await workspace.act.command({ user: people.mira, channel: opsAlerts, text: "/medic status" })).toMatchObject(
      {
        kind: "refused",
      },
    );
    workspace.faults.setDown(false);
    await expect(clientOf(workspace).auth.test()).resolves.toMatchObject({ ok: true });
  });

  it("posts the message and loses the answer, so that only the history can tell", async () => {
    const { workspace } = turnedWorkspace();
    workspace.faults.loseAnswers({ method: "chat.postMessage", times: 1 });
    await expect(clientOf(workspace).chat.postMessage({ channel: opsAlerts, text: "once" })).rejects.toThrow();
    expect(workspace.messages(opsAlerts).map((each) => each.text)).toEqual(["once"]);
  });

  it("answers 429 with Retry-After as often as told", async () => {
    const { workspace } = turnedWorkspace();
    workspace.faults.rateLimit({ method: "chat.update", retryAfterS: 7, times: 1 });
    const client = clientOf(workspace);
    const { ts } = await client.chat.postMessage({ channel: opsAlerts, text: "v1" });
    const update = { channel: opsAlerts, ts: ts ?? "", text: "v2" };
    await expect(client.chat.update(update)).rejects.toMatchObject({ retryAfter: 7 });
    await expect(client.chat.update(update)).resolves.toMatchObject({ ok: true });
  });

  it("holds the published rate limits when asked: one post a second in a channel, fifty updates a minute in all", async () => {
    const { workspace, turn } = turnedWorkspace();
    workspace.faults.enforceRateLimits(true);
    const client = clientOf(workspace);
    const { ts } = await client.chat.postMessage({ channel: opsAlerts, text: "1" });
    for (const text of ["2", "3"]) await client.chat.postMessage({ channel: opsAlerts, text });
    await expect(client.chat.postMessage({ channel: opsAlerts, text: "4" })).rejects.toMatchObject({ retryAfter: 3 });
    await expect(client.chat.postMessage({ channel: channelIds.opsSecond, text: "1" })).resolves.toMatchObject({
      ok: true,
    });
    turn(3_000);
    await client.chat.postMessage({ channel: opsAlerts, text: "4" });
    const update = { channel: opsAlerts, ts: ts ?? "", text: "again" };
    for (let n = 0; n < 50; n += 1) await client.chat.update(update);
    await expect(client.chat.update(update)).rejects.toMatchObject({ retryAfter: 60 });
    turn(60_000);
    await expect(client.chat.update(update)).resolves.toMatchObject({ ok: true });
  });

  it("refuses newer blocks where told, in Slack's words, so that a fallback can be tried", async () => {
    const { workspace } = turnedWorkspace();
    workspace.faults.refuseBlockTypes(["plan"]);
    const blocks = exampleCards.progress.blocks as unknown as Blocks;
    const answer = await refusal(clientOf(workspace).chat.postMessage({ channel: opsAlerts, text: "x", blocks }));
    expect(answer).toMatchObject({
      error: "invalid_blocks",
      response_metadata: { messages: ["[ERROR] unsupported type: plan [json-pointer:/blocks/2/type]"] },
    });
    workspace.faults.refuseBlockTypes([]);
    await clientOf(workspace).chat.postMessage({ channel: opsAlerts, text: "x", blocks });
  });

  it("fails a method with any error for as many calls as told", async () => {
    const { workspace } = turnedWorkspace();
    workspace.faults.failWith({ method: "chat.postMessage", error: "internal_error", times: 1 });
    const say = (): Promise<unknown> => clientOf(workspace).chat.postMessage({ channel: opsAlerts, text: "x" });
    expect(await refusal(say())).toMatchObject({ error: "internal_error" });
    await say();
  });

  it("is as on the first day after a reset", async () => {
    const { workspace } = turnedWorkspace();
    workspace.faults.setDown("refused");
    workspace.faults.clear();
    await clientOf(workspace).chat.postMessage({ channel: opsAlerts, text: "x" });
    workspace.archive(opsAlerts);
    workspace.reset();
    expect(workspace.messages(opsAlerts)).toEqual([]);
    expect(workspace.channelNamed("ops-alerts").isArchived).toBe(false);
  });
});
