/**
 * A world for measuring recoveries: the sandbox's account in both regions, the real engine on the real AWS adapters, and a clock
 * that moves only when nothing is in flight. Virtual time is the world's, real time of this process is the bot's (and the world's
 * own arithmetic, which cannot be told apart from it: what is reported is an upper bound).
 */
import type { ServiceDefinition } from "../src/domain/service.ts";
import type { RunId, Scope, ServiceName } from "../src/domain/words.ts";
import { awsCloud } from "../src/aws/cloud.ts";
import { NotFound } from "../src/domain/errors.ts";
import { makeEngine, type Engine } from "../src/engine/engine.ts";
import { runCollection, type RunRecord } from "../src/engine/runRecord.ts";
import type { Account } from "../src/memory/account.ts";
import { memoryAutopilot } from "../src/memory/memoryAutopilot.ts";
import { memoryChat } from "../src/memory/memoryChat.ts";
import { memoryProber } from "../src/memory/memoryProber.ts";
import { memoryStore } from "../src/memory/memoryStore.ts";
import { memoryTable } from "../src/memory/memoryTable.ts";
import { createSeededRandom } from "../src/memory/seededRandom.ts";
import { createVirtualClock, type VirtualClock } from "../src/memory/virtualClock.ts";
import type { Cloud, Clouds } from "../src/ports/cloud.ts";
import { silentLog } from "../src/ports/log.ts";
import { silentMetrics } from "../src/ports/metrics.ts";
import type { Prober } from "../src/ports/prober.ts";
import { sendLayer } from "../sandbox/aws/sendLayer.ts";
import { sandboxSettings } from "../sandbox/parts.ts";
import { createSandboxAccounts } from "../sandbox/world.ts";

/** What a call to AWS takes, going and coming back; EC2's control plane answers in 100 to 300 ms. */
export const awsCallMs = 150;

/** A request to AWS, or a probe of the service. Virtual epoch ms. */
export interface Call {
  readonly operation: string;
  readonly from: number;
  to?: number;
  /** Made for the run; else the bot's own reads (evidence, inventory, alarms). */
  readonly forRun: boolean;
  readonly isWrite: boolean;
}

export interface Hired {
  readonly engine: Engine;
  readonly calls: readonly Call[];
  /** As `kill -9` does it: nothing is given back, and no call of this worker reaches anything any more. */
  readonly kill: () => void;
}

export interface RecoveryWorld {
  readonly clock: VirtualClock;
  readonly home: Account;
  readonly dr: Account;
  readonly service: ServiceDefinition;
  /** Answers at once, is not counted and costs no time: for who wants to know the truth. */
  readonly truth: { readonly clouds: Clouds; readonly prober: Prober };
  hire(): Promise<Hired>;
  /** The newest run, as it is stored. */
  record(): RunRecord | undefined;
  close(): Promise<void>;
}

const startAt = Date.UTC(2026, 10, 21, 3, 0, 0);

export function recoveryWorld(name: string): RecoveryWorld {
  const clock = createVirtualClock({ startAt, quietTurns: 2 });
  const { home, dr } = createSandboxAccounts({ clock, random: createSeededRandom(7) });
  const accounts = [home, dr];
  const ending = new AbortController();
  for (const account of accounts) void account.run(ending.signal);
  const all = sandboxSettings({ mail: false, wiki: "auto" });
  const service = all.services.get(name as ServiceName);
  if (service === undefined) throw new Error(`the sandbox's medic.yaml has no service ${name}`);
  const settings = { ...all, services: new Map([[service.name, service]]) };
  const table = memoryTable();
  const chat = memoryChat({ now: () => clock.now() });
  const hired: Hired[] = [];
  const hire = async (): Promise<Hired> => {
    const life = newLife(clock);
    const calls: Call[] = [];
    const engine = makeEngine({
      worker: `worker-${hired.length + 1}`,
      settings,
      store: memoryStore({ table, faults: { beforeCall: life.alive, afterCall: life.alive } }),
      clock,
      clouds: countedClouds(accounts, { clock, calls, alive: life.alive }),
      prober: countedProber(memoryProber(accounts, clock), { clock, calls, alive: life.alive }),
      chat,
      autopilotSwitch: memoryAutopilot("on"),
      autopilotOffByEnvironment: false,
      log: silentLog,
      metrics: silentMetrics,
    });
    const worker = { engine, calls, kill: life.end };
    hired.push(worker);
    let isUp = false;
    void engine.start().then(() => (isUp = true));
    if (!(await clock.runUntil(() => isUp, 120_000))) throw new Error("a worker did not start within two minutes");
    return worker;
  };
  return {
    ...{ clock, home, dr, service, hire },
    truth: {
      clouds: cloudsOf(accounts, (account) => plainCloud(account, clock)),
      prober: memoryProber(accounts, clock),
    },
    record: () => newest([...(table.records.get(runCollection(service.name))?.values() ?? [])]),
    close: async () => {
      for (const { kill } of hired) kill();
      ending.abort();
      await clock.quiet();
    },
  };
}

