import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { startPretendSlack, type PretendSlack } from "../../sandbox/slack/server.ts";
import { countedIds, createWorkspace } from "../../sandbox/slack/workspace.ts";
import { channelIds } from "../../sandbox/slack/workspace-state.ts";
import { wallClock as pretendClock } from "../../sandbox/slack/wall-clock.ts";
import { wallClock } from "../../src/ports/clock.ts";
import type { Connection } from "../../src/slack/receivers.ts";
import { states } from "../card/cases.ts";
import { furnish, type Office, type OfficeOptions } from "./office.ts";

const channel = channelIds.opsAlerts;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(
  connection: (slack: PretendSlack) => Connection,
  more: Partial<OfficeOptions> = {},
): Promise<{ slack: PretendSlack; office: Office }> {
  const workspace = createWorkspace({ now: () => pretendClock.now(), ids: countedIds(), deadlines: pretendClock });
  const slack = await startPretendSlack({ workspace });
  closing.push(() => slack.stop());
  const first = states["auto, clock running"]?.current;
  if (first === undefined) throw new Error("no case");
  const office = await furnish(
    { first, now: () => wallClock.now(), ...more },
    { workspace, apiUrl: slack.apiUrl, connection: connection(slack), clock: wallClock },
  );
  closing.push(() => office.app.stop(1_000));
  return { slack, office };
}

const socket = (slack: PretendSlack): Connection => ({
  kind: "socket",
  appToken: slack.workspace.core.state.app.appToken,
});

async function until(holds: () => boolean, what: string): Promise<void> {
  const end = wallClock.now() + 8_000;
  while (!holds()) {
    if (wallClock.now() > end) throw new Error(`still not: ${what}`);
    await wallClock.sleep(10);
  }
}

describe("Socket Mode", () => {
  it("takes clicks over two sockets and answers them", async () => {
    const { office } = await open(socket);
    await office.app.start();
    await until(() => office.app.health().connected === 2, "two sockets open");
    const ts = await office.post();
    const result = await office.workspace.act.click({ user: "U0MIRA", channel, ts, actionId: "medic.hold" });
    expect(result.kind).toBe("done");
    await until(() => office.answer("U0MIRA") !== "", "answered");
    expect(office.current().hold).toBeDefined();
    expect(office.app.health().lastEnvelopeAt).toBeDefined();
  });

  it("opens both sockets again after they were cut", async () => {
    const { office, slack } = await open(socket);
    await office.app.start();
    await until(() => office.app.health().connected === 2, "two sockets open");
    slack.sockets.cut();
    await until(() => office.app.health().connected < 2, "the cut is noticed");
    await until(() => office.app.health().connected === 2, "two sockets open again");
    const ts = await office.post();
    const result = await office.workspace.act.click({ user: "U0MIRA", channel, ts, actionId: "medic.hold" });
    expect(result.kind).toBe("done");
  });

  it("comes back by itself after an outage", async () => {
    const { office, slack } = await open(socket);
    await office.app.start();
    slack.workspace.faults.setDown("unavailable");
    await until(() => office.app.health().connected === 0, "cut off");
    slack.workspace.faults.clear();
    await until(() => office.app.health().connected >= 1, "connected again");
    const ts = await office.post();
    await office.workspace.act.click({ user: "U0MIRA", channel, ts, actionId: "medic.hold" });
    await until(() => office.current().hold !== undefined, "held");
  }, 20_000);

  it("says what is wrong when the token is", async () => {
    const { office } = await open(() => ({ kind: "socket", appToken: "xapp-wrong" }));
    await expect(office.app.start()).rejects.toMatchObject({ code: "slack-not-started" });
  });
});

describe("HTTP", () => {
  async function served(): Promise<{ office: Office; server: Server; url: string }> {
    const { office, slack } = await open(() => ({ kind: "http", signingSecret: "sandbox-signing-secret" }));
    const listener = office.app.listener;
    if (listener === undefined) throw new Error("no listener");
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => server.close(() => resolve())));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
    slack.workspace.deliverToUrl(url);
    await office.app.start();
    return { office, server, url };
  }

  it("takes signed clicks on the bot's own server", async () => {
    const { office } = await served();
    const ts = await office.post();
    const result = await office.workspace.act.click({ user: "U0MIRA", channel, ts, actionId: "medic.hold" });
    expect(result.kind).toBe("done");
    await until(() => office.answer("U0MIRA") !== "", "answered");
    expect(office.current().hold).toBeDefined();
  });

  it("refuses what is not signed, and another path", async () => {
    const { url } = await served();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await fetch(url, { method: "POST", headers, body: Buffer.from("payload={}") })).status).toBe(401);
    expect((await fetch(url.replace("/slack/events", "/else"), { method: "POST" })).status).toBe(404);
  });
});

describe("stopping", () => {
  it("waits for what is being answered", async () => {
    let answer: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { office } = await open(socket, {
      runLine: async () => {
        await slow;
        return { answer: ["late but said"], audience: "person" };
      },
    });
    await office.app.start();
    await office.workspace.act.command({ user: "U0MIRA", channel, text: "/medic status" });
    await until(() => office.app.health().answering === 1, "answering");
    const stopped = office.app.stop(5_000);
    answer();
    await stopped;
    expect(office.answer("U0MIRA")).toMatch(/late but said/);
  });
});
