import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  ListResourceRecordSetsCommand,
  UpdateHealthCheckCommand,
} from "@aws-sdk/client-route-53";
import type { HealthCheck, ResourceRecordSet } from "@aws-sdk/client-route-53";
import {
  GetRoutingControlStateCommand,
  UpdateRoutingControlStatesCommand,
} from "@aws-sdk/client-route53-recovery-cluster";
import { GetCommandInvocationCommand, SendCommandCommand } from "@aws-sdk/client-ssm";
import type { Account } from "../../src/memory/account.ts";
import { AwsRefusal } from "../../src/memory/accountModel.ts";
import type { DnsChange } from "../../src/memory/dnsModel.ts";
import { checkType } from "../../src/memory/memoryDns.ts";
import type { RecordView } from "../../src/ports/dns.ts";
import { answer, type Answer } from "./sdk-answers.ts";

const pageSizeDefault = 300;

export function route53Answers(account: Account, who: string): Answer[] {
  const calls = account.calls.dns;
  return [
    answer(ListResourceRecordSetsCommand, async (input) => {
      const wanted = [input.StartRecordName ?? "", input.StartRecordType ?? "", input.StartRecordIdentifier ?? ""];
      const all = (await calls.records(bare(input.HostedZoneId))).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      const from = all.filter((record) => keyOf(record) >= sortKey(wanted[0] ?? "", wanted[1] ?? "", wanted[2] ?? ""));
      const size = input.MaxItems ?? pageSizeDefault;
      const next = from[size];
      return {
        ResourceRecordSets: from.slice(0, size).map(recordSetOf),
        IsTruncated: next !== undefined,
        MaxItems: size,
        ...(next === undefined
          ? {}
          : {
              NextRecordName: next.name,
              NextRecordType: next.type as "A",
              ...(next.set === undefined ? {} : { NextRecordIdentifier: next.set }),
            }),
      };
    }),
    answer(ChangeResourceRecordSetsCommand, async (input) => {
      const changes = input.ChangeBatch?.Changes ?? [];
      const other = changes.find((change) => change.Action !== "UPSERT");
      if (other !== undefined) {
        throw new AwsRefusal("InvalidInput", `The action ${other.Action ?? ""} is not simulated`);
      }
      const records = changes.map((change) => recordOf(change.ResourceRecordSet));
      return { ChangeInfo: changeOf(await calls.upsert(who, bare(input.HostedZoneId), records)) };
    }),
    answer(GetChangeCommand, async (input) => ({ ChangeInfo: changeOf(await calls.change(bare(input.Id))) })),
    ...healthAnswers(account, who),
  ];
}

function healthAnswers(account: Account, who: string): Answer[] {
  const calls = account.calls.dns;
  const shown = async (id: string): Promise<HealthCheck> => {
    const check = await calls.healthCheck(id);
    return {
      Id: check.id,
      CallerReference: check.id,
      HealthCheckVersion: check.version,
      HealthCheckConfig: { Type: checkType(check), Inverted: check.inverted, Disabled: check.disabled },
    };
  };
  return [
    answer(GetHealthCheckCommand, async (input) => ({ HealthCheck: await shown(input.HealthCheckId ?? "") })),
    answer(UpdateHealthCheckCommand, async (input) => {
      const id = input.HealthCheckId ?? "";
      const now = await calls.healthCheck(id);
      const wish = { inverted: input.Inverted ?? now.inverted, version: input.HealthCheckVersion ?? now.version };
      await calls.setInverted(who, id, wish);
      return { HealthCheck: await shown(id) };
    }),
    answer(GetHealthCheckStatusCommand, async (input) => ({
      HealthCheckObservations: (await calls.observations(input.HealthCheckId ?? "")).map((good) => ({
        StatusReport: { Status: good ? "Success: HTTP Status Code 200, OK" : "Failure: The endpoint did not answer" },
      })),
    })),
  ];
}