function newest(stored: readonly { readonly body: string }[]): RunRecord | undefined {
  const records = stored.map(({ body }) => JSON.parse(body) as RunRecord);
  return records.sort((a, b) => numberOf(b.runId) - numberOf(a.runId))[0];
}

const numberOf = (runId: RunId) => Number(runId.split("/").at(-1));

interface Life {
  /** Never comes back once the worker is dead. */
  readonly alive: () => Promise<void>;
  readonly end: () => void;
}

function newLife(clock: VirtualClock): Life {
  let isOver = false;
  return {
    alive: async (): Promise<void> => {
      if (isOver) await new Promise<never>(() => undefined);
    },
    end: () => {
      isOver = true;
      void clock.quiet();
    },
  };
}

interface Counting {
  readonly clock: VirtualClock;
  readonly calls: Call[];
  readonly alive: () => Promise<void>;
}

function countedProber(prober: Prober, { clock, calls, alive }: Counting): Prober {
  return {
    ask: async (probe) => {
      await alive();
      const call: Call = { operation: "probe", from: clock.now(), forRun: false, isWrite: false };
      calls.push(call);
      const answer = await prober.ask(probe);
      call.to = clock.now();
      return answer;
    },
  };
}

function countedClouds(accounts: readonly Account[], counting: Counting): Clouds {
  const own = cloudsOf(accounts, (account) => countedCloud(account, counting, false));
  const forRuns = cloudsOf(accounts, (account) => countedCloud(account, counting, true));
  return (scope, onBehalf) => (onBehalf === undefined ? own(scope) : forRuns(scope));
}

function cloudsOf(accounts: readonly Account[], make: (account: Account) => Cloud): (scope: Scope) => Cloud {
  const clouds = new Map(accounts.map((account) => [account.scope, make(account)]));
  return (scope) => {
    const cloud = clouds.get(scope);
    if (cloud) return cloud;
    throw new NotFound(`account and region ${scope}`);
  };
}

function plainCloud(account: Account, clock: VirtualClock): Cloud {
  return awsCloud(sendLayer(account), { clock });
}

function countedCloud(account: Account, counting: Counting, forRun: boolean): Cloud {
  const clients = sendLayer(account);
  const counted = <Client extends object>(client: Client): Client => countedClient(client, counting, forRun);
  return awsCloud(
    {
      ec2: counted(clients.ec2),
      cloudwatch: counted(clients.cloudwatch),
      autoScaling: counted(clients.autoScaling),
      elbv2: counted(clients.elbv2),
      ssm: counted(clients.ssm),
      route53: counted(clients.route53),
      cluster: (endpoint) => counted(clients.cluster(endpoint)),
    },
    { clock: counting.clock },
  );
}

/** Each `send` is one request to AWS; half its time passes before AWS acts, half before the answer is here. */
function countedClient<Client extends object>(client: Client, counting: Counting, forRun: boolean): Client {
  const { clock, calls, alive } = counting;
  const send = async (command: object, ...more: unknown[]): Promise<unknown> => {
    await alive();
    const isDry = (command as { readonly input?: { readonly DryRun?: boolean } }).input?.DryRun === true;
    const operation = command.constructor.name.replace(/Command$/, "") + (isDry ? " (dry run)" : "");
    const isWrite = !isDry && !/^(Describe|Get|List)/.test(operation);
    const call: Call = { operation, from: clock.now(), forRun, isWrite };
    calls.push(call);
    try {
      await clock.sleep(awsCallMs / 2);
      await alive();
      const answer: unknown = await (Reflect.get(client, "send") as SendOf).call(client, command, ...more);
      await clock.sleep(awsCallMs / 2);
      await alive();
      return answer;
    } finally {
      call.to = clock.now();
    }
  };
  return new Proxy(client, { get: (target, key) => (key === "send" ? send : (Reflect.get(target, key) as unknown)) });
}

type SendOf = (command: object, ...more: unknown[]) => Promise<unknown>;
