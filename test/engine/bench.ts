/** Workers on one store and one simulated account, on a clock that moves when told. */
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { Settings } from "../../src/domain/settings.ts";
import { defaultRung } from "../../src/domain/rungDefaults.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { Asker } from "../../src/domain/event.ts";
import type { InstanceId, Mode, Recovery, Scope, ServiceName } from "../../src/domain/words.ts";
import { makeEngine, type Engine, type EngineParts } from "../../src/engine/engine.ts";
import { createAccount, type Account, type AccountOptions } from "../../src/memory/account.ts";
import { memoryAutopilot, type MemoryAutopilot } from "../../src/memory/memoryAutopilot.ts";
import { memoryChat, type MemoryChat } from "../../src/memory/memoryChat.ts";
import { memoryClouds } from "../../src/memory/memoryClouds.ts";
import { memoryMail, type MemoryMail } from "../../src/memory/memoryMail.ts";
import { memoryProber } from "../../src/memory/memoryProber.ts";
import { memoryStore, type StoreFaults } from "../../src/memory/memoryStore.ts";
import { memoryTable, type MemoryTable } from "../../src/memory/memoryTable.ts";
import { createSeededRandom } from "../../src/memory/seededRandom.ts";
import { createVirtualClock, type VirtualClock } from "../../src/memory/virtualClock.ts";
import type { Chat } from "../../src/ports/chat.ts";
import { silentLog } from "../../src/ports/log.ts";
import { silentMetrics } from "../../src/ports/metrics.ts";
import type { Store } from "../../src/ports/store.ts";
import { parseBody } from "../../src/signals/parseMessage.ts";

export const web = "web" as ServiceName;
export const machine = "i-0aaa0000000000001" as InstanceId;
export const scope = "111122223333/eu-west-1" as Scope;
export const topic = "arn:aws:sns:eu-west-1:111122223333:ec2-alarms";
export const startAt = Date.UTC(2026, 10, 21, 3, 0, 0);
export const ana: Asker = { id: "U1", name: "Ana", allowed: true };
export const stranger: Asker = { id: "U9", name: "Stranger", allowed: false, refusal: "not an approver" };

export interface Bench {
  readonly clock: VirtualClock;
  readonly account: Account;
  readonly table: MemoryTable;
  readonly chat: MemoryChat;
  readonly mail: MemoryMail;
  readonly autopilot: MemoryAutopilot;
  readonly settings: Settings;
  /** A further worker on the same table. */
  hire(faults?: StoreFaults): { readonly engine: Engine; readonly store: Store };
  /** One whose Slack is another one. */
  hireWith(over: { readonly chat: Chat }): { readonly engine: Engine; readonly store: Store };
  stored(service?: ServiceName): ServiceCase | undefined;
  /** Messages of the account go to this engine. */
  deliverTo(engine: Engine): void;
  advance(minutes: number): Promise<void>;
}

export interface BenchOptions {
  readonly mode?: Mode;
  readonly recovery?: Recovery;
  readonly service?: Partial<ServiceDefinition>;
  readonly settings?: Partial<Settings>;
  /** Of the simulated account: groups, volumes, hooks. */
  readonly account?: Partial<AccountOptions>;
}

export function bench(options: BenchOptions = {}): Bench {
  const clock = createVirtualClock({ startAt });
  const account = createAccount({
    clock,
    random: createSeededRandom(7),
    machines: [{ id: machine, name: "web" }],
    sites: [
      { host: "web.example", via: { kind: "machine", instanceId: machine } },
      { host: "control.example", via: { kind: "outside" } },
    ],
    alarms: [alarmOf("web instance check")],
    stateNoticeTopics: [topic],
    ...options.account,
  });
  void account.run(new AbortController().signal);
  const table = memoryTable();
  const chat = memoryChat({ now: () => clock.now() });
  const mail = memoryMail(clock);
  const autopilot = memoryAutopilot("on");
  const settings = settingsOf(options);
  let workers = 0;
  const hire = (faults?: StoreFaults, over: Partial<EngineParts> = {}) => {
    workers += 1;
    const store = memoryStore({ table, ...(faults ? { faults } : {}) });
    const engine = makeEngine({
      worker: `worker-${workers}`,
      settings,
      store,
      clock,
      clouds: memoryClouds([account]),
      prober: memoryProber([account], clock),
      chat,
      mail,
      autopilotSwitch: autopilot,
      autopilotOffByEnvironment: false,
      log: silentLog,
      metrics: silentMetrics,
      ...over,
    });
    return { engine, store };
  };
  return {
    ...{ clock, account, table, chat, mail, autopilot, settings },
    hire: (faults) => hire(faults),
    hireWith: (over) => hire(undefined, over),
    stored: (service = web) => {
      const stored = table.cases.get(service);
      return stored && (JSON.parse(stored.body) as ServiceCase);
    },
    deliverTo: (engine) => {
      account.subscribe(topic, ({ message, messageId, topicArn, at }) => {
        const [parsed] = parseBody(message, { messageId, topicArn, sentAt: at });
        if (parsed) void engine.intake.takeMessage(parsed, "sns");
      });
    },
    advance: (minutes) => clock.advance(minutes * 60_000),
  };
}

function alarmOf(name: string) {
  return {
    name,
    namespace: "AWS/EC2",
    metric: "StatusCheckFailed_Instance",
    dimensions: { InstanceId: machine },
    statistic: "Maximum",
    periodMs: 60_000,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    treatMissing: "missing",
    alarmActions: [topic],
    okActions: [topic],
  } as const;
}

function settingsOf({ mode = "auto", recovery = "restart", service, settings }: BenchOptions): Settings {
  const rungs = [defaultRung(recovery, mode, defaultTiming)];
  const definition: ServiceDefinition = {
    name: web,
    description: "the shop",
    account: "111122223333",
    region: "eu-west-1",
    scope,
    pattern: "instance",
    target: { kind: "instance", instanceId: machine },
    probe: { kind: "http", url: "https://web.example/", statusMin: 200, statusMax: 399, timeoutMs: 5_000 },
    watchProbe: false,
    alarms: [{ name: "web *" }],
    channel: "#ops",
    approvers: { users: ["U1"], groups: [] },
    requireOther: false,
    fence: "stop",
    targetGroups: [],
    scaleStep: 1,
    quarantine: "tell",
    ladders: { down: rungs, os: rungs, host: rungs },
    ...service,
  };
  return {
    services: new Map([[definition.name, definition]]),
    timing: defaultTiming,
    accounts: new Map(),
    defaultChannel: "#ops",
    digest: { cron: "0 9 * * *", timeZone: "Europe/Berlin", enabled: true },
    controlUrl: "https://control.example/",
    ...settings,
  };
}