const bare = (id: string | undefined): string => (id ?? "").replace(/^\/?(change|hostedzone)\//, "");

/** Route 53 lists names by their labels from the right, then type, then set. */
function sortKey(name: string, type: string, set: string): string {
  const labels = name.split(".").filter((label) => label !== "");
  return [labels.toReversed().join("."), type, set].join(" ");
}

function keyOf(record: RecordView): string {
  return sortKey(record.name, record.type, record.set ?? "");
}

function recordOf(set: ResourceRecordSet | undefined): RecordView {
  const { Name, Type, SetIdentifier, Failover, Weight, TTL, ResourceRecords, AliasTarget, HealthCheckId, ...rest } =
    set ?? { Name: "", Type: undefined };
  return {
    name: Name ?? "",
    type: Type ?? "",
    ...(SetIdentifier === undefined ? {} : { set: SetIdentifier }),
    ...(Failover === undefined ? {} : { failover: Failover }),
    ...(Weight === undefined ? {} : { weight: Weight }),
    ...(TTL === undefined ? {} : { ttl: TTL }),
    values: (ResourceRecords ?? []).map((record) => record.Value ?? ""),
    ...(AliasTarget === undefined
      ? {}
      : {
          alias: {
            zoneId: AliasTarget.HostedZoneId ?? "",
            dnsName: AliasTarget.DNSName ?? "",
            evaluateHealth: AliasTarget.EvaluateTargetHealth === true,
          },
        }),
    ...(HealthCheckId === undefined ? {} : { healthCheckId: HealthCheckId }),
    rest,
  };
}

function recordSetOf(record: RecordView): ResourceRecordSet {
  const { alias } = record;
  return {
    ...record.rest,
    Name: record.name,
    Type: record.type as "A",
    ...(record.set === undefined ? {} : { SetIdentifier: record.set }),
    ...(record.failover === undefined ? {} : { Failover: record.failover }),
    ...(record.weight === undefined ? {} : { Weight: record.weight }),
    ...(record.healthCheckId === undefined ? {} : { HealthCheckId: record.healthCheckId }),
    ...(record.ttl === undefined ? {} : { TTL: record.ttl }),
    ...(record.values.length === 0 ? {} : { ResourceRecords: record.values.map((Value) => ({ Value })) }),
    ...(alias === undefined
      ? {}
      : {
          AliasTarget: {
            HostedZoneId: alias.zoneId,
            DNSName: alias.dnsName,
            EvaluateTargetHealth: alias.evaluateHealth,
          },
        }),
  };
}

function changeOf(change: Readonly<DnsChange>) {
  return { Id: `/change/${change.id}`, Status: change.state, SubmittedAt: new Date(change.at) };
}

/** The cluster's endpoint in one region. */
export function routingAnswers(account: Account, who: string, region: string): Answer[] {
  const calls = account.calls.routing;
  return [
    answer(GetRoutingControlStateCommand, async (input) => ({
      RoutingControlArn: input.RoutingControlArn,
      RoutingControlState: await calls.state(region, input.RoutingControlArn ?? ""),
    })),
    answer(UpdateRoutingControlStatesCommand, async (input) => {
      const states = (input.UpdateRoutingControlStateEntries ?? []).map((entry) => ({
        controlArn: entry.RoutingControlArn ?? "",
        state: entry.RoutingControlState === "On" ? ("On" as const) : ("Off" as const),
      }));
      await calls.set(who, region, states);
      return {};
    }),
  ];
}

const statusWords = { pending: "InProgress", success: "Success", failed: "TimedOut" } as const;

export function commandAnswers(account: Account, who: string): Answer[] {
  const calls = account.calls.commands;
  return [
    answer(SendCommandCommand, async (input) => {
      const [id = ""] = input.InstanceIds ?? [];
      const CommandId = await calls.send(who, id, {
        line: (input.Parameters?.["commands"] ?? []).join("\n"),
        timeoutSeconds: input.TimeoutSeconds ?? 3_600,
      });
      return { Command: { CommandId, InstanceIds: [id], Status: "Pending" as const } };
    }),
    answer(GetCommandInvocationCommand, async ({ CommandId = "", InstanceId = "" }) => {
      const { state } = await calls.invocation(CommandId, InstanceId);
      return { CommandId, InstanceId, Status: statusWords[state] };
    }),
  ];
}
