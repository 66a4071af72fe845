/** EC2's answers in our words. Shapes only; no calls. */
import type { Instance, InstanceStatus, InstanceTypeInfo } from "@aws-sdk/client-ec2";
import type { CheckState, InstanceChecks, InstanceState, InstanceView } from "../ports/compute.ts";
import type { InstanceId } from "../domain/words.ts";
import { defined } from "./defined.ts";
import { tagsOf } from "./tags.ts";

const stateNames: readonly InstanceState[] = [
  "pending",
  "running",
  "stopping",
  "stopped",
  "shutting-down",
  "terminated",
];

export function instanceView(instance: Instance, type: InstanceTypeInfo | undefined): InstanceView | undefined {
  const state = stateNames.find((name) => name === instance.State?.Name);
  if (instance.InstanceId === undefined || state === undefined) return undefined;
  const tags = tagsOf(instance.Tags);
  const optional = {
    name: tags["Name"],
    privateIp: instance.PrivateIpAddress,
    publicIp: instance.PublicIpAddress,
    stateReason: instance.StateTransitionReason || endReason(instance),
    asgName: tags["aws:autoscaling:groupName"],
  };
  return {
    id: instance.InstanceId as InstanceId,
    state,
    launchTime: instance.LaunchTime?.getTime() ?? 0,
    type: instance.InstanceType ?? "unknown type",
    availabilityZone: instance.Placement?.AvailabilityZone ?? "unknown zone",
    rootDeviceType: instance.RootDeviceType === "instance-store" ? "instance-store" : "ebs",
    hasInstanceStore: type?.InstanceStorageSupported === true,
    spot: instance.InstanceLifecycle === "spot",
    tags,
    ...defined(optional),
  };
}

/** A launch that fails for a key or a limit ends without a transition's reason: the state's own says why. */
function endReason({ State, StateReason }: Instance): string | undefined {
  if (State?.Name !== "shutting-down" && State?.Name !== "terminated") return undefined;
  const { Code = "", Message = "" } = StateReason ?? {};
  return (Message.includes(Code) ? Message : `${Code}: ${Message}`) || undefined;
}

export function instanceChecks(status: InstanceStatus): InstanceChecks {
  const parts = [status.SystemStatus, status.InstanceStatus, status.AttachedEbsStatus];
  const since = parts.flatMap((part) => part?.Details ?? []).map((detail) => detail.ImpairedSince?.getTime());
  const times = since.filter((at) => at !== undefined);
  return {
    system: checkState(status.SystemStatus?.Status),
    instance: checkState(status.InstanceStatus?.Status),
    ebs: checkState(status.AttachedEbsStatus?.Status),
    ...(times.length > 0 ? { impairedSince: Math.min(...times) } : {}),
  };
}

function checkState(status: string | undefined): CheckState {
  return status === "ok" || status === "impaired" || status === "initializing" ? status : "unknown";
}
