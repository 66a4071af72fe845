/** Images over snapshots, and what EC2 refuses about either. */
import { AwsRefusal } from "./accountModel.ts";
import { blank } from "./cloudModel.ts";
import type { Image, Snapshot } from "./cloudModel.ts";
import { newId, say } from "./world.ts";
import type { World } from "./world.ts";

export function imageOf(world: World, id: string): Image {
  const image = world.stock.images.get(id);
  if (image !== undefined) return image;
  throw new AwsRefusal("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
}

export function snapshotOf(world: World, id: string): Snapshot {
  const snapshot = world.stock.snapshots.get(id);
  if (snapshot !== undefined) return snapshot;
  throw new AwsRefusal("InvalidSnapshot.NotFound", `The snapshot '${id}' does not exist.`);
}

export function completedSnapshot(world: World, id: string): Snapshot {
  const snapshot = snapshotOf(world, id);
  if (snapshot.state === "completed") return snapshot;
  throw new AwsRefusal("IncorrectState", `Snapshot '${id}' is in the '${snapshot.state}' state, not 'completed'.`);
}

export interface RegisterWish {
  readonly name: string;
  readonly rootDeviceName: string;
  readonly snapshots: readonly { readonly device: string; readonly snapshotId: string }[];
  /** What is not said is what RegisterImage takes then: i386, paravirtual, no ENA. */
  readonly architecture?: Image["architecture"];
  readonly virtualization?: Image["virtualization"];
  readonly enaSupport?: boolean;
  readonly bootMode?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export function registerImage(world: World, wish: RegisterWish): string {
  const twin = [...world.stock.images.values()].find((image) => image.name === wish.name);
  if (twin !== undefined) {
    throw new AwsRefusal("InvalidAMIName.Duplicate", `AMI name ${wish.name} is already in use by AMI ${twin.id}`);
  }
  if (!wish.snapshots.some(({ device }) => device === wish.rootDeviceName)) {
    throw new AwsRefusal(
      "InvalidBlockDeviceMapping",
      `No block device is mapped to the root device ${wish.rootDeviceName}`,
    );
  }
  for (const { snapshotId } of wish.snapshots) completedSnapshot(world, snapshotId);
  const image: Image = {
    id: newId(world, "ami"),
    name: wish.name,
    state: "pending",
    createdAt: world.agenda.now(),
    architecture: wish.architecture ?? "i386",
    virtualization: wish.virtualization ?? "paravirtual",
    enaSupport: wish.enaSupport ?? false,
    ...(wish.bootMode === undefined ? {} : { bootMode: wish.bootMode }),
    rootDeviceName: wish.rootDeviceName,
    // The billing of the snapshot's machine is lost: that is what makes such an image wrong for Windows or Red Hat.
    platformDetails: "Linux/UNIX",
    snapshots: wish.snapshots,
    content: blank,
    tags: { ...wish.tags },
  };
  world.stock.images.set(image.id, image);
  world.agenda.at(world.agenda.now() + world.timings.imageMs, () => {
    image.state = "available";
    say(world, "EC2", `image ${image.name} (${image.id}) is available`);
  });
  return image.id;
}
