import { describe, expect, it } from "vitest";
import { sendLayer } from "../../sandbox/aws/sendLayer.ts";
import { discover, type DiscoverOptions } from "../../src/cli/discover.ts";
import { draftOf, type Found } from "../../src/cli/discover/draft.ts";
import { drawYaml } from "../../src/cli/discover/drawYaml.ts";
import { parseSettings } from "../../src/config/medicYaml.ts";
import { isError } from "../../src/config/problem.ts";
import type { InstanceId } from "../../src/domain/words.ts";
import type { AlarmView } from "../../src/ports/alarms.ts";
import type { InstanceView } from "../../src/ports/compute.ts";
import type { ServiceName } from "../../src/domain/words.ts";
import { alarm, startingAccount, web } from "../memory/startingAccount.ts";
import { fakeTerminal } from "./fakeTerminal.ts";

const tag = "ec2-medic:service";
const variables = { AWS_REGION: "eu-west-1" };

/** Every problem of the draft as it is, and the settings once somebody may approve. */
function checked(yaml: string) {
  const asDrafted = parseSettings("medic.yaml", yaml);
  const set = parseSettings("medic.yaml", yaml.replace("users: []", "users: [U0123456789]"));
  return {
    problems: "problems" in asDrafted ? asDrafted.problems : asDrafted.warnings,
    problemsOnceSet: ("problems" in set ? set.problems : []).filter(isError),
    settings: "settings" in set ? set.settings : undefined,
  };
}

function bed() {
  const { account, clock, stop } = startingAccount({
    machines: [
      { id: web, name: "Web Front", tags: { [tag]: "web" } },
      { id: "i-0aaa0000000000002", name: "api" },
      { id: "i-0aaa0000000000003", name: "worker", asgName: "workers", tags: { [tag]: "workers" } },
      { id: "i-0aaa0000000000004", name: "ledger", asgName: "ledger", tags: { [tag]: "ledger" } },
      { id: "i-0aaa0000000000005", name: "Desk B", tags: { [tag]: "desk" }, availabilityZone: "eu-west-1b" },
      { id: "i-0aaa0000000000006", name: "Desk A", tags: { [tag]: "desk" }, availabilityZone: "eu-west-1a" },
    ],
    addresses: [
      { allocationId: "eipalloc-0123456789abcdef0", publicIp: "198.51.100.7", instanceId: web },
      {
        allocationId: "eipalloc-0123456789abcdef1",
        publicIp: "198.51.100.8",
        instanceId: "i-0aaa0000000000006",
      },
      {
        allocationId: "eipalloc-0123456789abcdef2",
        publicIp: "198.51.100.9",
        instanceId: "i-0aaa0000000000004",
      },
    ],
    sites: [],
    groups: [
      {
        name: "workers",
        min: 1,
        max: 2,
        desired: 1,
        instanceIds: ["i-0aaa0000000000003"],
        targetGroupArns: [],
        suspended: [],
        activities: [],
      },
      {
        name: "ledger",
        min: 1,
        max: 1,
        desired: 1,
        instanceIds: ["i-0aaa0000000000004"],
        hooks: [
          { name: "ledger-ends", transition: "terminating" },
          { name: "ledger-starts", transition: "launching" },
        ],
      },
    ],
    alarms: [
      alarm(),
      alarm({ name: "api check", dimensions: { InstanceId: "i-0aaa0000000000002" } }),
      alarm({ name: "workers busy", dimensions: { AutoScalingGroupName: "workers" } }),
      alarm({ name: "somebody else's", dimensions: { DBInstanceIdentifier: "orders" } }),
    ],
  });
  stop();
  const clients = sendLayer(account);
  const run = async (options: DiscoverOptions = {}, given: Readonly<Record<string, string>> = variables) => {
    const terminal = fakeTerminal(given);
    const code = await discover(options, terminal, {
      clients: () => clients,
      clock: { now: () => clock.now(), sleep: async () => undefined },
    });
    return { code, yaml: terminal.text(), said: terminal.errors() };
  };
  return { account, run };
}

