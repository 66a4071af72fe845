import {
  DescribeAddressesCommand,
  DescribeInstanceStatusCommand,
  DescribeInstanceTypesCommand,
  DescribeInstancesCommand,
  DescribeTagsCommand,
  GetConsoleOutputCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Filter, InstanceStateChange, _InstanceType } from "@aws-sdk/client-ec2";
import type { Account } from "../../src/memory/account.ts";
import { AwsRefusal } from "../../src/memory/accountModel.ts";
import type { MachineView } from "../../src/memory/accountModel.ts";
import { diskAnswers } from "./ec2-disk-answers.ts";
import { placeAnswers } from "./ec2-place-answers.ts";
import { instanceOf, stateOf, statusOf } from "./ec2-shapes.ts";
import { matches, unknownFilter } from "./filters.ts";
import { answer, page, type Answer } from "./sdk-answers.ts";

const pageSizeDefault = 1_000;

export function ec2Answers(account: Account, who: string): Answer[] {
  return [
    ...instanceReads(account),
    ...otherReads(account),
    ...writes(account, who),
    ...placeAnswers(account, who),
    ...diskAnswers(account, who),
  ];
}

function instanceReads(account: Account): Answer[] {
  const chosen = async (input: { InstanceIds?: string[] | undefined; Filters?: Filter[] | undefined }) => {
    const ids = input.InstanceIds ?? [];
    const views = ids.length > 0 ? await account.calls.instancesById(ids) : await account.calls.instances();
    return views.filter((view) => (input.Filters ?? []).every((filter) => passes(view, filter)));
  };
  const refuseMixed = (input: { InstanceIds?: string[] | undefined; MaxResults?: number | undefined }): void => {
    if ((input.InstanceIds ?? []).length === 0 || input.MaxResults === undefined) return;
    throw new AwsRefusal(
      "InvalidParameterCombination",
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
  };
  return [
    answer(DescribeInstancesCommand, async (input) => {
      refuseMixed(input);
      const views = await chosen(input);
      const { items, next } = page(views, { token: input.NextToken, size: input.MaxResults ?? pageSizeDefault });
      return {
        Reservations: items.map((view) => ({
          ReservationId: view.id.replace("i-", "r-"),
          OwnerId: account.accountId,
          Instances: [instanceOf(view, account)],
        })),
        ...next,
      };
    }),
    answer(DescribeInstanceStatusCommand, async (input) => {
      refuseMixed(input);
      const views = (await chosen(input)).filter(
        (view) => view.state === "running" || (input.IncludeAllInstances === true && view.state !== "terminated"),
      );
      const { items, next } = page(views, { token: input.NextToken, size: input.MaxResults ?? pageSizeDefault });
      return { InstanceStatuses: items.map(statusOf), ...next };
    }),
  ];
}

function otherReads(account: Account): Answer[] {
  return [
    answer(DescribeInstanceTypesCommand, async (input) => {
      const views = await account.calls.instances();
      const known = [...new Set(views.map((view) => view.type))];
      const wanted = input.InstanceTypes ?? known;
      return {
        InstanceTypes: wanted.map((type) => ({
          InstanceType: type as _InstanceType,
          InstanceStorageSupported: views.some((view) => view.type === type && view.hasInstanceStore),
        })),
      };
    }),
    answer(DescribeAddressesCommand, async (input) => {
      const addresses = await account.calls.addresses();
      const unknown = (input.AllocationIds ?? []).find((id) => !addresses.some((each) => each.allocationId === id));
      if (unknown !== undefined) {
        throw new AwsRefusal("InvalidAllocationID.NotFound", `The allocation ID '${unknown}' does not exist`);
      }
      const chosen = addresses
        .filter((each) => input.AllocationIds === undefined || input.AllocationIds.includes(each.allocationId))
        .filter((each) =>
          (input.Filters ?? []).every((filter) => {
            if (filter.Name === "instance-id") return matches(filter, each.instanceId);
            if (filter.Name === "allocation-id") return matches(filter, each.allocationId);
            if (filter.Name === "public-ip") return matches(filter, each.publicIp);
            throw unknownFilter(filter);
          }),
        );
      return {
        Addresses: chosen.map((each) => ({
          AllocationId: each.allocationId,
          PublicIp: each.publicIp,
          Domain: "vpc" as const,
          ...(each.associationId === undefined ? {} : { AssociationId: each.associationId }),
          ...(each.instanceId === undefined ? {} : { InstanceId: each.instanceId }),
        })),
      };
    }),
    answer(DescribeTagsCommand, async (input) => {
      const tags = (await account.calls.instances()).flatMap((view) =>
        Object.entries(view.tags).map(([Key, Value]) => ({
          Key,
          Value,
          ResourceId: view.id,
          ResourceType: "instance" as const,
        })),
      );
      const chosen = tags.filter((tag) =>
        (input.Filters ?? []).every((filter) => {
          if (filter.Name === "resource-id") return matches(filter, tag.ResourceId);
          if (filter.Name === "resource-type") return matches(filter, tag.ResourceType);
          if (filter.Name === "key") return matches(filter, tag.Key);
          if (filter.Name === "value") return matches(filter, tag.Value);
          throw unknownFilter(filter);
        }),
      );
      const { items, next } = page(chosen, { token: input.NextToken, size: input.MaxResults ?? pageSizeDefault });
      return { Tags: items, ...next };
    }),
    answer(GetConsoleOutputCommand, async (input) => {
      const { text, at } = await account.calls.console(input.InstanceId ?? "");
      return {
        InstanceId: input.InstanceId,
        Timestamp: new Date(at),
        Output: Buffer.from(text, "utf8").toString("base64"),
      };
    }),
  ];
}

function writes(account: Account, who: string): Answer[] {
  const changing = async (
    ids: readonly string[],
    act: () => Promise<void>,
  ): Promise<{ before: MachineView[]; after: MachineView[] }> => {
    const known = ids.filter((id) => account.peek.machines().some((each) => each.id === id));
    const before = known.map((id) => account.peek.machine(id));
    await act();
    return { before, after: known.map((id) => account.peek.machine(id)) };
  };
  return [
    answer(RebootInstancesCommand, async (input) => {
      await account.calls.reboot(who, input.InstanceIds ?? [], { dryRun: input.DryRun === true });
      return {};
    }),
    answer(StopInstancesCommand, async (input) => {
      const ids = input.InstanceIds ?? [];
      const options = { dryRun: input.DryRun === true, force: input.Force === true };
      return { StoppingInstances: changes(await changing(ids, () => account.calls.stop(who, ids, options))) };
    }),
    answer(StartInstancesCommand, async (input) => {
      const ids = input.InstanceIds ?? [];
      const options = { dryRun: input.DryRun === true };
      return { StartingInstances: changes(await changing(ids, () => account.calls.start(who, ids, options))) };
    }),
  ];
}

function changes(seen: { readonly before: MachineView[]; readonly after: MachineView[] }): InstanceStateChange[] {
  return seen.after.map((view, i) => ({
    InstanceId: view.id,
    PreviousState: stateOf(seen.before[i]?.state ?? view.state),
    CurrentState: stateOf(view.state),
  }));
}

function passes(view: MachineView, filter: Filter): boolean {
  const name = filter.Name ?? "";
  if (name.startsWith("tag:")) return matches(filter, view.tags[name.slice("tag:".length)]);
  switch (name) {
    case "tag-key":
      return Object.keys(view.tags).some((key) => matches(filter, key));
    case "instance-id":
      return matches(filter, view.id);
    case "instance-state-name":
      return matches(filter, view.state);
    case "availability-zone":
      return matches(filter, view.availabilityZone);
    case "private-ip-address":
      return matches(filter, view.privateIp);
    case "ip-address":
      return matches(filter, view.publicIp);
    default:
      throw unknownFilter(filter);
  }
}
