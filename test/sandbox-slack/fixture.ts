import { readFileSync } from "node:fs";
import { LogLevel, WebClient, type Logger, type WebClientOptions } from "@slack/web-api";
import type { DeadlineClock } from "../../sandbox/slack/workspace-core.ts";
import { countedIds, createWorkspace, type Workspace, type WorkspaceOptions } from "../../sandbox/slack/workspace.ts";

export const start = Date.UTC(2026, 10, 21, 14, 0, 0);

/** A workspace on a clock that the test turns, with deadlines that fire when the clock passes them. */
export interface TurnedWorkspace {
  readonly workspace: Workspace;
  readonly turn: (ms: number) => void;
}

export function turnedWorkspace(options: Partial<WorkspaceOptions> = {}): TurnedWorkspace {
  let now = start;
  const waiting: { at: number; callback: () => void }[] = [];
  const deadlines: DeadlineClock = {
    now: () => now,
    after(ms, callback) {
      const entry = { at: now + ms, callback };
      waiting.push(entry);
      return () => void (entry.callback = () => undefined);
    },
  };
  const workspace = createWorkspace({ now: () => now, ids: countedIds(), deadlines, ...options });
  return {
    workspace,
    turn(ms) {
      now += ms;
      waiting.filter((each) => each.at <= now).forEach((each) => each.callback());
      waiting.splice(0, waiting.length, ...waiting.filter((each) => each.at > now));
    },
  };
}

const ignore = (): void => undefined;

/** The clients under test complain about refusals that are wanted here. */
export const silent: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  setLevel: ignore,
  getLevel: () => LogLevel.ERROR,
  setName: ignore,
};

/** Slack's own client, wired to the workspace without a socket; every refusal comes out as an error at once. */
export function clientOf(workspace: Workspace, token = "xoxb-sandbox", options: WebClientOptions = {}): WebClient {
  return new WebClient(token, {
    slackApiUrl: "http://slack.test/api/",
    fetch: workspace.fetch,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
    ...options,
  });
}

/** What Slack answered to a call that it refused. */
export async function refusal(call: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return (error as { data?: Record<string, unknown> }).data ?? { error: (error as Error).message };
  }
  throw new Error("the call was not refused");
}

export function button(actionId: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: "button", action_id: actionId, text: { type: "plain_text", text: actionId }, ...more };
}

/** The cards that the bot is modelled on. */
export const exampleCards = JSON.parse(
  readFileSync(new URL("./example-cards.json", import.meta.url), "utf8"),
) as Record<
  "prompt" | "progress",
  { text: string; blocks: Record<string, unknown>[]; metadata: Record<string, unknown> }
>;
