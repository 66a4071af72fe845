/** The compute port over EC2 (SDK v3). Reads name ids, so that one bad zone does not blind the rest. */
import {
  CreateTagsCommand,
  DescribeInstanceStatusCommand,
  DescribeInstanceTypesCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  type Instance,
  type InstanceTypeInfo,
  type _InstanceType,
} from "@aws-sdk/client-ec2";
import { RecoveryRefused } from "../domain/errors.ts";
import type { InstanceId } from "../domain/words.ts";
import { drillTag, type Compute, type InstanceView } from "../ports/compute.ts";
import { addressOf, addressById, associate, disassociate } from "./addresses.ts";
import { blueprint } from "./blueprint.ts";
import type { RegionClients } from "./clients.ts";
import { consoleTail } from "./console.ts";
import { mayI } from "./dryRun.ts";
import { findInstance, instancesByTag } from "./findInstances.ts";
import { instanceChecks, instanceView } from "./instances.ts";
import { launch } from "./launch.ts";
import { offered, securityGroups, subnets } from "./places.ts";
import { tagList, tagsOf } from "./tags.ts";
import { asked, orGone } from "./translate.ts";

type Ec2 = RegionClients["ec2"];

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
    address: (id) => orGone(() => addressById(ec2, id)),
    addressOf: (id) => addressOf(ec2, id),
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
    mayI: (question) => mayI(ec2, question),
    blueprint: (id) => orGone(() => blueprint(ec2, id)),
    associate: (allocationId, to) => associate(ec2, allocationId, to),
    disassociate: (associationId) => disassociate(ec2, associationId),
    launch: (request) => launch(ec2, request),
    terminateDrill: (id) => terminateDrill(ec2, id),
    tag: async (ids, tags) => {
      const input = { Resources: [...ids], Tags: tagList(tags) };
      if (input.Resources.length === 0 || input.Tags.length === 0) return;
      await asked(`CreateTags ${ids.join(", ")}`, () => ec2.send(new CreateTagsCommand(input)));
    },
    subnets: (ids) => subnets(ec2, ids),
    offered: (names, availabilityZone) => offered(ec2, names, availabilityZone),
    securityGroups: (ids) => securityGroups(ec2, ids),
  };
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

/**
 * The only call of the bot that destroys an instance. The tag is read here, from EC2, right before it: no caller's word counts.
 * The policy of infra/ asks for the same tag.
 */
async function terminateDrill(ec2: Ec2, id: InstanceId): Promise<void> {
  const tags = tagsOf((await findInstance(ec2, id)).Tags);
  if (tags[drillTag.key] !== drillTag.value)
    throw new RecoveryRefused(
      "not-a-drill",
      `${id} does not carry the tag ${drillTag.key}=${drillTag.value}, so it was not terminated`,
      "Only instances that a drill launched are ever terminated. Terminate it by hand when it is to go.",
    );
  await asked(`TerminateInstances ${id}`, () => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })));
}
