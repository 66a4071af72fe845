/** How an instance is built, read from EC2 so that a new one can be its equal. */
import { DescribeInstanceAttributeCommand, type Instance } from "@aws-sdk/client-ec2";
import { NotFound, WrongState } from "../domain/errors.ts";
import type { ImageId, InstanceId, VolumeId } from "../domain/words.ts";
import type { Blueprint, MetadataOptions } from "../ports/compute.ts";
import type { RegionClients } from "./clients.ts";
import { defined } from "./defined.ts";
import { findInstance } from "./findInstances.ts";
import { isOurs, tagsOf } from "./tags.ts";
import { asked } from "./translate.ts";

type Ec2 = RegionClients["ec2"];

/** Throws NotFound. Of a terminated instance EC2 has forgotten network, volumes and sometimes user data. */
export async function blueprint(ec2: Ec2, id: InstanceId): Promise<Blueprint> {
  const instance = await findInstance(ec2, id);
  const userData = await userDataOf(ec2, id, instance.State?.Name === "terminated");
  return {
    ...placeOf(instance, id),
    ...machineOf(instance),
    ...defined({
      bootMode: instance.BootMode,
      keyName: instance.KeyName || undefined,
      instanceProfileArn: instance.IamInstanceProfile?.Arn,
      userData: userData || undefined,
      metadata: metadataOf(instance),
    }),
    networkInterfaces: instance.NetworkInterfaces?.length ?? 0,
    volumes: volumesOf(instance),
    tags: Object.fromEntries(Object.entries(tagsOf(instance.Tags)).filter(([key]) => isOurs(key))),
  };
}

/** Base64, unchanged. Nothing is guessed when it cannot be read of an instance that lives: the error is thrown. */
async function userDataOf(ec2: Ec2, id: InstanceId, isTerminated: boolean): Promise<string | undefined> {
  const input = { InstanceId: id, Attribute: "userData" as const };
  try {
    const what = `DescribeInstanceAttribute userData of ${id}`;
    const answer = await asked(what, () => ec2.send(new DescribeInstanceAttributeCommand(input)));
    return answer.UserData?.Value;
  } catch (error) {
    if (isTerminated && (error instanceof NotFound || error instanceof WrongState)) return undefined;
    throw error;
  }
}

const placeOf = (instance: Instance, id: InstanceId) => ({
  instanceId: id,
  imageId: (instance.ImageId ?? "") as ImageId,
  type: instance.InstanceType ?? "unknown type",
  subnetId: instance.SubnetId ?? "",
  vpcId: instance.VpcId ?? "",
  availabilityZone: instance.Placement?.AvailabilityZone ?? "unknown zone",
  securityGroupIds: (instance.SecurityGroups ?? []).flatMap((group) => (group.GroupId ? [group.GroupId] : [])),
});

const machineOf = (instance: Instance) => ({
  architecture: instance.Architecture ?? "x86_64",
  rootDeviceName: instance.RootDeviceName ?? "",
  enaSupport: instance.EnaSupport === true,
  ebsOptimized: instance.EbsOptimized === true,
  detailedMonitoring: instance.Monitoring?.State === "enabled" || instance.Monitoring?.State === "pending",
  platformDetails: instance.PlatformDetails ?? "Linux/UNIX",
});

function metadataOf({ MetadataOptions: options }: Instance): MetadataOptions | undefined {
  if (options === undefined) return undefined;
  return {
    httpTokens: options.HttpTokens === "required" ? "required" : "optional",
    httpEndpoint: options.HttpEndpoint === "disabled" ? "disabled" : "enabled",
    hopLimit: options.HttpPutResponseHopLimit ?? 1,
    instanceTags: options.InstanceMetadataTags === "enabled" ? "enabled" : "disabled",
  };
}

/** A volume that is on its way off belongs to the machine no more. */
function volumesOf(instance: Instance): Blueprint["volumes"] {
  return (instance.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) =>
    DeviceName === undefined || Ebs?.VolumeId === undefined || Ebs.Status === "detaching" || Ebs.Status === "detached"
      ? []
      : [
          {
            device: DeviceName,
            volumeId: Ebs.VolumeId as VolumeId,
            deleteOnTermination: Ebs.DeleteOnTermination === true,
          },
        ],
  );
}
