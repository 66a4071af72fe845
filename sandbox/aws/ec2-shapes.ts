import type { Instance, InstanceStatus, InstanceStatusSummary, _InstanceType } from "@aws-sdk/client-ec2";
import type { MachineView, PublishedChecks } from "../../src/memory/accountModel.ts";

/** EC2's own numbers for its states. */
const stateCodes = { pending: 0, running: 16, "shutting-down": 32, terminated: 48, stopping: 64, stopped: 80 } as const;
export function stateOf(name: keyof typeof stateCodes): { Code: number; Name: keyof typeof stateCodes } {
  return { Code: stateCodes[name], Name: name };
}

export function instanceOf(view: MachineView): Instance {
  return {
    InstanceId: view.id,
    ImageId: "ami-0c0ffee0000000001",
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
    RootDeviceName: "/dev/xvda",
    ...(view.spot ? { InstanceLifecycle: "spot" as const } : {}),
    Tags: Object.entries(view.tags).map(([Key, Value]) => ({ Key, Value })),
    Monitoring: { State: "disabled" },
    Architecture: "arm64",
    SubnetId: "subnet-0aa0000000000000a",
    VpcId: "vpc-0aa0000000000000a",
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
