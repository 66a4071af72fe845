/** EC2 as the port wants it, over the simulated account. */
import type { AllocationId, InstanceId } from "../domain/words.ts";
import type { AddressView, Compute, InstanceChecks, InstanceView } from "../ports/compute.ts";
import type { Account } from "./account.ts";
import { AwsRefusal } from "./accountModel.ts";
import type { ElasticIp, MachineView } from "./accountModel.ts";
import { withHooks } from "./callHooks.ts";
import type { CallHooks } from "./callHooks.ts";
import { inOurWords } from "./translateRefusal.ts";

export interface MemoryPortOptions {
  /** Who stands in the account's list of writes; default "medic". */
  readonly who?: string;
  readonly hooks?: CallHooks;
}

/** Lines of the console that a card can use. */
const consoleLinesMax = 20;

export function memoryCompute(account: Account, options: MemoryPortOptions = {}): Compute {
  const who = options.who ?? "medic";
  const compute: Compute = {
    instance: async (id) => {
      const view = await find(account, id);
      return view === undefined ? undefined : instanceView(view);
    },
    instancesByTag: (key, value) =>
      inOurWords("reading instances by tag", async () =>
        (await account.calls.instances())
          .filter((view) => view.state !== "terminated" && view.tags[key] === value)
          .map(instanceView),
      ),
    checks: async (id): Promise<InstanceChecks | undefined> => (await find(account, id))?.checks,
    address: (id) =>
      inOurWords(`reading address ${id}`, async () =>
        addressView((await account.calls.addresses()).find((each) => each.allocationId === id)),
      ),
    addressOf: (id) =>
      inOurWords(`reading the address of ${id}`, async () =>
        addressView((await account.calls.addresses()).find((each) => each.instanceId === id)),
      ),
    consoleTail: (id) =>
      inOurWords(`reading the console of ${id}`, async () =>
        (await account.calls.console(id)).text.split("\n").slice(-consoleLinesMax).join("\n"),
      ),
    reboot: (id) => inOurWords(`rebooting ${id}`, () => account.calls.reboot(who, [id])),
    stop: (id, how) => inOurWords(`stopping ${id}`, () => account.calls.stop(who, [id], { force: how.force })),
    start: (id) => inOurWords(`starting ${id}`, () => account.calls.start(who, [id])),
    mayI: (action, id) => inOurWords(`asking for permission`, () => mayI(account, { who, action, id })),
  };
  return withHooks({ name: "compute", of: compute, mutating: ["reboot", "stop", "start"] }, options.hooks);
}

async function find(account: Account, id: InstanceId): Promise<MachineView | undefined> {
  try {
    return await inOurWords(`reading ${id}`, async () => (await account.calls.instancesById([id]))[0]);
  } catch (error) {
    if (error instanceof Error && error.cause instanceof AwsRefusal && isUnknownId(error.cause)) return undefined;
    throw error;
  }
}

function isUnknownId(refusal: AwsRefusal): boolean {
  return refusal.code === "InvalidInstanceID.NotFound";
}

async function mayI(
  account: Account,
  wish: { readonly who: string; readonly action: "reboot" | "stop" | "start"; readonly id: InstanceId },
): Promise<{ allowed: boolean; detail: string }> {
  try {
    await account.calls[wish.action](wish.who, [wish.id], { dryRun: true });
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    if (error.code === "DryRunOperation") return { allowed: true, detail: "allowed" };
    if (error.code === "UnauthorizedOperation" || isUnknownId(error)) return { allowed: false, detail: error.message };
    throw error;
  }
  return { allowed: true, detail: "allowed" };
}

function instanceView(view: MachineView): InstanceView {
  return {
    id: view.id as InstanceId,
    state: view.state,
    launchTime: view.launchTime,
    type: view.type,
    availabilityZone: view.availabilityZone,
    name: view.name,
    privateIp: view.privateIp,
    ...(view.publicIp === undefined ? {} : { publicIp: view.publicIp }),
    ...(view.transitionReason === "" ? {} : { stateReason: view.transitionReason }),
    ...(view.asgName === undefined ? {} : { asgName: view.asgName }),
    rootDeviceType: view.rootDeviceType,
    hasInstanceStore: view.hasInstanceStore,
    spot: view.spot,
    tags: view.tags,
  };
}

function addressView(address: ElasticIp | undefined): AddressView | undefined {
  if (address === undefined) return undefined;
  return {
    allocationId: address.allocationId as AllocationId,
    publicIp: address.publicIp,
    ...(address.associationId === undefined ? {} : { associationId: address.associationId }),
    ...(address.instanceId === undefined ? {} : { instanceId: address.instanceId as InstanceId }),
  };
}
