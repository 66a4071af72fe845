/** The compute port over EC2 (SDK v3). Reads name ids, so that one bad zone does not blind the rest. */
import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  DescribeInstanceTypesCommand,
  GetConsoleOutputCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  type Address,
  type DescribeAddressesCommandInput,
  type DescribeInstancesCommandInput,
  type Instance,
  type InstanceTypeInfo,
  type _InstanceType,
} from "@aws-sdk/client-ec2";
import { MedicError, NotFound, NotPermitted, WrongState } from "../domain/errors.ts";
import { clip } from "../domain/limits.ts";
import type { AllocationId, InstanceId } from "../domain/words.ts";
import type { AddressView, Compute, InstanceView } from "../ports/compute.ts";
import type { RegionClients } from "./clients.ts";
import { instanceChecks, instanceView } from "./instances.ts";
import { asked, awsCode, translate } from "./translate.ts";

type Ec2 = RegionClients["ec2"];

/** Pages of a tagged search: a service is one instance, so more than this is a wrong tag, not a big fleet. */
const pagesMax = 20;
/** The end of the console is where a kernel says why it died. */
const consoleCharsMax = 3000;
const consoleLinesMax = 20;
/** Colours and cursor movements that boot messages are full of. */
const terminalCodes = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

export function ec2Compute(ec2: Ec2): Compute {
  const types = new Map<string, Promise<InstanceTypeInfo | undefined>>();
  const typeOf = (instance: Instance) => instanceType(ec2, types, instance.InstanceType);
  const view = async (instance: Instance) => instanceView(instance, await typeOf(instance));
  return {
    instance: (id) => orGone(async () => view(await findInstance(ec2, id))),
    instancesByTag: async (key, value) => {
      const views = await Promise.all((await instancesByTag(ec2, key, value)).map(view));
      return views.filter((found): found is InstanceView => found !== undefined);
    },
    checks: (id) => orGone(() => checks(ec2, id)),
    address: (id) => orGone(() => address(ec2, `DescribeAddresses ${id}`, { AllocationIds: [id] })),
    addressOf: (id) => address(ec2, `DescribeAddresses of ${id}`, { Filters: [{ Name: "instance-id", Values: [id] }] }),
    consoleTail: (id) => consoleTail(ec2, id),
    reboot: async (id) => {
      await asked(`RebootInstances ${id}`, () => ec2.send(new RebootInstancesCommand({ InstanceIds: [id] })));
    },
    stop: async (id, { force }) => {
      const input = { InstanceIds: [id], ...(force ? { Force: true } : {}) };
      await asked(`StopInstances ${id}`, () => ec2.send(new StopInstancesCommand(input)));
    },
    start: async (id) => {
      await asked(`StartInstances ${id}`, () => ec2.send(new StartInstancesCommand({ InstanceIds: [id] })));
    },
    mayI: (action, id) => mayI(ec2, action, id),
  };
}

async function orGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

async function findInstance(ec2: Ec2, id: InstanceId): Promise<Instance> {
  const what = `DescribeInstances ${id}`;
  const answer = await asked(what, () => ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] })));
  const found = answer.Reservations?.flatMap((r) => r.Instances ?? []).find((i) => i.InstanceId === id);
  if (found === undefined) throw new NotFound(what);
  return found;
}

/** Terminated ones are left out: EC2 lists them for an hour. */
async function instancesByTag(ec2: Ec2, key: string, value: string): Promise<Instance[]> {
  const found: Instance[] = [];
  const what = `DescribeInstances tag ${key}=${value}`;
  let token: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const input: DescribeInstancesCommandInput = {
      Filters: [
        { Name: `tag:${key}`, Values: [value] },
        { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
      ],
      MaxResults: 100,
      ...(token ? { NextToken: token } : {}),
    };
    const answer = await asked(what, () => ec2.send(new DescribeInstancesCommand(input)));
    found.push(...(answer.Reservations ?? []).flatMap((r) => r.Instances ?? []));
    token = answer.NextToken;
    if (!token) break;
  }
  return found;
}

/** What a type can do never changes: asked once per process. A failed question is asked again. */
async function instanceType(
  ec2: Ec2,
  known: Map<string, Promise<InstanceTypeInfo | undefined>>,
  type: _InstanceType | undefined,
): Promise<InstanceTypeInfo | undefined> {
  if (type === undefined) return undefined;
  const asking =
    known.get(type) ??
    ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: [type] })).then((answer) => answer.InstanceTypes?.[0]);
  known.set(type, asking);
  try {
    return await asking;
  } catch {
    // Without the permission or in a bad zone the instance is still worth showing: only the instance-store warning is lost.
    known.delete(type);
    return undefined;
  }
}

async function checks(ec2: Ec2, id: InstanceId) {
  const input = { InstanceIds: [id], IncludeAllInstances: true };
  const answer = await asked(`DescribeInstanceStatus ${id}`, () => ec2.send(new DescribeInstanceStatusCommand(input)));
  const status = answer.InstanceStatuses?.find((s) => s.InstanceId === id);
  return status === undefined || status.InstanceState?.Name !== "running" ? undefined : instanceChecks(status);
}

async function address(ec2: Ec2, what: string, query: DescribeAddressesCommandInput): Promise<AddressView | undefined> {
  const answer = await asked(what, () => ec2.send(new DescribeAddressesCommand(query)));
  const [found] = answer.Addresses ?? [];
  return found === undefined ? undefined : addressView(found);
}

function addressView(found: Address): AddressView | undefined {
  if (found.AllocationId === undefined || found.PublicIp === undefined) return undefined;
  return {
    allocationId: found.AllocationId as AllocationId,
    publicIp: found.PublicIp,
    ...(found.AssociationId ? { associationId: found.AssociationId } : {}),
    ...(found.InstanceId ? { instanceId: found.InstanceId as InstanceId } : {}),
  };
}

async function consoleTail(ec2: Ec2, id: InstanceId): Promise<string> {
  const what = `GetConsoleOutput ${id}`;
  const read = (Latest: boolean) =>
    asked(what, () => ec2.send(new GetConsoleOutputCommand({ InstanceId: id, Latest })));
  // Only Nitro types can show what stands there now; for the others what was kept at the last boot or stop must do.
  const answer = await read(true).catch((error: unknown) => {
    if (error instanceof MedicError && error.retry === "never") return read(false);
    throw error;
  });
  const text = answer.Output === undefined ? "" : Buffer.from(answer.Output, "base64").toString("utf8");
  const lines = text.replace(terminalCodes, "").replace(/\r/g, "").trimEnd().split("\n").slice(-consoleLinesMax);
  return lines.join("\n").slice(-consoleCharsMax);
}

type Action = "reboot" | "stop" | "start";

/** EC2's DryRun answers with an error either way: DryRunOperation = allowed. What it could not tell is thrown, never a "no". */
async function mayI(ec2: Ec2, action: Action, id: InstanceId) {
  const input = { InstanceIds: [id], DryRun: true };
  try {
    if (action === "reboot") await ec2.send(new RebootInstancesCommand(input));
    else if (action === "stop") await ec2.send(new StopInstancesCommand(input));
    else await ec2.send(new StartInstancesCommand(input));
    return { allowed: true, detail: "allowed" };
  } catch (error) {
    if (awsCode(error) === "DryRunOperation") return { allowed: true, detail: "allowed" };
    const refusal = translate(`DryRun of ${action} ${id}`, error);
    const isAnswer = refusal instanceof NotPermitted || refusal instanceof NotFound || refusal instanceof WrongState;
    if (!isAnswer) throw refusal;
    return { allowed: false, detail: clip(refusal.message) };
  }
}
