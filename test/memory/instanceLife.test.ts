import { describe, expect, it } from "vitest";
import { AwsRefusal } from "../../src/memory/accountModel.ts";
import { api, startingAccount, startAt, web } from "./startingAccount.ts";

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return "accepted";
  } catch (error) {
    return error instanceof AwsRefusal ? error.code : String(error);
  }
};

describe("instances of the simulated account", () => {
  it("keep running through a reboot, with the same launch time, and answer again within 90 s", async () => {
    const { account, clock } = startingAccount();
    const before = account.peek.machine(web);
    await account.calls.reboot("medic", [web]);
    expect(account.peek.machine(web).state).toBe("running");
    await clock.advance(30_000);
    expect(account.peek.site("web.example").kind).toBe("silent");
    await clock.advance(60_000);
    expect(account.peek.site("web.example").kind).toBe("answers");
    expect(account.peek.machine(web).launchTime).toBe(before.launchTime);
  });

  it("stop through stopping, start through pending, and move their launch time on", async () => {
    const { account, clock } = startingAccount();
    await account.calls.stop("medic", [web]);
    expect(account.peek.machine(web).state).toBe("stopping");
    expect(account.peek.machine(web).transitionReason).toBe("User initiated (2026-11-21 03:00:00 GMT)");
    await clock.advance(40_000);
    expect(account.peek.machine(web).state).toBe("stopped");
    await account.calls.start("medic", [web]);
    expect(account.peek.machine(web).state).toBe("pending");
    expect(account.peek.machine(web).launchTime).toBe(startAt + 40_000);
    await clock.advance(30_000);
    expect(account.peek.machine(web)).toMatchObject({ state: "running", checks: { instance: "initializing" } });
    await clock.advance(90_000);
    expect(account.peek.machine(web).checks).toMatchObject({ system: "ok", instance: "ok" });
  });

  it("keep an Elastic IP over a stop and start, and lose an assigned address", async () => {
    const { account, clock } = startingAccount();
    const before = { web: account.peek.machine(web).publicIp, api: account.peek.machine(api).publicIp };
    await account.calls.stop("medic", [web, api]);
    await clock.advance(40_000);
    expect(account.peek.machine(api).publicIp).toBeUndefined();
    await account.calls.start("medic", [web, api]);
    await clock.advance(30_000);
    expect(account.peek.machine(web).publicIp).toBe(before.web);
    expect(account.peek.machine(api).publicIp).not.toBe(before.api);
  });

  it("refuse what EC2 refuses, and take as done what is so already", async () => {
    const { account, clock } = startingAccount();
    expect(await codeOf(account.calls.start("medic", [web]))).toBe("accepted");
    await account.calls.stop("medic", [web]);
    expect(await codeOf(account.calls.start("medic", [web]))).toBe("IncorrectInstanceState");
    expect(await codeOf(account.calls.reboot("medic", [web]))).toBe("IncorrectState");
    await clock.advance(40_000);
    expect(await codeOf(account.calls.stop("medic", [web]))).toBe("accepted");
    expect(await codeOf(account.calls.reboot("medic", [web]))).toBe("IncorrectState");
    account.break("terminated-by-somebody", web);
    await clock.advance(60_000);
    expect(account.peek.machine(web).state).toBe("terminated");
    expect(await codeOf(account.calls.reboot("medic", [web]))).toBe("accepted");
    expect(await codeOf(account.calls.start("medic", [web]))).toBe("IncorrectInstanceState");
    expect(await codeOf(account.calls.stop("medic", [web]))).toBe("IncorrectInstanceState");
    expect(account.peek.machine(web).state).toBe("terminated");
    expect(account.peek.addresses()[0]?.instanceId).toBeUndefined();
    expect(await codeOf(account.calls.stop("medic", ["i-unknown"]))).toBe("InvalidInstanceID.NotFound");
  });

  it("hang while stopping until they are forced, or for ever", async () => {
    const { account, clock } = startingAccount();
    account.break("stuck-stopping", web);
    await account.calls.stop("medic", [web]);
    await clock.advance(3_600_000);
    expect(account.peek.machine(web).state).toBe("stopping");
    await account.calls.stop("medic", [web], { force: true });
    await clock.advance(20_000);
    expect(account.peek.machine(web).state).toBe("stopped");

    account.break("stuck-stopping-for-ever", api);
    await account.calls.stop("medic", [api], { force: true });
    await account.calls.stop("medic", [api], { force: true });
    await clock.advance(3_600_000);
    expect(account.peek.machine(api).state).toBe("stopping");
    account.mend("stuck-stopping-for-ever", api);
    await clock.advance(20_000);
    expect(account.peek.machine(api).state).toBe("stopped");
  });

  it("stay stopped when there is no capacity, and say why", async () => {
    const { account, clock } = startingAccount();
    await account.calls.stop("medic", [web]);
    await clock.advance(40_000);
    account.breakAccount("no-capacity");
    expect(await codeOf(account.calls.start("medic", [web]))).toBe("InsufficientInstanceCapacity");
    expect(account.peek.machine(web)).toMatchObject({
      state: "stopped",
      stateReason: { code: "Server.InsufficientInstanceCapacity" },
    });
    account.mendAccount("no-capacity");
    expect(await codeOf(account.calls.start("medic", [web]))).toBe("accepted");
    expect(account.countOf(web)).toEqual({ reboots: 0, stops: 1, starts: 1 });
    expect(account.writes.map((each) => each.outcome)).toEqual([
      "accepted",
      "InsufficientInstanceCapacity",
      "accepted",
    ]);
  });
});

