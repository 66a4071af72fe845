import { describe, expect, it } from "vitest";
import { NoCapacity, Throttled, WrongState } from "../../src/domain/errors.ts";
import type { AllocationId, InstanceId, Scope } from "../../src/domain/words.ts";
import { memoryAlarms } from "../../src/memory/memoryAlarms.ts";
import { memoryClouds } from "../../src/memory/memoryClouds.ts";
import { memoryCompute } from "../../src/memory/memoryCompute.ts";
import { memoryMail } from "../../src/memory/memoryMail.ts";
import { memoryProber } from "../../src/memory/memoryProber.ts";
import type { PortCall } from "../../src/memory/callHooks.ts";
import { startingAccount, web } from "./startingAccount.ts";

const id = web as InstanceId;
const http = {
  kind: "http",
  url: "https://web.example/health",
  statusMin: 200,
  statusMax: 399,
  timeoutMs: 5_000,
} as const;

describe("memory ports over the simulated account", () => {
  it("show instance, checks and address in the port's words", async () => {
    const { account } = startingAccount();
    const compute = memoryCompute(account);
    expect(await compute.instance(id)).toMatchObject({ id: web, state: "running", publicIp: "198.51.100.7" });
    expect(await compute.checks(id)).toEqual({ system: "ok", instance: "ok", ebs: "ok" });
    expect(await compute.addressOf(id)).toMatchObject({ allocationId: "eipalloc-1", instanceId: web });
    expect(await compute.address("eipalloc-9" as AllocationId)).toBeUndefined();
    expect(await compute.instance("i-unknown" as InstanceId)).toBeUndefined();
    expect(await compute.instancesByTag("Name", "web")).toHaveLength(1);
  });

  it("translate refusals into the program's own errors", async () => {
    const { account } = startingAccount();
    const compute = memoryCompute(account);
    account.faults.throttledCalls = 1;
    await expect(compute.reboot(id)).rejects.toBeInstanceOf(Throttled);
    await compute.stop(id, { force: false });
    await expect(compute.reboot(id)).rejects.toBeInstanceOf(WrongState);
  });

  it("say no capacity in its own error", async () => {
    const { account, clock } = startingAccount();
    const compute = memoryCompute(account);
    await compute.stop(id, { force: false });
    await clock.advance(60_000);
    account.breakAccount("no-capacity");
    await expect(compute.start(id)).rejects.toBeInstanceOf(NoCapacity);
  });

  it("answer a dry run without doing anything", async () => {
    const { account } = startingAccount();
    const compute = memoryCompute(account);
    expect(await compute.mayI({ action: "reboot", instanceId: id })).toEqual({ allowed: true, detail: "allowed" });
    account.faults.denied.add("StopInstances");
    expect((await compute.mayI({ action: "stop", instanceId: id })).allowed).toBe(false);
    expect(account.writes).toEqual([]);
  });

  it("probe as a user would: silent costs the time limit, refused answers at once", async () => {
    const { account, clock } = startingAccount();
    const prober = memoryProber([account], clock);
    expect(await prober.ask(http)).toMatchObject({ good: true, detail: "200 in 41 ms" });
    account.break("process-dies", web);
    expect(await prober.ask(http)).toMatchObject({ good: false, detail: "connection refused" });
    account.break("kernel-hangs", web);
    const asked = prober.ask(http);
    await clock.advance(5_000);
    expect(await asked).toMatchObject({ good: false, detail: "timed out after 5 s" });
  });

  it("reach nothing while the bot's own network is gone, though users are served and canaries stay good", async () => {
    const { account, clock } = startingAccount();
    const prober = memoryProber([account], clock);
    account.breakAccount("offline");
    const asked = Promise.all([prober.ask(http), prober.ask({ ...http, url: "https://control.example/" })]);
    await clock.advance(4 * 60_000);
    expect((await asked).map((each) => each.good)).toEqual([false, false]);
    expect(account.peek.site("web.example")).toMatchObject({ kind: "answers", status: 200 });
    expect(account.peek.alarms().every((alarm) => alarm.state === "OK")).toBe(true);
  });

  it("show alarms and their points", async () => {
    const { account, clock } = startingAccount();
    const alarms = memoryAlarms(account);
    account.break("kernel-hangs", web);
    await clock.advance(6 * 60_000 + 10_000);
    const [first] = await alarms.inAlarm();
    expect(first).toMatchObject({ name: "web instance check", state: "ALARM", spanMs: 120_000 });
    const metric = first?.metric;
    if (metric === undefined) throw new Error("no metric");
    expect((await alarms.points(metric, 5, clock.now())).map((each) => each.value)).toEqual([1, 1, 1, 1, 1]);
    expect(await alarms.byName(["web canary", "nothing"])).toHaveLength(1);
  });

  it("let hooks see every call, before it and after it", async () => {
    const { account } = startingAccount();
    const seen: string[] = [];
    const note = (when: string) => async (call: PortCall) => {
      seen.push(`${when} ${call.port}.${call.name}${call.mutating ? " (writes)" : ""}`);
    };
    const clouds = memoryClouds([account], { hooks: { before: note("before"), after: note("after") } });
    const { compute } = clouds(account.scope as Scope);
    await compute.checks(id);
    await compute.reboot(id);
    expect(seen).toEqual([
      "before compute.checks",
      "after compute.checks",
      "before compute.reboot (writes)",
      "after compute.reboot (writes)",
    ]);
  });

  it("lose the answer but not the act when the hook after a call throws", async () => {
    const { account } = startingAccount();
    const compute = memoryCompute(account, {
      hooks: { after: async () => Promise.reject(new Error("the worker is dead")) },
    });
    await expect(compute.reboot(id)).rejects.toThrow("the worker is dead");
    expect(account.countOf(web).reboots).toBe(1);
  });

  it("keep mails that were sent, and refuse while the topic is down", async () => {
    const { clock } = startingAccount();
    const mail = memoryMail(clock);
    await mail.send({ id: "1", subject: "shop-web is down", body: "…" });
    mail.setDown(true);
    await expect(mail.send({ id: "2", subject: "x", body: "y" })).rejects.toThrow("did not answer");
    expect(mail.sent.map((each) => each.id)).toEqual(["1"]);
  });
});
