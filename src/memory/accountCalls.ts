/**
 * The calls that a caller may make of the simulated account, with the refusals that the real one answers. Memory ports and the
 * SDK layer of the sandbox both stand on these; every write is kept with who and when.
 */
import { AwsRefusal } from "./accountModel.ts";
import type { AlarmNow, ElasticIp, InstanceOperation, Machine, MachineView } from "./accountModel.ts";
import { createGate, refuseBlindReads, seenUntil, wouldSucceed } from "./gate.ts";
import type { Asked } from "./gate.ts";
import { scalingCalls, targetCalls } from "./groupCalls.ts";
import type { ScalingCalls, TargetCalls } from "./groupCalls.ts";
import { addressesSeen } from "./addresses.ts";
import { createCloudCalls } from "./cloudCalls.ts";
import type { CloudCalls } from "./cloudCalls.ts";
import { createCommandCalls } from "./commandCalls.ts";
import type { CommandCalls } from "./commandCalls.ts";
import { createDnsCalls, createRoutingCalls } from "./dnsCalls.ts";
import type { DnsCalls, RoutingCalls } from "./dnsCalls.ts";
import { machineOf, reboot, start, stop } from "./instanceLife.ts";
import { metricKey, valuesByPeriod } from "./metricPoints.ts";
import { answerToBot } from "./sites.ts";
import type { SiteAnswer } from "./sites.ts";
import { publishTo } from "./topics.ts";
import { readView, remember, say } from "./world.ts";
import type { World } from "./world.ts";

export interface MetricQuery {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly periodMs: number;
  readonly from: number;
  readonly to: number;
}

/** `who` names the caller in `writes`, for example "medic". Every call may throw AwsRefusal. */
export interface AccountCalls extends CloudCalls {
  readonly dns: DnsCalls;
  readonly routing: RoutingCalls;
  readonly commands: CommandCalls;
  /** All machines that the reads show, terminated ones too (for an hour, as EC2 does). */
  instances(): Promise<MachineView[]>;
  /** Exactly these; one unknown id refuses all with InvalidInstanceID.NotFound. */
  instancesById(ids: readonly string[]): Promise<MachineView[]>;
  addresses(): Promise<ElasticIp[]>;
  console(id: string): Promise<{ readonly text: string; readonly at: number }>;
  reboot(who: string, ids: readonly string[], options?: WriteOptions): Promise<void>;
  stop(who: string, ids: readonly string[], options?: WriteOptions & { readonly force?: boolean }): Promise<void>;
  start(who: string, ids: readonly string[], options?: WriteOptions): Promise<void>;
  alarms(): Promise<AlarmNow[]>;
  /** Values by period, oldest first, gaps left out. */
  metric(query: MetricQuery): Promise<{ readonly at: number; readonly value: number }[]>;
  readonly scaling: ScalingCalls;
  readonly targets: TargetCalls;
  site(host: string): Promise<SiteAnswer>;
  publish(topicArn: string, content: { readonly subject?: string; readonly message: string }): Promise<string>;
}

export interface WriteOptions {
  /** Answers DryRunOperation or UnauthorizedOperation instead of doing it. */
  readonly dryRun?: boolean;
}

/** EC2 shows a terminated instance for about an hour. */
const terminatedShownMs = 3_600_000;

