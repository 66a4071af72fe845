/**
 * The sandbox without a page: scripted people play a scenario against the real bot on a virtual clock. Slack and AWS are handed
 * over in process, so that the same seed prints the same transcript, byte for byte.
 */
import type { App, Receiver } from "@slack/bolt";
import { startBot } from "../src/bot.ts";
import { caseSchema, type ServiceCase } from "../src/domain/serviceCase.ts";
import { memoryStore } from "../src/memory/memoryStore.ts";
import { seededIds } from "../src/memory/seededIds.ts";
import { createSeededRandom } from "../src/memory/seededRandom.ts";
import { createVirtualClock, type VirtualClock } from "../src/memory/virtualClock.ts";
import { wallClock } from "../src/ports/clock.ts";
import { silentLog, type Log } from "../src/ports/log.ts";
import type { Store } from "../src/ports/store.ts";
import { createMailbox } from "./aws/mailbox.ts";
import { deliverSns } from "./aws/sns-delivery.ts";
import { createSnsSigner } from "./aws/sns-signer.ts";
import { narrate } from "./narrator.ts";
import { botParts, sandboxSettings } from "./parts.ts";
import { scenarios } from "./scenarios/index.ts";
import type { Act, Scenario } from "./scenarios/scenario.ts";
import { settled } from "./settled.ts";
import { countedIds, createWorkspace, type Workspace } from "./slack/workspace.ts";
import { createStage, finalState, ScenarioFailed } from "./stage.ts";
import { createTranscript } from "./transcript.ts";
import { alarmTopic, createSandboxAccounts, mailTopic } from "./world.ts";

export interface HeadlessOptions {
  readonly scenario: string | undefined;
  /** Only prints the scenarios. */
  readonly list?: boolean;
  /** Default 1. */
  readonly seed?: number;
  /** How many times faster than real time; "max" (default) does not wait at all. */
  readonly speed?: number | "max";
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly log?: Log;
}

/** 0 = it ended as the scenario says, 1 = it did not, 2 = there is no such scenario. */
export async function runHeadless(options: HeadlessOptions): Promise<0 | 1 | 2> {
  const list = scenarios.map((each) => `  ${each.name.padEnd(26)}${each.about}\n`).join("");
  if (options.list === true) {
    options.write(list);
    return 0;
  }
  const scenario = scenarios.find((each) => each.name === options.scenario);
  if (scenario === undefined) {
    const asked = options.scenario === undefined ? "--scenario NAME is missing" : `no scenario "${options.scenario}"`;
    options.writeError(`${asked}; there are:\n${list}`);
    return 2;
  }
  return playScenario(scenario, options);
}

/** Plays one scenario that need not be in the list. */
export async function playScenario(
  scenario: Scenario,
  options: Pick<HeadlessOptions, "seed" | "speed" | "log" | "write">,
): Promise<0 | 1> {
  options.write(`${scenario.name}: ${scenario.about}\n`);
  for (const [index, act] of scenario.acts.entries()) {
    const failure = await playAct(act, index, options);
    if (failure === undefined) continue;
    options.write(`\nFAILED: ${failure}\n`);
    return 1;
  }
  options.write(`\nended as the scenario says\n`);
  return 0;
}

/** The certificate of the pretend SNS is valid around every scenario's night. */
const startAt = Date.UTC(2026, 10, 21, 3, 0, 0);
const dayMs = 24 * 3_600_000;
/** Streams of in-process answers need a few turns of the event loop each. */
const quietTurns = 6;
const startLimitMs = 120_000;

/** Answers what was not as it should be; undefined when everything was. */
async function playAct(
  act: Act,
  index: number,
  options: Parameters<typeof playScenario>[1],
): Promise<string | undefined> {
  const { speed = "max" } = options;
  const clock = createVirtualClock({
    startAt,
    quietTurns,
    ...(speed === "max" ? {} : { pace: (ms: number) => wallClock.sleep(ms / speed) }),
  });
  const transcript = createTranscript({ now: () => clock.now(), write: options.write });
  if (act.title !== undefined) transcript.heading(act.title);
  const night = await beginNight(act, { clock, seed: (options.seed ?? 1) + index, log: options.log ?? silentLog });
  const silence = narrate({ ...night, transcript });
  transcript.begin(clock.now());
  try {
    const stage = createStage({ ...night, clock, transcript });
    const failure = await act.play(stage).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof ScenarioFailed) return error.message;
        throw error;
      },
    );
    for (const line of finalState(stage)) transcript.line("end", line);
    return failure;
  } finally {
    silence();
    await night.end();
  }
}

/** One key for all that this process plays: making one takes longer than many a scenario, and nothing tells of it. */
let signingKey: string | undefined;

async function beginNight(act: Act, parts: { readonly clock: VirtualClock; readonly seed: number; readonly log: Log }) {
  const { clock, log } = parts;
  const control = new AbortController();
  const accounts = createSandboxAccounts({ clock, random: createSeededRandom(parts.seed) });
  const account = accounts.home;
  const mailbox = createMailbox(act.mail ? mailTopic : undefined, () => clock.now());
  const workspace = createWorkspace({ now: () => clock.now(), ids: countedIds() });
  const validity = { validFrom: startAt - dayMs, validTo: startAt + 300 * dayMs };
  const signer = createSnsSigner(signingKey === undefined ? validity : { ...validity, privateKeyPem: signingKey });
  signingKey = signer.privateKeyPem;
  const cases = new Map<string, ServiceCase>();
  const starting = startBot(
    botParts({
      accounts: [accounts.home, accounts.dr],
      mailbox,
      clock,
      log,
      signer,
      ids: seededIds(),
      store: watched(memoryStore(), cases),
      settings: sandboxSettings({ mail: act.mail, wiki: act.wiki }),
      slack: {
        connection: { kind: "receiver", receiver: inProcessReceiver(workspace) },
        botToken: workspace.core.state.app.botToken,
        apiUrl: "http://slack.test/api/",
        fetch: (url, init) => clock.track(workspace.fetch(url, init)),
      },
    }),
  );
  void account.run(control.signal);
  const bot = await settled(clock, starting, startLimitMs);
  if (bot === undefined) throw new Error("the bot did not start");
  deliverSns({
    account,
    topicArn: alarmTopic,
    signer,
    clock,
    signal: control.signal,
    door: async ({ body }) => (await bot.takeSns(body)).status,
  });
  const end = async (): Promise<void> => {
    await settled(clock, bot.stop(20_000), 60_000);
    control.abort();
  };
  return { account, dr: accounts.dr, mailbox, workspace, cases, end };
}

/** A Bolt receiver whose events come from a function call. */
function inProcessReceiver(workspace: Workspace): Receiver {
  let app: App | undefined;
  let leave = (): void => undefined;
  return {
    init: (of: App) => {
      app = of;
    },
    start: async () => {
      leave = workspace.deliver(async (event) => app?.processEvent({ ...event }));
    },
    stop: async () => leave(),
  };
}

/** Keeps a copy of every case as it was committed: what a scenario may assert. */
function watched(store: Store, cases: Map<string, ServiceCase>): Store {
  return {
    ...store,
    cases: {
      ...store.cases,
      write: async (next, expectedRev) => {
        const outcome = await store.cases.write(next, expectedRev);
        if (outcome === "written" && next.schema === caseSchema) cases.set(next.service, next);
        return outcome;
      },
    },
  };
}
