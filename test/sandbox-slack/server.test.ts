import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { startPretendSlack } from "../../sandbox/slack/server.ts";
import { channelIds } from "../../sandbox/slack/workspace-state.ts";
import { programPath } from "../setup/programPath.ts";
import { turnedWorkspace } from "./fixture.ts";

const { opsAlerts } = channelIds;

function say(apiUrl: string, text: string): Promise<Response> {
  return fetch(`${apiUrl}chat.postMessage`, {
    method: "POST",
    headers: { authorization: "Bearer xoxb-sandbox" },
    body: new URLSearchParams({ channel: opsAlerts, text, blocks: JSON.stringify([{ type: "divider" }]) }),
  });
}

describe("the pretend Slack on a port", () => {
  it("takes forms, breaks connections while it is down or loses an answer, and keeps the lost message", async () => {
    const { workspace } = turnedWorkspace();
    const slack = await startPretendSlack({ workspace });
    try {
      expect(await (await say(slack.apiUrl, "one")).json()).toMatchObject({ ok: true });
      workspace.faults.loseAnswers({ method: "chat.postMessage", times: 1 });
      await expect(say(slack.apiUrl, "two")).rejects.toThrow("fetch failed");
      workspace.faults.setDown("refused");
      await expect(say(slack.apiUrl, "three")).rejects.toThrow("fetch failed");
      workspace.faults.setDown("unavailable");
      expect((await say(slack.apiUrl, "four")).status).toBe(503);
      expect(workspace.messages(opsAlerts).map((each) => each.text)).toEqual(["one", "two"]);
    } finally {
      await slack.stop();
    }
  });

  it("hides its remote control unless asked for", async () => {
    const slack = await startPretendSlack({ workspace: turnedWorkspace().workspace });
    try {
      expect((await fetch(`${slack.url}/control/status`)).status).toBe(404);
    } finally {
      await slack.stop();
    }
  });

  it("runs as a process of its own that says where it is and obeys its remote control", async () => {
    const child = spawn(process.execPath, [programPath("slack"), "--port", "0", "--json"]);
    try {
      const [line] = (await once(createInterface(child.stdout), "line")) as [string];
      const { url, apiUrl } = JSON.parse(line) as { url: string; apiUrl: string };
      const control = (path: string, body: object): Promise<unknown> =>
        fetch(`${url}/control/${path}`, { method: "POST", body: JSON.stringify(body) }).then((answer) => answer.json());
      await say(apiUrl, "hello");
      const messages = await fetch(`${url}/control/messages?channel=ops-alerts`).then((answer) => answer.json());
      expect(messages).toMatchObject([{ text: "hello" }]);
      const said = { do: "command", act: { user: "U0MIRA", channel: opsAlerts, text: "/medic status" } };
      expect(await control("act", said)).toMatchObject({ kind: "no-response", error: "dispatch_failed" });
      await control("fault", { do: "failWith", method: "chat.postMessage", error: "fatal_error", times: 1 });
      expect(await (await say(apiUrl, "again")).json()).toEqual({ ok: false, error: "fatal_error" });
      expect(await control("fault", { do: "sing" })).toHaveProperty("error");
    } finally {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    expect(child.exitCode).toBe(0);
  });
});
