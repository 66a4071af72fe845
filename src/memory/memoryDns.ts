/** Route 53, ARC and SSM Run Command as the ports want them, over the simulated account. */
import { MedicError, Unreachable } from "../domain/errors.ts";
import type { Commands, Dns, Endpoints, HealthCheckView, Routing } from "../ports/dns.ts";
import type { Account } from "./account.ts";
import { withHooks } from "./callHooks.ts";
import type { HealthCheck } from "./dnsModel.ts";
import type { MemoryPortOptions } from "./memoryCompute.ts";
import { inOurWords, orGone } from "./translateRefusal.ts";

export function memoryDns(account: Account, options: MemoryPortOptions = {}): Dns {
  const who = options.who ?? "medic";
  const calls = account.calls.dns;
  const dns: Dns = {
    records: (zoneId, name) =>
      inOurWords(`reading records of ${name}`, async () =>
        (await calls.records(zoneId)).filter((record) => record.name === name),
      ),
    upsert: (zoneId, records) =>
      inOurWords(
        `changing ${records.map(({ name }) => name).join(", ")}`,
        async () => (await calls.upsert(who, zoneId, records)).id,
      ),
    change: (id) => inOurWords(`reading change ${id}`, async () => (await calls.change(id)).state),
    healthCheck: (id) =>
      orGone(() => inOurWords(`reading health check ${id}`, async () => checkView(await calls.healthCheck(id)))),
    setInverted: (id, inverted, version) =>
      inOurWords(`inverting health check ${id}`, () => calls.setInverted(who, id, { inverted, version })),
    healthOf: (id) =>
      inOurWords(`reading the health of ${id}`, async () => {
        const said = await calls.observations(id);
        if (said.length === 0) return "unknown";
        return said.filter(Boolean).length / said.length > healthyShareMin ? "healthy" : "unhealthy";
      }),
  };
  return withHooks({ name: "dns", of: dns, mutating: ["upsert", "setInverted"] }, options.hooks);
}

/** Route 53 takes an endpoint for healthy when more than this share of its checkers says so. */
const healthyShareMin = 0.18;

function checkView(check: Readonly<HealthCheck>): HealthCheckView {
  const { id, version, inverted, disabled } = check;
  return { id, version, inverted, disabled, type: checkType(check) };
}

export function checkType(check: Pick<HealthCheck, "watches">): "HTTP" | "RECOVERY_CONTROL" {
  return check.watches.kind === "control" ? "RECOVERY_CONTROL" : "HTTP";
}

export function memoryRouting(account: Account, options: MemoryPortOptions = {}): Routing {
  const who = options.who ?? "medic";
  const calls = account.calls.routing;
  const routing: Routing = {
    state: (endpoints, arn) => firstThatAnswers(endpoints, `reading ${arn}`, (region) => calls.state(region, arn)),
    set: (endpoints, states) =>
      firstThatAnswers(endpoints, `switching ${states.map(({ controlArn }) => controlArn).join(", ")}`, (region) =>
        calls.set(who, region, states),
      ),
  };
  return withHooks({ name: "routing", of: routing, mutating: ["set"] }, options.hooks);
}

/** A "no" is the cluster's, wherever it was said; only silence is one endpoint's own. */
async function firstThatAnswers<T>(
  endpoints: Endpoints,
  what: string,
  call: (region: string) => Promise<T>,
): Promise<T> {
  let silent: unknown;
  for (const { region } of endpoints) {
    try {
      return await inOurWords(`${what} at ${region}`, () => call(region));
    } catch (error) {
      if (!(error instanceof MedicError) || error.retry === "never") throw error;
      silent = error;
    }
  }
  throw new Unreachable(`${what}: none of ${endpoints.length} endpoints of the cluster`, silent);
}

export function memoryCommands(account: Account, options: MemoryPortOptions = {}): Commands {
  const who = options.who ?? "medic";
  const calls = account.calls.commands;
  const commands: Commands = {
    run: (instanceId, line, { timeoutSeconds }) =>
      inOurWords(`running a command on ${instanceId}`, () => calls.send(who, instanceId, { line, timeoutSeconds })),
    result: (commandId, instanceId) =>
      orGone(() =>
        inOurWords(`reading command ${commandId}`, async () => (await calls.invocation(commandId, instanceId)).state),
      ),
  };
  return withHooks({ name: "commands", of: commands, mutating: ["run"] }, options.hooks);
}
