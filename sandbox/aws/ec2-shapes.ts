import type { Instance, InstanceStatus, InstanceStatusSummary, _InstanceType } from "@aws-sdk/client-ec2";
import type { Account } from "../../src/memory/account.ts";
import type { MachineView, PublishedChecks } from "../../src/memory/accountModel.ts";
import { profileArn } from "../../src/memory/computeViews.ts";

/** EC2's own numbers for its states. */
const stateCodes = { pending: 0, running: 16, "shutting-down": 32, terminated: 48, stopping: 64, stopped: 80 } as const;
export function stateOf(name: keyof typeof stateCodes): { Code: number; Name: keyof typeof stateCodes } {
  return { Code: stateCodes[name], Name: name };
}

export function instanceOf(view: MachineView, account: Pick<Account, "accountId">): Instance {
  return {
    ...builtAs(view, account),
    InstanceId: view.id,
    InstanceType: view.type as _InstanceType,
    State: stateOf(view.state),
    LaunchTime: new Date(view.launchTime),
    Placement: { AvailabilityZone: view.availabilityZone, Tenancy: "default" },
    PrivateIpAddress: view.privateIp,
    ...(view.publicIp === undefined ? {} : { PublicIpAddress: view.publicIp }),
    StateTransitionReason: view.transitionReason,
    ...(view.stateReason === undefined
      ? {}
      : { StateReason: { Code: view.stateReason.code, Message: view.stateReason.message } }),
    RootDeviceType: view.rootDeviceType,
    ...(view.spot ? { InstanceLifecycle: "spot" as const } : {}),
    Tags: Object.entries(view.tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

/** Of a terminated instance EC2 has forgotten network and volumes. */
function builtAs(view: MachineView, account: Pick<Account, "accountId">): Partial<Instance> {
  const { build } = view;
  const gone = view.state === "terminated";
  return {
    ImageId: build.imageId,
    Architecture: build.architecture,
    RootDeviceName: build.rootDeviceName,
    EnaSupport: build.enaSupport,
    EbsOptimized: build.ebsOptimized,
    PlatformDetails: build.platformDetails,
    Monitoring: { State: build.detailedMonitoring ? "enabled" : "disabled" },
    MetadataOptions: {
      HttpTokens: build.metadata.httpTokens,
      HttpEndpoint: build.metadata.httpEndpoint,
      HttpPutResponseHopLimit: build.metadata.hopLimit,
      InstanceMetadataTags: build.metadata.instanceTags,
    },
    ...(build.bootMode === undefined ? {} : { BootMode: build.bootMode as "uefi" }),
    ...(build.keyName === undefined ? {} : { KeyName: build.keyName }),
    ...(build.instanceProfile === undefined
      ? {}
      : { IamInstanceProfile: { Arn: profileArn(account.accountId, build.instanceProfile) } }),
    ...(gone
      ? {}
      : {
          SubnetId: build.subnetId,
          VpcId: build.vpcId,
          SecurityGroups: build.securityGroupIds.map((id) => ({ GroupId: id, GroupName: id })),
          NetworkInterfaces: Array.from({ length: build.networkInterfaces }, (_, i) => ({
            NetworkInterfaceId: view.id.replace("i-", "eni-"),
            Attachment: { DeviceIndex: i },
          })),
        }),
    BlockDeviceMappings: view.volumes.map(({ device, volumeId, deleteOnTermination }) => ({
      DeviceName: device,
      Ebs: { VolumeId: volumeId, DeleteOnTermination: deleteOnTermination, Status: "attached" as const },
    })),
  };
}

const notApplicable: InstanceStatusSummary = { Status: "not-applicable" };

export function statusOf(view: MachineView): InstanceStatus {
  return {
    InstanceId: view.id,
    AvailabilityZone: view.availabilityZone,
    InstanceState: stateOf(view.state),
    SystemStatus: view.checks === undefined ? notApplicable : summaryOf(view.checks, "system"),
    InstanceStatus: view.checks === undefined ? notApplicable : summaryOf(view.checks, "instance"),
    AttachedEbsStatus: view.checks === undefined ? notApplicable : summaryOf(view.checks, "ebs"),
  };
}

function summaryOf(checks: PublishedChecks, which: "system" | "instance" | "ebs"): InstanceStatusSummary {
  const status = checks[which] === "unknown" ? "insufficient-data" : checks[which];
  const detail = {
    ok: "passed",
    impaired: "failed",
    initializing: "initializing",
    "insufficient-data": "insufficient-data",
  };
  const since =
    status === "impaired" && checks.impairedSince !== undefined ? new Date(checks.impairedSince) : undefined;
  return {
    Status: status,
    Details: [
      {
        Name: "reachability",
        Status: detail[status] as "passed" | "failed" | "initializing" | "insufficient-data",
        ...(since === undefined ? {} : { ImpairedSince: since }),
      },
    ],
  };
}