describe("faults and what cures them", () => {
  const cure = async (fault: Parameters<ReturnType<typeof startingAccount>["account"]["break"]>[0]) => {
    const { account, clock } = startingAccount();
    account.break(fault, web);
    await clock.advance(120_000);
    const broken = account.peek.machine(web).checks;
    const answerBefore = account.peek.site("web.example");
    await account.calls.reboot("medic", [web]);
    await clock.advance(180_000);
    const afterReboot = account.peek.site("web.example");
    await account.calls.stop("medic", [web]);
    await clock.advance(60_000);
    await account.calls.start("medic", [web]);
    await clock.advance(180_000);
    const afterStart = account.peek.site("web.example");
    const answered = [answerBefore, afterReboot, afterStart].map((each) => each.kind);
    return { system: broken?.system, instance: broken?.instance, answered };
  };

  it("a hung kernel fails the instance check; a reboot cures it", async () => {
    expect(await cure("kernel-hangs")).toEqual({
      system: "ok",
      instance: "impaired",
      answered: ["silent", "answers", "answers"],
    });
  });

  it("a kernel that hangs for good needs a stop and start", async () => {
    expect(await cure("kernel-hangs-for-good")).toEqual({
      system: "ok",
      instance: "impaired",
      answered: ["silent", "silent", "answers"],
    });
  });

  it("a failed host fails both checks and needs a stop and start", async () => {
    expect(await cure("host-fails")).toEqual({
      system: "impaired",
      instance: "impaired",
      answered: ["silent", "silent", "answers"],
    });
  });

  it("a dead process shows in no check; a reboot cures it", async () => {
    expect(await cure("process-dies")).toEqual({
      system: "ok",
      instance: "ok",
      answered: ["refused", "answers", "answers"],
    });
  });

  it("a full disk answers 503 whatever one restarts, until somebody makes room", async () => {
    const { account, clock } = startingAccount();
    account.break("disk-full", web);
    await account.calls.reboot("medic", [web]);
    await clock.advance(180_000);
    expect(account.peek.site("web.example")).toMatchObject({ kind: "answers", status: 503 });
    account.mend("disk-full", web);
    expect(account.peek.site("web.example")).toMatchObject({ status: 200 });
  });

  it("throttling refuses by count or until an instant, and such a write changes nothing", async () => {
    const { account, clock } = startingAccount();
    account.faults.throttledCalls = 1;
    expect(await codeOf(account.calls.reboot("medic", [web]))).toBe("RequestLimitExceeded");
    expect(account.countOf(web).reboots).toBe(0);
    expect(await codeOf(account.calls.instances())).toBe("accepted");
    account.breakAccount("throttled", { forMs: 30_000 });
    expect(await codeOf(account.calls.instances())).toBe("RequestLimitExceeded");
    await clock.advance(30_000);
    expect(await codeOf(account.calls.instances())).toBe("accepted");
  });

  it("lagging reads show the state of a few seconds ago, then the present", async () => {
    const { account, clock } = startingAccount();
    account.faults.readLagMs = 10_000;
    await account.calls.stop("medic", [web]);
    expect((await account.calls.instancesById([web]))[0]?.state).toBe("running");
    await clock.advance(10_000);
    expect((await account.calls.instancesById([web]))[0]?.state).toBe("stopping");
  });

  it("slow calls take their time on the clock", async () => {
    const { account, clock } = startingAccount();
    account.faults.callMs = 4_000;
    let answeredAt = 0;
    void account.calls.instances().then(() => (answeredAt = clock.now()));
    await clock.advance(10_000);
    expect(answeredAt).toBe(startAt + 4_000);
  });
});
