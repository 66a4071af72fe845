import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EC2Client, RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { regionClients } from "../../src/aws/clients.ts";
import { ec2Compute } from "../../src/aws/compute.ts";
import type { Evidence, Reading } from "../../src/domain/evidence.ts";
import type { RunOutcome } from "../../src/domain/serviceCase.ts";
import type { InstanceId } from "../../src/domain/words.ts";
import { networkProber } from "../../src/net/prober.ts";
import { wallClock } from "../../src/ports/clock.ts";
import type { Compute, InstanceView } from "../../src/ports/compute.ts";
import { advance } from "../../src/recovery/advance.ts";
import { newMemory, type Control } from "../../src/recovery/control.ts";
import type { StepEntry } from "../../src/recovery/plan.ts";
import { restartPlan, restartSteps } from "../../src/recovery/restart.ts";
import type { RestartInputs } from "../../src/recovery/restartInputs.ts";
import { inputsOf } from "../recovery/restartWorld.ts";
import { hasMoto, motoInstall, startMoto, type Moto } from "./moto.ts";
import { requirePeer } from "./peer.ts";
import { keepEnvironment } from "../setup/environment.ts";

const withMoto = requirePeer("moto_server", hasMoto(), motoInstall);
const region = "eu-west-1";
const lookMs = 15_000;

withMoto("the restart plan over the wire (moto's instances are always healthy: a small site says what is bad)", () => {
  let moto: Moto;
  let site: Server;
  let url: string;
  let siteIsUp = false;
  let ec2: EC2Client;
  keepEnvironment("all");

  beforeAll(async () => {
    moto = await startMoto();
    Object.assign(process.env, moto.environment);
    ec2 = new EC2Client({ region });
    site = createServer((_request, response) => response.writeHead(siteIsUp ? 200 : 503).end());
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  });

  afterAll(async () => {
    await new Promise((resolve) => site.close(resolve));
    await moto?.stop();
  });

  const launch = async (): Promise<InstanceId> => {
    const input = { ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1 };
    const answer = await ec2.send(new RunInstancesCommand(input));
    return (answer.Instances?.[0]?.InstanceId ?? "") as InstanceId;
  };

  interface Carried {
    readonly outcome: RunOutcome | undefined;
    readonly calls: readonly string[];
    readonly entries: readonly StepEntry[];
    readonly debts: readonly string[];
  }

  /** What the plan waits for on the wall clock is jumped over; the wire is real. `heals` is the call that brings the site back. */
  const carry = async (inputs: RestartInputs, heals: string): Promise<Carried> => {
    siteIsUp = false;
    let now = Date.now();
    const real = ec2Compute(regionClients(region, 20_000).ec2);
    const calls: string[] = [];
    const counted = async (name: string, act: Promise<void>) => {
      calls.push(name);
      await act;
      if (name === heals) siteIsUp = true;
    };
    // What moto leaves out and the plan proves a start by.
    const launchedAgain = (view: InstanceView): InstanceView =>
      calls.includes("start") ? { ...view, launchTime: view.launchTime + 60_000 } : view;
    const compute: Compute = {
      ...real,
      instance: async (id) => {
        const view = await real.instance(id);
        return view && launchedAgain(view);
      },
      reboot: (id) => counted("reboot", real.reboot(id)),
      stop: (id, how) => counted(how.force ? "force stop" : "stop", real.stop(id, how)),
      start: (id) => counted("start", real.start(id)),
    };
    const prober = networkProber(wallClock);
    const evidence = async (): Promise<Evidence> => {
      const answer = await prober.ask({ kind: "http", url, statusMin: 200, statusMax: 299, timeoutMs: 5_000 });
      const verdict = answer.good ? ("good" as const) : ("bad" as const);
      const readings: Reading[] = [{ kind: "probe", verdict, readAt: now, detail: answer.detail }];
      return { readings, alarms: [{ subject: "web-canary", state: siteIsUp ? "OK" : "ALARM" }] };
    };
    const entries: StepEntry[] = [];
    const debts = new Set<string>();
    const journal = {
      entries,
      write: async (entry: StepEntry) => {
        const at = entries.findIndex((each) => each.step === entry.step);
        if (at < 0) entries.push(entry);
        else entries[at] = entry;
      },
    };
    const control: Control = {
      halt: async () => undefined,
      mayAct: async () => undefined,
      borrow: async (debt) => void debts.add(debt.id),
      repay: async (debt) => void debts.delete(debt),
      onStep: async () => undefined,
    };
    const ports = { clock: { now: () => now, sleep: async () => undefined }, compute, evidence };
    const memory = newMemory();
    let outcome: RunOutcome | undefined;
    for (let look = 0; look < 200 && outcome === undefined; look += 1) {
      const state = await advance({ plan: restartPlan(inputs), journal, ports, control, memory });
      if (state.kind === "ended") outcome = state.outcome;
      now += lookMs;
    }
    return { outcome, calls, entries, debts: [...debts] };
  };

  describe("restart", () => {
    it("reboots once, sees the service answer again, and is done", async () => {
      const instanceId = await launch();
      const { outcome, calls, entries } = await carry(inputsOf({ instanceId }), "reboot");
      expect(outcome).toEqual({ kind: "done", summary: `${instanceId} was rebooted` });
      expect(calls).toEqual(["reboot"]);
      expect(entries[0]).toMatchObject({
        step: restartSteps.rebooted,
        done: { facts: { read: expect.stringContaining("probe good") as unknown } },
      });
    });

    it("stops and starts when the reboot did not help (moto never moves LaunchTime at a start: the test does)", async () => {
      const instanceId = await launch();
      const inputs = inputsOf({ instanceId, alarmKinds: { "web-canary": "canary" } });
      const { outcome, calls, debts } = await carry(inputs, "start");
      expect(outcome).toEqual({ kind: "done", summary: `${instanceId} was stopped and started` });
      expect(calls).toEqual(["reboot", "stop", "start"]);
      expect(debts).toEqual([]);
    });

    it("is refused, and climbs, for an instance that was terminated", async () => {
      const instanceId = await launch();
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
      const { outcome, calls } = await carry(inputsOf({ instanceId }), "never");
      expect(outcome).toMatchObject({ kind: "refused", code: "instance-gone", climb: true });
      expect(calls).toEqual([]);
    });

    it("is refused, and climbs, for an id that EC2 does not know", async () => {
      const inputs = inputsOf({ instanceId: "i-0fffffffffffffff0" as InstanceId });
      const { outcome, calls } = await carry(inputs, "never");
      expect(outcome).toMatchObject({ kind: "refused", code: "instance-gone", climb: true });
      expect(calls).toEqual([]);
    });
  });
});
