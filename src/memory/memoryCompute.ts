/** EC2 as the port wants it, over the simulated account. */
import { RecoveryRefused } from "../domain/errors.ts";
import type { InstanceId } from "../domain/words.ts";
import { drillTag } from "../ports/compute.ts";
import type { Compute, DryRunQuestion, InstanceChecks, Permitted, Tags } from "../ports/compute.ts";
import type { Account } from "./account.ts";
import { AwsRefusal } from "./accountModel.ts";
import type { MachineView } from "./accountModel.ts";
import { withHooks } from "./callHooks.ts";
import type { CallHooks } from "./callHooks.ts";
import { addressView, blueprintOf, instanceView } from "./computeViews.ts";
import { inOurWords, launchInOurWords, orGone } from "./translateRefusal.ts";

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
    mayI: (question) => inOurWords(`asking for permission`, () => mayI(account, who, question)),
    ...places(account, who),
  };
  return withHooks({ name: "compute", of: compute, mutating: computeWrites }, options.hooks);
}

const computeWrites = [
  "reboot",
  "stop",
  "start",
  "associate",
  "disassociate",
  "launch",
  "terminateDrill",
  "tag",
] as const satisfies readonly (keyof Compute)[];

type Places =
  | "blueprint"
  | "associate"
  | "disassociate"
  | "launch"
  | "terminateDrill"
  | "tag"
  | "subnets"
  | "offered"
  | "securityGroups";

function places(account: Account, who: string): Pick<Compute, Places> {
  const { calls } = account;
  return {
    blueprint: async (id) => {
      const view = await find(account, id);
      return view === undefined ? undefined : blueprintOf(account, view);
    },
    associate: (allocationId, to) =>
      inOurWords(`associating ${allocationId} with ${to}`, () =>
        calls.associate(who, { allocationId, instanceId: to, allowReassociation: false }),
      ),
    disassociate: (id) => inOurWords(`disassociating ${id}`, () => calls.disassociate(who, id)),
    launch: (request) => {
      const tags = ourTags(request.tags);
      return launchInOurWords(
        `launching a ${request.type} in ${request.subnetId}`,
        async () => (await calls.launch(who, { ...request, tags, volumeTags: tags })) as InstanceId,
      );
    },
    terminateDrill: (id) => terminateDrill(account, who, id),
    tag: (ids, tags) => inOurWords(`tagging ${ids.join(", ")}`, () => calls.tag(who, ids, ourTags(tags))),
    subnets: (ids) =>
      inOurWords("reading subnets", async () => {
        const all = await calls.subnets();
        return ids.flatMap((id) => all.filter((subnet) => subnet.id === id));
      }),
    offered: (types, zone) => inOurWords(`reading what ${zone} offers`, () => calls.offered(types, zone)),
    securityGroups: (ids) =>
      inOurWords("reading security groups", async () => {
        const all = await calls.securityGroups();
        return ids.filter((id) => all.includes(id));
      }),
  };
}

/** As the real adapter: a request that names one of AWS's own tags would fail as a whole. */
function ourTags(tags: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !/^aws:/i.test(key)));
}

/** The tag is read right before: no caller's word counts. */
async function terminateDrill(account: Account, who: string, id: InstanceId): Promise<void> {
  await inOurWords(`terminating ${id}`, async () => {
    const [view] = await account.calls.instancesById([id]);
    if (view?.tags[drillTag.key] !== drillTag.value) {
      throw new RecoveryRefused(
        "not-a-drill",
        `${id} does not carry the tag ${drillTag.key}=${drillTag.value}, so it was not terminated`,
        "Only instances that a drill launched are ever terminated. Terminate it by hand when it is to go.",
      );
    }
    await account.calls.terminate(who, [id]);
  });
}

function find(account: Account, id: InstanceId): Promise<MachineView | undefined> {
  return orGone(() => inOurWords(`reading ${id}`, async () => (await account.calls.instancesById([id]))[0]));
}

async function mayI(account: Account, who: string, question: DryRunQuestion): Promise<Permitted> {
  try {
    await askDry(account, who, question);
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    if (error.code === "DryRunOperation") return { allowed: true, detail: "allowed" };
    const isAnswer = error.status < 500 && error.code !== "RequestLimitExceeded";
    if (isAnswer) return { allowed: false, detail: error.message };
    throw error;
  }
  return { allowed: true, detail: "allowed" };
}

async function askDry({ calls }: Account, who: string, question: DryRunQuestion): Promise<void> {
  const dryRun = { dryRun: true };
  switch (question.action) {
    case "associate": {
      const { allocationId, instanceId } = question;
      await calls.associate(who, { allocationId, instanceId, allowReassociation: false }, dryRun);
      return;
    }
    case "launch":
      await calls.launch(who, question.request, dryRun);
      return;
    case "snapshot":
      await calls.createSnapshot(who, { volumeId: question.volumeId, description: "", tags: {} }, dryRun);
      return;
    default:
      return calls[question.action](who, [question.instanceId], dryRun);
  }
}
