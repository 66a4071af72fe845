import { describe, expect, it } from "vitest";
import { sendLayer } from "../../sandbox/aws/sendLayer.ts";
import { createSandboxAccount, serviceNamed, switchParameter } from "../../sandbox/world.ts";
import { cloudWatchAlarms } from "../../src/aws/alarms.ts";
import { ec2Compute } from "../../src/aws/compute.ts";
import { callerIdentity, parameterSwitch } from "../../src/aws/home.ts";
import { NoCapacity, Throttled, WrongState } from "../../src/domain/errors.ts";
import type { AllocationId, InstanceId } from "../../src/domain/words.ts";
import { createSeededRandom } from "../../src/memory/seededRandom.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { memoryAlarms } from "../../src/memory/memoryAlarms.ts";
import { memoryCompute } from "../../src/memory/memoryCompute.ts";

const web = serviceNamed("shop-web").instanceId as InstanceId;
const api = serviceNamed("shop-api").instanceId as InstanceId;

function both() {
  const clock = createVirtualClock({ startAt: Date.UTC(2026, 10, 21, 3) });
  const account = createSandboxAccount({ clock, random: createSeededRandom(1) });
  const control = new AbortController();
  void account.run(control.signal);
  const clients = sendLayer(account, { parameters: new Map([[switchParameter, "on"]]) });
  return { clock, account, clients, real: ec2Compute(clients.ec2), memory: memoryCompute(account) };
}

describe("the bot's AWS adapters on the simulated account", () => {
  it("say the same about instances, checks and addresses as the memory ports", async () => {
    const { account, clock, real, memory } = both();
    account.break("kernel-hangs", web);
    await clock.advance(60_000);
    for (const id of [web, api]) {
      expect(await real.instance(id)).toEqual(await memory.instance(id));
      expect(await real.checks(id)).toEqual(await memory.checks(id));
      expect(await real.addressOf(id)).toEqual(await memory.addressOf(id));
    }
    expect(await real.instancesByTag("Name", "shop-api")).toEqual(await memory.instancesByTag("Name", "shop-api"));
    expect(await real.instance("i-0a1b2c3d4e5f6ffff" as InstanceId)).toBeUndefined();
    expect(await real.address("eipalloc-0a1b2c3d4e5f6ffff" as AllocationId)).toBeUndefined();
    expect(await real.consoleTail(web)).toContain("soft lockup");
  });

  it("meet the same refusals", async () => {
    const { account, clock, real } = both();
    expect(await real.mayI({ action: "reboot", instanceId: web })).toEqual({ allowed: true, detail: "allowed" });
    await real.stop(web, { force: false });
    await expect(real.reboot(web)).rejects.toBeInstanceOf(WrongState);
    await clock.advance(60_000);
    account.breakAccount("no-capacity");
    await expect(real.start(web)).rejects.toBeInstanceOf(NoCapacity);
    account.breakAccount("throttled");
    await expect(real.instance(web)).rejects.toBeInstanceOf(Throttled);
    expect(account.countOf(web)).toEqual({ reboots: 0, stops: 1, starts: 0 });
  });

  it("say the same about alarms and their points", async () => {
    const { account, clock, clients } = both();
    const real = cloudWatchAlarms(clients.cloudwatch, clock);
    const memory = memoryAlarms(account);
    account.break("kernel-hangs", web);
    await clock.advance(6 * 60_000 + 10_000);
    const bad = await real.inAlarm();
    expect(bad).toEqual(await memory.inAlarm());
    expect(bad.map((each) => each.name)).toContain("shop-web-canary");
    const metric = bad[0]?.metric;
    if (metric === undefined) throw new Error("no metric");
    const points = await real.points(metric, 4, clock.now());
    expect(points.map((each) => each.value)).toEqual([1, 1, 1, 1]);
  });

  it("know who they are and whether the autopilot is on", async () => {
    const { account, clients } = both();
    expect((await callerIdentity(clients.sts)).account).toBe(account.accountId);
    expect(await parameterSwitch(clients.ssm, switchParameter).read()).toBe("on");
    expect(await parameterSwitch(clients.ssm, "/none").read()).toBe("unknown");
  });
});
