/**
 * The sandbox with its page: a pretend Slack on real sockets, the bot with real Bolt and its real /sns door, the simulated account
 * on a clock that runs faster, and the page that shows both. Everything listens on 127.0.0.1 and nothing reaches a network.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { verbs } from "../commands/index.ts";
import { startBot, type Bot } from "../src/bot.ts";
import type { Scope } from "../src/domain/words.ts";
import type { Account } from "../src/memory/account.ts";
import { memoryStore } from "../src/memory/memoryStore.ts";
import { scaledClock, type ScaledClock } from "../src/memory/scaledClock.ts";
import { createSeededRandom } from "../src/memory/seededRandom.ts";
import { wallClock } from "../src/ports/clock.ts";
import { randomIds } from "../src/ports/ids.ts";
import { silentLog, type Log } from "../src/ports/log.ts";
import { createAccountPanel } from "./account-panel.ts";
import { createMailbox, type Mailbox } from "./aws/mailbox.ts";
import { deliverSns, httpDoor } from "./aws/sns-delivery.ts";
import { createSnsSigner, type SnsSigner } from "./aws/sns-signer.ts";
import type { ClockSpeed } from "./page-protocol.ts";
import { startPageServer } from "./page-server.ts";
import { botParts, sandboxSettings } from "./parts.ts";
import { seen } from "./seen-message.ts";
import { startPretendSlack, type PretendSlack } from "./slack/server.ts";
import type { SlashCommand } from "./slack/model.ts";
import { wallClock as slackWallClock } from "./slack/wall-clock.ts";
import { channelIds } from "./slack/workspace-state.ts";
import { countedIds, createWorkspace, type Workspace } from "./slack/workspace.ts";
import { alarmTopic, createSandboxAccounts, mailTopic } from "./world.ts";

export interface RunOptions {
  /** Where the page is served; 0 (default) takes a free port. */
  readonly port?: number;
  /** How fast the account's clock runs at first; default 10: a story takes two minutes instead of twenty. */
  readonly speed?: ClockSpeed;
  readonly seed?: number;
  /** The built page; found by itself beside the program. */
  readonly pageRoot?: string;
  readonly log?: Log;
}

export interface RunningSandbox {
  /** The page. */
  readonly url: string;
  /** Where the bot's own server listens now; another one after a reset. */
  botUrl(): string | undefined;
  /** What SLACK_API_URL is to the bot. */
  readonly slackApiUrl: string;
  readonly clock: ScaledClock;
  readonly workspace: Workspace;
  account(): Account;
  stop(): Promise<void>;
}

const dayMs = 24 * 3_600_000;
/** The bot gives its leases back and ends; longer would make a reset feel broken. */
const stopMs = 3_000;

/** Everything that a reset throws away and makes anew. */
interface Day {
  readonly account: Account;
  readonly dr: Account;
  readonly mailbox: Mailbox;
  readonly bot: Bot;
  end(): Promise<void>;
}

