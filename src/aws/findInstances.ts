/** Instances of EC2 as EC2 describes them: by id, and by tag in pages. */
import { DescribeInstancesCommand, type Instance } from "@aws-sdk/client-ec2";
import { NotFound } from "../domain/errors.ts";
import type { InstanceId } from "../domain/words.ts";
import type { RegionClients } from "./clients.ts";
import { inPages } from "./inPages.ts";
import { asked } from "./translate.ts";

type Ec2 = RegionClients["ec2"];

/** Throws NotFound also in the first seconds after a launch: EC2's reads lag behind its writes. */
export async function findInstance(ec2: Ec2, id: InstanceId): Promise<Instance> {
  const what = `DescribeInstances ${id}`;
  const answer = await asked(what, () => ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] })));
  const found = answer.Reservations?.flatMap((r) => r.Instances ?? []).find((i) => i.InstanceId === id);
  if (found === undefined) throw new NotFound(what);
  return found;
}

/** Terminated ones are left out: EC2 lists them for an hour. */
export async function instancesByTag(ec2: Ec2, key: string, value: string): Promise<Instance[]> {
  const query = {
    Filters: [
      { Name: `tag:${key}`, Values: [value] },
      { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
    ],
    MaxResults: 100,
  };
  return inPages(async (page) => {
    const answer = await asked(`DescribeInstances tag ${key}=${value}`, () =>
      ec2.send(new DescribeInstancesCommand({ ...query, ...page })),
    );
    return { items: (answer.Reservations ?? []).flatMap((r) => r.Instances ?? []), next: answer.NextToken };
  });
}
