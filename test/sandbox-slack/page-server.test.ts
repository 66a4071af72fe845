import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { PageToServer, ServerToPage, SlackSnapshot } from "../../sandbox/page-protocol.ts";
import { startPageServer } from "../../sandbox/page-server.ts";
import { applyPatches, timeline } from "../../sandbox/page/src/slack-state.ts";
import { channelIds, people } from "../../sandbox/slack/workspace-state.ts";
import { button, clientOf, turnedWorkspace } from "./fixture.ts";
import { pretendPanel } from "./pretend-panel.ts";

const { opsAlerts } = channelIds;
const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function served() {
  const root = await mkdtemp(join(tmpdir(), "page-"));
  ending.push(() => rm(root, { recursive: true }));
  await writeFile(join(root, "index.html"), "<title>page</title>");
  const { workspace } = turnedWorkspace();
  const panel = pretendPanel();
  const server = await startPageServer({ workspace, panel, root });
  ending.push(() => server.stop());
  return { workspace, panel, url: server.url };
}

/** A page without a browser: keeps what it is told, as the real one does. */
async function openPage(url: string) {
  const socket = new WebSocket(new URL("page", url.replace("http", "ws")), {
    headers: { origin: new URL(url).origin },
  });
  let slack: SlackSnapshot | null = null;
  const heard: ServerToPage[] = [];
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString("utf8")) as ServerToPage;
    heard.push(message);
    if (message.type === "slack") slack = message.snapshot;
    if (message.type === "slack-patch" && slack !== null) slack = applyPatches(slack, message.patches);
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  ending.push(async () => socket.terminate());
  let id = 0;
  return {
    slack: () => slack,
    account: () => heard.filter((each) => each.type === "account").at(-1)?.account,
    send: async (request: PageToServer extends infer R ? (R extends unknown ? Omit<R, "id"> : never) : never) => {
      const mine = ++id;
      socket.send(JSON.stringify({ ...request, id: mine }));
      await expect.poll(() => heard.some((each) => each.type === "result" && each.id === mine)).toBe(true);
      return heard.find((each) => each.type === "result" && each.id === mine);
    },
  };
}

describe("the server behind the page", () => {
  it("shows one person what that person may see, and another what the other may", async () => {
    const { workspace, url } = await served();
    const page = await openPage(url);
    await expect.poll(() => page.slack()?.person).toBe(people.mira);
    const client = clientOf(workspace);
    await client.chat.postMessage({ channel: opsAlerts, text: "for all" });
    await client.chat.postEphemeral({ channel: opsAlerts, user: people.mira, text: "for Mira" });
    const texts = (): (string | undefined)[] | undefined => {
      const slack = page.slack();
      if (slack === null) return undefined;
      return timeline(slack, opsAlerts, null).map((each) =>
        each.kind === "message" ? each.message.text : each.ephemeral.text,
      );
    };
    await expect.poll(texts).toEqual(["for all", "for Mira"]);
    await page.send({ type: "person", user: people.sam });
    await expect.poll(texts).toEqual(["for all"]);
  });

  it("carries a click to the app as the person chosen, and the app's answer back", async () => {
    const { workspace, url } = await served();
    const seen: unknown[] = [];
    workspace.deliver(async ({ body, ack }) => {
      seen.push((body["user"] as { id: string }).id);
      await ack();
    });
    const { ts } = (await clientOf(workspace).apiCall("chat.postMessage", {
      channel: opsAlerts,
      text: "card",
      blocks: [{ type: "actions", elements: [button("go")] }],
    })) as { ts?: string };
    const page = await openPage(url);
    await page.send({ type: "person", user: people.noor });
    const result = await page.send({ type: "click", act: { channel: opsAlerts, ts: ts ?? "", actionId: "go" } });
    expect(result).toMatchObject({ result: { kind: "done" } });
    expect(seen).toEqual([people.noor]);
  });

  it("breaks, mends, speeds up and resets the account, and says why something cannot be broken", async () => {
    const { panel, url } = await served();
    const page = await openPage(url);
    await page.send({ type: "break", what: "kernel-hangs", target: "i-0f3a9c2e71b4d5a60" });
    await page.send({ type: "speed", speed: 60 });
    await expect.poll(() => page.account()?.speed).toBe(60);
    const refused = await page.send({ type: "break", what: "host-fails", target: "i-none" });
    expect(refused).toMatchObject({ error: "There is nothing called i-none to break." });
    await page.send({ type: "reset" });
    expect(panel.done).toEqual(["break kernel-hangs i-0f3a9c2e71b4d5a60", "speed 60", "reset"]);
  });

  it("takes Slack itself down without asking the account", async () => {
    const { workspace, panel, url } = await served();
    const page = await openPage(url);
    await page.send({ type: "break", what: "slack-down", target: "slack" });
    expect(workspace.faults.down).toBe("refused");
    await expect.poll(() => page.slack()?.down).toBe(true);
    await expect.poll(() => page.account()?.faults.find((each) => each.what === "slack-down")?.active).toBe(true);
    await page.send({ type: "mend", what: "slack-down", target: "slack" });
    expect([workspace.faults.down, panel.done]).toEqual([false, []]);
  });

  it("survives nonsense on the socket", async () => {
    const { url } = await served();
    const page = await openPage(url);
    const send = page.send as (request: unknown) => Promise<ServerToPage | undefined>;
    expect(await send({ type: "click" })).toHaveProperty("result");
    expect(await send({ type: "command", act: { channel: 5 } })).toBeDefined();
    expect(await send({ type: "person", user: "U0NOBODY" })).toMatchObject({ error: "There is no such person here." });
  });

  it("serves the built page and nothing outside of its folder, and no socket to another site", async () => {
    const { url } = await served();
    expect(await (await fetch(url)).text()).toContain("<title>page</title>");
    expect((await fetch(new URL("..%2f..%2fpackage.json", url))).status).toBe(404);
    const foreign = new WebSocket(new URL("page", url.replace("http", "ws")), {
      headers: { origin: "https://example.com" },
    });
    await expect(new Promise((_resolve, reject) => foreign.once("error", reject))).rejects.toThrow();
  });
});
