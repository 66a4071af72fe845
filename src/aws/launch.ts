/** One new instance, asked for so that the same wish twice is one machine and nothing of it is ever untagged. */
import { RunInstancesCommand, type RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { MedicError } from "../domain/errors.ts";
import { clip } from "../domain/limits.ts";
import type { InstanceId } from "../domain/words.ts";
import type { LaunchRequest, MetadataOptions } from "../ports/compute.ts";
import type { RegionClients } from "./clients.ts";
import { named } from "./named.ts";
import { tagged } from "./tags.ts";
import { asked, awsCode } from "./translate.ts";

/** EC2 says the first in zones that lack the type, the second where nobody knows it. */
const typeRefusals = new Set(["Unsupported", "InvalidInstanceType"]);

/** Throws NoCapacity, `type-not-offered`, `quota-reached` beside the errors of every call. */
export async function launch(ec2: RegionClients["ec2"], request: LaunchRequest): Promise<InstanceId> {
  const what = `RunInstances ${request.type} in ${request.subnetId}`;
  const answer = await asked(what, async () => {
    try {
      return await ec2.send(new RunInstancesCommand(launchInput(request)));
    } catch (error) {
      throw typeRefusals.has(awsCode(error)) ? typeNotOffered(what, error) : error;
    }
  });
  return named(what, answer.Instances?.[0]?.InstanceId) as InstanceId;
}

function typeNotOffered(what: string, cause: unknown): MedicError {
  const said = cause instanceof Error ? clip(cause.message) : "";
  return new MedicError("type-not-offered", `${what}: this type cannot be had there. ${said}`.trimEnd(), {
    retry: "never",
    next: "Name other types or subnets under `reprovision` (or `dr`) in medic.yaml; the next candidate is tried.",
    cause,
  });
}

export function launchInput(request: LaunchRequest): RunInstancesCommandInput {
  return {
    ...numbersAndPlace(request),
    ...(request.keyName ? { KeyName: request.keyName } : {}),
    ...(request.instanceProfile ? { IamInstanceProfile: profile(request.instanceProfile) } : {}),
    // Base64 already: EC2 gave it so, and the SDK does not encode it.
    ...(request.userData ? { UserData: request.userData } : {}),
    ...(request.metadata ? { MetadataOptions: metadataInput(request.metadata) } : {}),
    ...(request.ebsOptimized === undefined ? {} : { EbsOptimized: request.ebsOptimized }),
    ...(request.detailedMonitoring === undefined ? {} : { Monitoring: { Enabled: request.detailedMonitoring } }),
    ...(request.onShutdown ? { InstanceInitiatedShutdownBehavior: request.onShutdown } : {}),
    ...(request.volumes.length > 0 ? { BlockDeviceMappings: request.volumes.map(mapping) } : {}),
    // The policy lets the bot attach addresses and volumes only to what carries the tag: the interface and the disks need it too.
    ...tagged(["instance", "volume", "network-interface"], request.tags),
  };
}

const numbersAndPlace = (request: LaunchRequest) => ({
  MinCount: 1,
  MaxCount: 1,
  ClientToken: request.clientToken,
  ImageId: request.imageId,
  InstanceType: request.type as NonNullable<RunInstancesCommandInput["InstanceType"]>,
  SubnetId: request.subnetId,
  SecurityGroupIds: [...request.securityGroupIds],
});

const profile = (nameOrArn: string) => (nameOrArn.startsWith("arn:") ? { Arn: nameOrArn } : { Name: nameOrArn });

const metadataInput = (metadata: MetadataOptions) => ({
  HttpTokens: metadata.httpTokens,
  HttpEndpoint: metadata.httpEndpoint,
  HttpPutResponseHopLimit: metadata.hopLimit,
  InstanceMetadataTags: metadata.instanceTags,
});

const mapping = (volume: LaunchRequest["volumes"][number]) => ({
  DeviceName: volume.device,
  Ebs: { SnapshotId: volume.snapshotId, DeleteOnTermination: volume.deleteOnTermination },
});
