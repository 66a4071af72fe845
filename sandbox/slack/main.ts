import { startPretendSlack } from "./server.ts";
import { countedIds, createWorkspace } from "./workspace.ts";
import { wallClock } from "./wall-clock.ts";

/**
 * The pretend Slack as a process of its own: `node --import tsx sandbox/slack/main.ts [--port 0] [--host 127.0.0.1] [--json]`.
 * Prints where it listens (with --json as one JSON line) and serves until SIGINT or SIGTERM.
 */
const flag = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};

const workspace = createWorkspace({ now: wallClock.now, ids: countedIds(), deadlines: wallClock });
const slack = await startPretendSlack({
  workspace,
  port: Number(flag("--port") ?? 0),
  host: flag("--host") ?? "127.0.0.1",
  control: true,
});
const { botToken, appToken, signingSecret } = workspace.core.state.app;
const facts = { url: slack.url, apiUrl: slack.apiUrl, botToken, appToken, signingSecret };
console.log(process.argv.includes("--json") ? JSON.stringify(facts) : `The pretend Slack listens at ${slack.apiUrl}`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void slack.stop().then(() => process.exit(0)));
}