export async function runSandbox(options: RunOptions = {}): Promise<RunningSandbox> {
  const clock = scaledClock(options.speed ?? 10, wallClock);
  const workspace = createWorkspace({
    now: () => clock.now(),
    ids: countedIds(),
    deadlines: slackWallClock,
    commands: slashCommands(),
  });
  const startedAt = clock.now();
  const signer = createSnsSigner({ validFrom: startedAt - dayMs, validTo: startedAt + 3_000 * dayMs });
  const slack = await startPretendSlack({ workspace });
  const newDay = (seed: number): Promise<Day> =>
    beginDay({ clock, slack, signer, seed, log: options.log ?? silentLog });
  let days = options.seed ?? 1;
  let day = await newDay(days);
  let resetting: Promise<void> | undefined;
  const reset = async (): Promise<void> => {
    await day.end();
    // A new day is healthy: nobody would look for an outage that they had started before.
    workspace.faults.setDown(false);
    workspace.reset();
    days += 1;
    day = await newDay(days);
    panel.replaced("A new day: everything is healthy, and the bot has forgotten the old one.");
  };
  const panel = createAccountPanel({
    world: () => day,
    clock,
    // News about readiness has no buttons; every card of an incident has.
    cardIsThere: () => workspace.messages(channelIds.opsAlerts).some((each) => seen(each).buttons.length > 0),
    storm: () => stormOf(day),
    // Two people may press Reset at once: both wait for the same one.
    reset: () => (resetting ??= reset().finally(() => (resetting = undefined))),
  });
  const watching = new AbortController();
  const watched = panel.run(watching.signal);
  const stopBehindPage = async (): Promise<void> => {
    watching.abort();
    await resetting;
    await day.end();
    await slack.stop();
    await watched;
  };
  const root = options.pageRoot ?? builtPage();
  const page = await startPageServer({ workspace, panel, root, port: options.port ?? 0 }).catch(
    async (error: unknown) => {
      // A port that is taken must leave nothing running.
      await stopBehindPage();
      throw error;
    },
  );
  return {
    url: page.url,
    botUrl: () => day.bot.url,
    slackApiUrl: slack.apiUrl,
    clock,
    workspace,
    account: () => day.account,
    stop: async () => {
      await page.stop();
      await stopBehindPage();
    },
  };
}

/** Says where the page is and serves it until SIGINT or SIGTERM. */
export async function serveSandbox(options: RunOptions, out: (line: string) => void): Promise<0> {
  const told = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  const sandbox = await runSandbox(options);
  out(`The sandbox is at ${sandbox.url} (Ctrl+C ends it)`);
  await told;
  await sandbox.stop();
  return 0;
}

async function beginDay(parts: {
  readonly clock: ScaledClock;
  readonly slack: PretendSlack;
  readonly signer: SnsSigner;
  readonly seed: number;
  readonly log: Log;
}): Promise<Day> {
  const { clock, slack, signer, log } = parts;
  const control = new AbortController();
  const accounts = createSandboxAccounts({ clock, random: createSeededRandom(parts.seed) });
  const account = accounts.home;
  const mailbox = createMailbox(mailTopic, () => clock.now());
  const { botToken, appToken } = slack.workspace.core.state.app;
  const bot = await startBot(
    botParts({
      accounts: [account, accounts.dr],
      mailbox,
      clock,
      log,
      signer,
      ids: randomIds,
      store: memoryStore(),
      settings: sandboxSettings({ mail: true }),
      slack: { connection: { kind: "socket", appToken }, botToken, apiUrl: slack.apiUrl },
      http: { host: "127.0.0.1", port: 0 },
    }),
  );
  const running = account.run(control.signal);
  const leave = deliverSns({
    account,
    topicArn: alarmTopic,
    signer,
    clock,
    signal: control.signal,
    door: httpDoor(`${bot.url ?? ""}/sns`),
  });
  const end = async (): Promise<void> => {
    leave();
    control.abort();
    await bot.stop(stopMs * clock.factor());
    await running;
  };
  return { account, dr: accounts.dr, mailbox, bot, end };
}

function stormOf({ account, bot }: Day): string | null {
  const storm = bot.engine.book.storm(account.scope as Scope);
  if (!storm.active) return null;
  return `A storm: ${storm.why ?? "too much went bad at once"}. The bot runs nothing by itself until it is quiet and somebody says /medic autopilot on.`;
}

function slashCommands(): SlashCommand[] {
  return [
    {
      command: "/medic",
      description: "What is broken, and what is done about it",
      verbs: verbs.map(({ name, usage, summary }) => ({ name, usage, description: summary })),
    },
  ];
}

/** From the source the page lies in dist/page; the bundled program lies in dist itself or in dist/chunks. */
function builtPage(): string {
  const candidates = ["../dist/page", "./page", "../page"].map((each) => fileURLToPath(new URL(each, import.meta.url)));
  return candidates.find((each) => existsSync(`${each}/index.html`)) ?? candidates[0] ?? "dist/page";
}
