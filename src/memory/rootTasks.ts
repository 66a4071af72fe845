/** CreateReplaceRootVolumeTask: a running machine gets another root disk, keeps its id and addresses, and reboots. */
import { AwsRefusal } from "./accountModel.ts";
import type { Machine } from "./accountModel.ts";
import type { RootTask, Snapshot, Volume } from "./cloudModel.ts";
import { volumeAt } from "./disks.ts";
import { completedSnapshot } from "./images.ts";
import { comeUp, machineOf } from "./instanceLife.ts";
import { checksInitialize } from "./statusChecks.ts";
import { addVolume } from "./volumes.ts";
import { newId, remember, say } from "./world.ts";
import type { World } from "./world.ts";

export interface RootWish {
  readonly clientToken: string;
  readonly instanceId: string;
  readonly snapshotId: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** pending → in-progress. */
const prepareMs = 10_000;

export function replaceRoot(world: World, wish: RootWish): string {
  const known = [...world.stock.rootTasks.values()].find((task) => task.token === wish.clientToken);
  if (known !== undefined) {
    if (known.instanceId === wish.instanceId && known.snapshotId === wish.snapshotId) return known.id;
    throw new AwsRefusal(
      "IdempotentParameterMismatch",
      "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
    );
  }
  const machine = machineOf(world, wish.instanceId);
  if (machine.state !== "running") {
    throw new AwsRefusal(
      "IncorrectInstanceState",
      `The instance '${machine.id}' is not in the 'running' state: it is ${machine.state}.`,
    );
  }
  const snapshot = completedSnapshot(world, wish.snapshotId);
  if (!machine.rootVolumeIds.includes(snapshot.volumeId)) {
    throw new AwsRefusal(
      "InvalidParameterValue",
      `The snapshot '${snapshot.id}' was not created from the root volume of instance '${machine.id}'`,
    );
  }
  const open = [...world.stock.rootTasks.values()].find((task) => task.instanceId === machine.id && !hasEnded(task));
  if (open !== undefined) {
    throw new AwsRefusal("IncorrectState", `The task ${open.id} of instance '${machine.id}' is ${open.state}.`);
  }
  const task: RootTask = {
    id: newId(world, "replacevol"),
    instanceId: machine.id,
    startedAt: world.agenda.now(),
    snapshotId: snapshot.id,
    token: wish.clientToken,
    tags: { ...wish.tags },
    state: "pending",
  };
  world.stock.rootTasks.set(task.id, task);
  carry(world, task, { machine, snapshot });
  return task.id;
}

function hasEnded({ state }: RootTask): boolean {
  return state === "succeeded" || state === "failed" || state === "failed-detached";
}

function carry(world: World, task: RootTask, on: { readonly machine: Machine; readonly snapshot: Snapshot }): void {
  const { machine, snapshot } = on;
  const { epoch } = machine;
  world.agenda.at(task.startedAt + prepareMs, () => {
    task.state = "in-progress";
    if (machine.epoch !== epoch || world.faults.rootTasksFail || (snapshot.encrypted && world.faults.noGrant)) return;
    machine.health = { ...machine.health, kernel: "booting", process: "down" };
    machine.rebootingUntil = undefined;
    say(world, "EC2", `${machine.name} (${machine.id}) gets a new root disk and reboots`);
  });
  world.agenda.at(task.startedAt + world.timings.rootTaskMs, () => {
    const refused = world.faults.rootTasksFail || (snapshot.encrypted && world.faults.noGrant);
    if (machine.epoch !== epoch || refused) {
      // The old root is put back and the machine goes on with it.
      task.state = "failed";
      if (machine.health.kernel === "booting" && machine.epoch === epoch) comeUp(machine);
      return say(world, "EC2", `the root disk of ${machine.name} could not be replaced`, "bad");
    }
    swap(world, machine, snapshot);
    task.state = "succeeded";
    say(world, "EC2", `${machine.name} (${machine.id}) runs from ${snapshot.id}`, "good");
  });
}

function swap(world: World, machine: Machine, snapshot: Snapshot): void {
  const device = machine.build.rootDeviceName;
  const old: Volume | undefined = volumeAt(world, machine.id, device);
  if (old !== undefined) {
    old.attachment = undefined;
    old.state = "available";
  }
  addVolume(world, { at: [machine, device], snapshot, deleteOnTermination: true });
  machine.health = { ...machine.health, disk: "ok", rebootHelps: true };
  // The host stays the same: a failed one is not helped by another disk.
  if (machine.health.host === "ok") comeUp(machine);
  checksInitialize(world, machine);
  remember(world, machine);
}
