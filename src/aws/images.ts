/** Machine images: the account's own, and one made over a root snapshot. */
import {
  DescribeImagesCommand,
  RegisterImageCommand,
  type DescribeImagesCommandInput,
  type Image,
  type RegisterImageCommandInput,
} from "@aws-sdk/client-ec2";
import type { ImageId, SnapshotId } from "../domain/words.ts";
import type { ImageRequest, ImageView } from "../ports/storage.ts";
import type { RegionClients } from "./clients.ts";
import { inPages } from "./inPages.ts";
import { named } from "./named.ts";
import { tagged, tagsOf } from "./tags.ts";
import { asked } from "./translate.ts";

type Ec2 = RegionClients["ec2"];

export async function image(ec2: Ec2, id: ImageId): Promise<ImageView | undefined> {
  const answer = await asked(`DescribeImages ${id}`, () => ec2.send(new DescribeImagesCommand({ ImageIds: [id] })));
  const found = answer.Images?.find((each) => each.ImageId === id);
  return found && imageView(found);
}

export const imagesByTag = (ec2: Ec2, key: string, value: string): Promise<ImageView[]> =>
  ownImages(ec2, `DescribeImages tag ${key}=${value}`, [{ Name: `tag:${key}`, Values: [value] }]);

/** Names are unique in an account and region, so that there is one or none. */
export async function imageByName(ec2: Ec2, name: string): Promise<ImageView | undefined> {
  const found = await ownImages(ec2, `DescribeImages ${name}`, [{ Name: "name", Values: [name] }]);
  // The filter takes * and ? for wildcards.
  return found.find((each) => each.name === name);
}

/** Newest first. */
async function ownImages(ec2: Ec2, what: string, Filters: NonNullable<DescribeImagesCommandInput["Filters"]>) {
  const found = await inPages(async (page) => {
    const answer = await asked(what, () => ec2.send(new DescribeImagesCommand({ Owners: ["self"], Filters, ...page })));
    return { items: (answer.Images ?? []).map(imageView), next: answer.NextToken };
  });
  return found.sort((a, b) => b.createdAt - a.createdAt);
}

function imageView(found: Image): ImageView {
  const state = found.State;
  const created = Date.parse(found.CreationDate ?? "");
  return {
    id: (found.ImageId ?? "") as ImageId,
    name: found.Name ?? "",
    state: state === "pending" || state === "available" || state === "failed" ? state : "other",
    createdAt: Number.isNaN(created) ? 0 : created,
    architecture: found.Architecture ?? "unknown",
    rootDeviceName: found.RootDeviceName ?? "",
    snapshots: (found.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) =>
      DeviceName && Ebs?.SnapshotId ? [{ device: DeviceName, snapshotId: Ebs.SnapshotId as SnapshotId }] : [],
    ),
    tags: tagsOf(found.Tags),
  };
}

/** Left to itself RegisterImage makes a 32-bit paravirtual image without ENA, which no machine of today boots. */
export async function registerImage(ec2: Ec2, request: ImageRequest): Promise<ImageId> {
  const what = `RegisterImage ${request.name}`;
  const input: RegisterImageCommandInput = {
    Name: request.name,
    Description: `Made by ec2-medic over ${request.rootSnapshotId}`,
    Architecture: request.architecture,
    VirtualizationType: "hvm",
    EnaSupport: request.enaSupport,
    ...(request.bootMode ? { BootMode: request.bootMode as NonNullable<RegisterImageCommandInput["BootMode"]> } : {}),
    RootDeviceName: request.rootDeviceName,
    BlockDeviceMappings: [
      {
        DeviceName: request.rootDeviceName,
        Ebs: { SnapshotId: request.rootSnapshotId, VolumeType: "gp3", DeleteOnTermination: true },
      },
    ],
    ...tagged(["image"], request.tags),
  };
  const answer = await asked(what, () => ec2.send(new RegisterImageCommand(input)));
  return named(what, answer.ImageId) as ImageId;
}