export function createAccountCalls(world: World): AccountCalls {
  const gate = createGate(world);
  const { asked } = gate;
  const write = writer(world, asked);
  return {
    instances: async () => {
      await asked("DescribeInstances");
      refuseBlindReads(world, "DescribeInstances");
      return [...world.machines.values()].flatMap((machine) => shown(world, machine) ?? []);
    },
    instancesById: async (ids) => {
      await asked("DescribeInstances", ids);
      return ids.map((id) => {
        const view = shown(world, machineOf(world, id));
        if (view !== undefined) return view;
        throw new AwsRefusal("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
      });
    },
    addresses: async () => {
      await asked("DescribeAddresses");
      return addressesSeen(world, seenUntil(world));
    },
    console: async (id) => {
      await asked("GetConsoleOutput", [id]);
      return { text: machineOf(world, id).console.join("\n"), at: world.agenda.now() };
    },
    reboot: (who, ids, options) =>
      write({ operation: "RebootInstances", who, ids, ...options }, (m) => reboot(world, m)),
    stop: (who, ids, options) =>
      write({ operation: "StopInstances", who, ids, ...options }, (m) =>
        stop(world, m, { force: options?.force === true }),
      ),
    start: (who, ids, options) => write({ operation: "StartInstances", who, ids, ...options }, (m) => start(world, m)),
    ...otherReads(world, asked),
    ...createCloudCalls(world, gate),
    dns: createDnsCalls(world, gate),
    routing: createRoutingCalls(world),
    commands: createCommandCalls(world, gate),
    scaling: scalingCalls(world, gate),
    targets: targetCalls(world, gate),
  };
}

function otherReads(world: World, asked: Asked): Pick<AccountCalls, "alarms" | "metric" | "site" | "publish"> {
  return {
    alarms: async () => {
      await asked("DescribeAlarms");
      return [...world.alarms.values()].map((alarm) => ({ ...alarm }));
    },
    metric: async (query) => {
      await asked("GetMetricData");
      const key = metricKey(query.namespace, query.metric, query.dimensions);
      const end = Math.ceil(query.to / query.periodMs) * query.periodMs;
      const count = Math.max(0, Math.ceil((end - query.from) / query.periodMs));
      const values = valuesByPeriod(world, key, { ...query, count, end });
      return values.flatMap(({ at, value }) => (value === undefined ? [] : [{ at, value }]));
    },
    site: async (host) => {
      world.agenda.catchUp();
      return answerToBot(world, host);
    },
    publish: async (topicArn, content) => {
      await asked("Publish");
      return publishTo(world, topicArn, content);
    },
  };
}

function shown(world: World, machine: Machine): MachineView | undefined {
  const view = readView(world, machine);
  if (view === undefined || view.state !== "terminated") return view;
  const since = machine.past.at(-1)?.at ?? 0;
  return world.agenda.now() - since > terminatedShownMs ? undefined : view;
}

interface WriteRequest extends WriteOptions {
  readonly operation: InstanceOperation;
  readonly who: string;
  readonly ids: readonly string[];
  readonly force?: boolean;
}

const spoken: Readonly<Record<InstanceOperation, string>> = {
  RebootInstances: "reboot",
  StopInstances: "stop",
  StartInstances: "start",
  TerminateInstances: "terminate",
};

function writer(world: World, asked: Asked) {
  return async (request: WriteRequest, act: (machine: Machine) => void): Promise<void> => {
    const noted = new Set<string>();
    const note = (instanceId: string, outcome: string): void => {
      if (request.dryRun === true || noted.has(instanceId)) return;
      noted.add(instanceId);
      const { operation, who, force = false } = request;
      world.writes.push({ at: world.agenda.now(), who, operation, instanceId, force, outcome });
    };
    try {
      await asked(request.operation, request.ids);
      const machines = request.ids.map((id) => machineOf(world, id));
      if (request.dryRun === true) {
        throw wouldSucceed();
      }
      for (const machine of machines) {
        const asks = `${request.force === true ? "forces a " : "asks EC2 for a "}${spoken[request.operation]}`;
        say(
          world,
          request.who === "medic" ? "medic" : "world",
          `${request.who} ${asks} of ${machine.name} (${machine.id})`,
        );
        act(machine);
        remember(world, machine);
        note(machine.id, "accepted");
      }
    } catch (error) {
      const code = error instanceof AwsRefusal ? error.code : "InternalError";
      for (const id of request.ids) note(id, code);
      throw error;
    }
  };
}