describe("medic discover", () => {
  it("drafts what is tagged, with address, alarms and group; only the people are left to set", async () => {
    const { code, yaml, said } = await bed().run();
    expect(code).toBe(0);
    const { problems, problemsOnceSet, settings } = checked(yaml);
    expect(problemsOnceSet).toEqual([]);
    expect(problems.filter(isError)).toEqual([]);
    expect(problems.filter(({ message }) => message.startsWith("no approvers"))).toHaveLength(4);
    expect([...(settings?.services.keys() ?? [])].sort()).toEqual(["desk", "ledger", "web", "workers"]);
    const front = settings?.services.get("web" as ServiceName);
    expect(front).toMatchObject({
      pattern: "instance",
      target: { kind: "tag", key: tag, value: "web" },
      elasticIp: "eipalloc-0123456789abcdef0",
      alarms: [{ name: "web instance check" }],
      description: "Web Front",
    });
    expect(settings?.services.get("workers" as ServiceName)).toMatchObject({
      pattern: "alb-asg",
      target: { kind: "asg", asgName: "workers" },
      alarms: [{ name: "workers busy" }],
    });
    expect(yaml).toContain("no target group");
    expect(settings?.services.get("ledger" as ServiceName)).toMatchObject({
      pattern: "asg",
      elasticIp: "eipalloc-0123456789abcdef2",
    });
    expect(yaml).toMatch(/pattern: asg-ebs, volume: .*terminatingHook: ledger-ends, launchingHook: ledger-starts/);
    expect(yaml).toContain("# set me");
    expect(yaml).toContain("#   somebody else's");
    expect(said).toContain("4 drafted");
  });

  it("drafts two machines of one tag as a pair when one of them holds the address and they stand in two zones", async () => {
    const { yaml } = await bed().run();
    expect(checked(yaml).settings?.services.get("desk" as ServiceName)).toMatchObject({
      pattern: "standby",
      target: { kind: "instance", instanceId: "i-0aaa0000000000006" },
      standby: { kind: "instance", instanceId: "i-0aaa0000000000005" },
      elasticIp: "eipalloc-0123456789abcdef1",
      description: "Desk A",
    });
    expect(yaml).toContain("if the second one is no standby");
  });

  it("writes out the ladders that each pattern starts with, all of them observing", async () => {
    const { yaml } = await bed().run();
    const { settings } = checked(yaml);
    const ladderOf = (name: string) => settings?.services.get(name as ServiceName)?.ladders;
    expect(ladderOf("desk")?.down).toMatchObject([{ recovery: "restart" }, { recovery: "failover" }]);
    expect(ladderOf("workers")?.overloaded).toMatchObject([{ recovery: "scale-out" }]);
    expect(ladderOf("ledger")?.host).toMatchObject([{ recovery: "replace" }]);
    expect(yaml).toContain("recovery: restart, mode: observe");
    const modes = [...(settings?.services.values() ?? [])].flatMap((service) =>
      Object.values(service.ladders).flatMap((rungs) => rungs.map(({ mode }) => mode)),
    );
    expect(new Set(modes)).toEqual(new Set(["observe"]));
  });

  it("drafts every running instance with a name when it is told to", async () => {
    const { yaml } = await bed().run({ all: true });
    const { settings, problemsOnceSet } = checked(yaml);
    expect(problemsOnceSet).toEqual([]);
    expect([...(settings?.services.keys() ?? [])].sort()).toEqual(["api", "desk", "ledger", "web", "workers"]);
    expect(settings?.services.get("api" as ServiceName)).toMatchObject({
      target: { kind: "instance", instanceId: "i-0aaa0000000000002" },
      alarms: [{ name: "api check" }],
    });
  });

  it("says what to do when nothing is tagged, no region is known, or AWS refuses", async () => {
    const { account, run } = bed();
    const none = await run({ tag: "nothing" });
    expect(none).toMatchObject({ code: 1, yaml: "" });
    expect(none.said).toContain("--all");
    expect(await run({}, {})).toMatchObject({ code: 2, yaml: "" });
    account.breakAccount("throttled");
    const refused = await run();
    expect(refused.code).toBe(1);
    expect(refused.said).toContain("too many requests");
  });

  it("stays a valid file whatever instances and alarms are called", () => {
    const names = [
      'a"b',
      "- x: {y}",
      "# no",
      "ünïcode 🔥",
      "line\nbreak: yes",
      "*",
      "&anchor",
      "true",
      "12",
      "x".repeat(250),
      "A b",
      "a-b",
    ];
    const instance = (name: string, index: number): InstanceView => ({
      id: `i-${String(index).padStart(17, "0")}` as InstanceId,
      state: "running",
      launchTime: 0,
      type: "t3.micro",
      availabilityZone: "eu-west-1a",
      name,
      rootDeviceType: "ebs",
      hasInstanceStore: false,
      spot: false,
      tags: { Name: name, [tag]: name },
    });
    const view = (name: string, index: number): AlarmView => ({
      name,
      arn: "",
      state: "OK",
      changedAt: 0,
      reason: "",
      composite: false,
      alarmActions: [],
      okActions: [],
      dimensions: { InstanceId: `i-${String(index).padStart(17, "0")}` },
    });
    const found: Found = {
      instances: names.map(instance),
      addresses: new Map(),
      groups: [],
      alarms: [...names.map(view), ...names.map((name) => ({ ...view(`left ${name}`, 0), dimensions: {} }))],
      tag,
      all: false,
    };
    const { problemsOnceSet, settings } = checked(drawYaml({ region: "eu-west-1", ...draftOf(found) }));
    expect(problemsOnceSet).toEqual([]);
    expect(settings?.services.size).toBe(names.length);
  });
});
