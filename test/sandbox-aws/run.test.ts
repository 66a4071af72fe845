import { afterEach, describe, expect, it } from "vitest";
import { runSandbox, type RunningSandbox } from "../../sandbox/run.ts";
import { seen } from "../../sandbox/seen-message.ts";
import { channelIds, people } from "../../sandbox/slack/workspace-state.ts";
import { serviceNamed } from "../../sandbox/world.ts";
import { wallClock } from "../../src/ports/clock.ts";
import WebSocket from "ws";

const web = serviceNamed("shop-web").instanceId;
let running: RunningSandbox | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

/** Real sockets and real Bolt: this waits in real time, as short as it can. */
async function until(holds: () => boolean, withinMs = 20_000): Promise<void> {
  for (let waited = 0; waited < withinMs; waited += 50) {
    if (holds()) return;
    await wallClock.sleep(50);
  }
  throw new Error("did not happen in time");
}

/** Cards of incidents: news about readiness stands in the same channel. */
const cards = (sandbox: RunningSandbox) =>
  sandbox.workspace
    .messages(channelIds.opsAlerts)
    .filter((each) => each.botId !== null && each.threadTs === null && seen(each).title.includes("shop-web"));

async function wholeStory(sandbox: RunningSandbox): Promise<void> {
  sandbox.account().break("kernel-hangs", web);
  await until(() => cards(sandbox).some((each) => seen(each).buttons.some((button) => button.label === "Approve now")));
  const card = cards(sandbox)[0];
  if (card === undefined) throw new Error("no card");
  const act = { user: people.mira, channel: card.channel, ts: card.ts, actionId: "medic.approve" };
  expect(await sandbox.workspace.act.confirm(act)).toMatchObject({ kind: "done" });
  await until(() => cards(sandbox)[0]?.text.startsWith("WELL") === true);
  expect(sandbox.account().countOf(web)).toEqual({ reboots: 1, stops: 0, starts: 0 });
}

describe("the sandbox on real sockets", () => {
  it("plays the whole story, starts a new day on reset, and plays it again", { timeout: 90_000 }, async () => {
    const sandbox = await runSandbox({ speed: 60 });
    running = sandbox;
    await wholeStory(sandbox);
    const page = new WebSocket(`${sandbox.url.replace("http", "ws")}page`);
    const results: unknown[] = [];
    page.on("message", (data: Buffer) => {
      const message = JSON.parse(String(data)) as { type: string };
      if (message.type === "result") results.push(message);
    });
    await new Promise((resolve) => page.once("open", resolve));
    page.send(JSON.stringify({ id: 7, type: "reset" }));
    await until(() => results.length > 0);
    page.close();
    expect(results).toEqual([{ type: "result", id: 7 }]);
    expect([cards(sandbox), sandbox.account().writes]).toEqual([[], []]);
    await wholeStory(sandbox);
  });

  it("has a bot whose own door refuses what SNS did not sign", { timeout: 30_000 }, async () => {
    const sandbox = await runSandbox({ speed: 1 });
    running = sandbox;
    const answer = await fetch(`${sandbox.botUrl() ?? ""}/sns`, { method: "POST", body: "{}" });
    expect(answer.status).toBe(400);
    const health = await fetch(`${sandbox.botUrl() ?? ""}/readyz`);
    expect(health.status).toBe(200);
  });

  it("says that its port is taken and leaves nothing running", { timeout: 30_000 }, async () => {
    const first = await runSandbox({ speed: 1 });
    running = first;
    const port = Number(new URL(first.url).port);
    await expect(runSandbox({ speed: 1, port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect((await fetch(`${first.botUrl() ?? ""}/healthz`)).status).toBe(200);
  });
});
