/** CreateTags: on whatever has tags, all or nothing. */
import { AwsRefusal } from "./accountModel.ts";
import { remember } from "./world.ts";
import type { World } from "./world.ts";

const notFound: Readonly<Record<string, string>> = {
  i: "InvalidInstanceID.NotFound",
  vol: "InvalidVolume.NotFound",
  snap: "InvalidSnapshot.NotFound",
  ami: "InvalidAMIID.NotFound",
};

export function tagAll(world: World, ids: readonly string[], tags: Readonly<Record<string, string>>): void {
  refuseReserved(tags);
  const targets = ids.map((id) => ({ id, tags: tagsAt(world, id) }));
  for (const { id, tags: there } of targets) {
    Object.assign(there, tags);
    const machine = world.machines.get(id);
    if (machine !== undefined) remember(world, machine);
  }
}

/** Nobody but AWS may set these. */
export function refuseReserved(tags: Readonly<Record<string, string>>): void {
  const own = Object.keys(tags).find((key) => key.startsWith("aws:"));
  if (own === undefined) return;
  throw new AwsRefusal("InvalidParameterValue", `Tag keys starting with 'aws:' are reserved: ${own}`);
}

function tagsAt(world: World, id: string): Record<string, string> {
  const { volumes, snapshots, images } = world.stock;
  const found = world.machines.get(id) ?? volumes.get(id) ?? snapshots.get(id) ?? images.get(id);
  if (found !== undefined) return found.tags;
  throw new AwsRefusal(notFound[id.split("-")[0] ?? ""] ?? "InvalidID", `The ID '${id}' is not valid`);
}
