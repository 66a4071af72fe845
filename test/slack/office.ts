/** A pretend workspace, real Bolt and the real core around one case: what a click does, from button to private answer. */
import type { Receiver, App } from "@slack/bolt";
import { countedIds, createWorkspace, type Workspace } from "../../sandbox/slack/workspace.ts";
import type { Json } from "../../sandbox/slack/model.ts";
import { decide } from "../../src/domain/decide.ts";
import type { CaseEvent } from "../../src/domain/event.ts";
import type { Facts } from "../../src/domain/facts.ts";
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import { recoveryWords } from "../../src/domain/cardWords.ts";
import type { Preview } from "../../src/domain/preview.ts";
import type { Recovery, ServiceName } from "../../src/domain/words.ts";
import type { Handle } from "../../src/ports/handle.ts";
import { silentLog } from "../../src/ports/log.ts";
import { silentMetrics } from "../../src/ports/metrics.ts";
import { wallClock, type Clock } from "../../src/ports/clock.ts";
import { createSlackApp, type SlackApp, type SlackAppOptions } from "../../src/slack/app.ts";
import { createSlackChat } from "../../src/slack/chat.ts";
import { createPeople } from "../../src/slack/people.ts";
import { createSlackWebApi, type Fetch } from "../../src/slack/webApi.ts";
import { createWhisper } from "../../src/slack/whisper.ts";
import type { Connection } from "../../src/slack/receivers.ts";
import { cardOf } from "../../src/domain/card.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import { settings, service } from "../card/cases.ts";

export interface Office {
  readonly workspace: Workspace;
  readonly app: SlackApp;
  readonly chat: ReturnType<typeof createSlackChat>;
  /** Every event that a click became. */
  readonly events: CaseEvent[];
  readonly current: () => ServiceCase;
  set(current: ServiceCase): void;
  /** The case's card in #ops-alerts; answers its ts. */
  post(): Promise<string>;
  /** The last private answer to this person, as text. */
  answer(user: string): string;
}

export function inProcess(): { receiver: Receiver; app: () => App } {
  let held: App | undefined;
  const receiver: Receiver = {
    init: (app) => {
      held = app;
    },
    start: async () => undefined,
    stop: async () => undefined,
  };
  return {
    receiver,
    app: () => {
      if (held === undefined) throw new Error("not initialised");
      return held;
    },
  };
}

export interface OfficeOptions {
  readonly first: ServiceCase;
  readonly now: () => number;
  readonly runLine?: SlackAppOptions["runLine"];
  readonly assign?: SlackAppOptions["assign"];
  readonly choices?: SlackAppOptions["choices"];
  readonly preview?: SlackAppOptions["preview"];
  readonly handle?: Handle;
}

/** What a plan answers that has nothing to look at. */
export function plainPreview(recovery: Recovery, readAt: number): Preview {
  const { steps, downtime } = recoveryWords(recovery);
  return { recovery, readAt, headline: "", steps, downtime, data: "", address: "", mind: [] };
}

/** The core around one case, without a store. */
export function oneCase(first: ServiceCase, now: () => number, events: CaseEvent[] = []) {
  let current = first;
  const facts = (): Facts => ({
    service,
    timing: defaultTiming,
    autopilot: { state: "on", readAt: now() },
    storm: { active: false, readAt: now() },
    warmUntil: 0,
    mailConfigured: false,
  });
  const handle: Handle = async (_service, event) => {
    events.push(event);
    const decision = decide(current, event, facts(), now());
    if (decision.kind === "ignored") return decision;
    current = decision.next;
    return { kind: "changed", current, ...(decision.answer ? { answer: decision.answer } : {}) };
  };
  return {
    handle,
    current: () => current,
    set: (next: ServiceCase) => {
      current = next;
    },
  };
}

export async function openOffice(options: OfficeOptions): Promise<Office> {
  const { now } = options;
  const workspace = createWorkspace({ now, ids: countedIds() });
  const inside = inProcess();
  const office = await furnish(options, {
    workspace,
    fetch: (url, init) => workspace.fetch(url, init),
    apiUrl: "http://slack.test/api/",
    connection: { kind: "receiver", receiver: inside.receiver },
    clock: { now, sleep: (ms, signal) => wallClock.sleep(ms, signal) },
  });
  workspace.deliver((event) => inside.app().processEvent(event));
  return office;
}

export async function furnish(
  options: OfficeOptions,
  where: {
    readonly workspace: Workspace;
    readonly fetch?: Fetch;
    readonly apiUrl: string;
    readonly connection: Connection;
    readonly clock: Clock;
  },
): Promise<Office> {
  const { workspace, fetch, apiUrl, connection, clock } = where;
  const events: CaseEvent[] = [];
  const one = oneCase(options.first, options.now, events);
  const { botToken } = workspace.core.state.app;
  const api = createSlackWebApi({ token: botToken, apiUrl, fetch });
  const people = createPeople({ api, clock });
  const chat = createSlackChat({ api, people, log: silentLog });
  const app = await createSlackApp({
    connection,
    botToken,
    apiUrl,
    fetch,
    api,
    people,
    chat,
    whisper: createWhisper({ api, log: silentLog, fetch, refused: chat.refused }),
    settings: () => settings,
    cases: { load: async (name: ServiceName) => (name === service.name ? one.current() : undefined) },
    handle: options.handle ?? one.handle,
    clock,
    log: silentLog,
    metrics: silentMetrics,
    runLine: options.runLine ?? (async ({ text }) => ({ answer: [`you said ${text}`], audience: "person" as const })),
    choices: options.choices ?? (() => ["restart", "reboot", "stop-start", "force-stop-start"]),
    preview: options.preview ?? (async (_service, recovery) => plainPreview(recovery, options.now())),
    assign: options.assign,
  });
  return {
    workspace,
    app,
    chat,
    events,
    current: one.current,
    set: one.set,
    async post() {
      const ref = await chat.post("#ops-alerts", cardOf({ current: one.current(), service, now: options.now() }));
      return ref.ts;
    },
    answer: (user) => textsOf(workspace.ephemeral(user).at(-1)),
  };
}

export function textsOf(message: { readonly text: string; readonly blocks: readonly Json[] } | undefined): string {
  return message === undefined ? "" : `${message.text}\n${JSON.stringify(message.blocks)}`;
}
