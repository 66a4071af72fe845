/** Which service a message is about, and in which words nobody's message is explained. */
import { describe, expect, test } from "vitest";
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { InstanceId, ServiceName } from "../../src/domain/words.ts";
import { matchService, type Known } from "../../src/engine/matchService.ts";
import { indexServices } from "../../src/engine/serviceIndex.ts";
import { parseText } from "../../src/signals/parseMessage.ts";
import { bench, machine, web } from "./bench.ts";

const base = [...bench().settings.services.values()][0] as ServiceDefinition;
const other: ServiceDefinition = {
  ...base,
  name: "api" as ServiceName,
  target: { kind: "tag", key: "service", value: "api" },
  alarms: [{ name: "api-cpu", symptom: "down" }, { name: "web host*" }],
};
const apiMachine = "i-0bbb0000000000002" as InstanceId;

function known(services: readonly ServiceDefinition[] = [base, other]): Known {
  return {
    services,
    place: (service) =>
      service === other.name
        ? { instanceIds: [apiMachine], formerIds: ["i-0ccc0000000000003" as InstanceId], targetGroupArns: [] }
        : undefined,
  };
}

function alarm(over: Record<string, string> = {}, dimensions: Record<string, string> = {}): string {
  return JSON.stringify({
    AlarmName: "something",
    AlarmArn: `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${over["AlarmName"] ?? "something"}`,
    AWSAccountId: "111122223333",
    NewStateValue: "ALARM",
    OldStateValue: "OK",
    NewStateReason: "test",
    StateChangeTime: "2026-11-21T03:00:00.000+0000",
    Region: "EU (Ireland)",
    Trigger: {
      MetricName: "CPUUtilization",
      Namespace: "AWS/EC2",
      Dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })),
      Period: 60,
      EvaluationPeriods: 2,
      Threshold: 90,
    },
    ...over,
  });
}

const match = (text: string, with_ = known()) => {
  const [parsed] = parseText(text);
  if (parsed === undefined) throw new Error("nothing parsed");
  const matched = matchService(parsed, with_);
  // The index only leaves out what cannot match: through it the answer is the same, for every message tried here.
  expect(matchService(parsed, { ...with_, services: indexServices(with_.services)(parsed) })).toEqual(matched);
  return matched;
};

describe("matching", () => {
  test("an exact alarm name wins over a glob of another service", () => {
    expect(match(alarm({ AlarmName: "api-cpu" })).service).toBe("api");
  });

  test("a glob matches, and two services with an equal claim are both named", () => {
    const found = match(alarm({ AlarmName: "web host check" }));
    expect(found.service).toBe("api");
    expect(found.others).toEqual([web]);
  });

  test("the symptom that medic.yaml sets wins over the guess", () => {
    expect(match(alarm({ AlarmName: "api-cpu" })).guess?.symptom).toBe("down");
  });

  test("without a name it goes by the instance, from the target or from the inventory", () => {
    expect(match(alarm({}, { InstanceId: machine })).service).toBe(web);
    expect(match(alarm({}, { InstanceId: apiMachine })).service).toBe("api");
  });

  test("a message about a former instance is still about the service", () => {
    expect(match(alarm({}, { InstanceId: "i-0ccc0000000000003" })).why).toContain("former");
  });

  test("the same alarm name in another region or account is somebody else's", () => {
    const elsewhere = { AlarmName: "api-cpu", AlarmArn: "arn:aws:cloudwatch:us-east-1:111122223333:alarm:api-cpu" };
    expect(match(alarm(elsewhere)).service).toBeNull();
    const stranger = {
      AlarmArn: "arn:aws:cloudwatch:eu-west-1:999999999999:alarm:api-cpu",
      AWSAccountId: "999999999999",
    };
    expect(match(alarm({ AlarmName: "api-cpu", ...stranger })).service).toBeNull();
  });

  test("what matches nothing is explained with what it names", () => {
    const found = match(alarm({ AlarmName: "jobs wait" }, { InstanceId: "i-0ddd0000000000004" }));
    expect(found.service).toBeNull();
    expect(found.why).toContain('no service lists alarm "jobs wait"');
    expect(found.why).toContain("i-0ddd0000000000004");
  });
});
