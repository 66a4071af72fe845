/** The answers to lifecycle hooks by name and version, with what each needs of AWS. Chores are carried by the engine, beside any run. */
import { restoresEncrypted } from "./permissions.ts";
import type { IamAction } from "./permissions.ts";
import { addressPermissions } from "./groupPermissions.ts";
import { launchingInputs, launchingPlan } from "./hookLaunching.ts";
import type { LaunchingInputs } from "./hookFound.ts";
import type { HookInputs, HookPorts } from "./hookSteps.ts";
import { watchPlan } from "./hookWatch.ts";
import { terminatingInputs, terminatingPlan, type TerminatingInputs } from "./hookTerminating.ts";
import type { Plan } from "./plan.ts";

export interface HookDefinition {
  /** Stored in each chore. */
  readonly id: string;
  readonly permissions: readonly IamAction[];
  /** Reads only. Plain data, stored as JSON. */
  resolve(inputs: HookInputs, ports: HookPorts): Promise<unknown>;
  plan(inputs: unknown): Plan<HookPorts>;
}

const answering: readonly IamAction[] = [
  { action: "autoscaling:DescribeAutoScalingGroups", resource: "any", taggedOnly: false },
  { action: "autoscaling:DescribeLifecycleHooks", resource: "any", taggedOnly: false },
  { action: "autoscaling:CompleteLifecycleAction", resource: "autoScalingGroup", taggedOnly: true },
  { action: "autoscaling:RecordLifecycleActionHeartbeat", resource: "autoScalingGroup", taggedOnly: true },
  { action: "ec2:DescribeVolumes", resource: "any", taggedOnly: false },
  { action: "ec2:DescribeSnapshots", resource: "any", taggedOnly: false },
  { action: "ec2:CreateSnapshot", resource: "volume", taggedOnly: true },
  { action: "ec2:CreateSnapshot", resource: "snapshot", taggedOnly: false, madeTagged: true },
  { action: "ec2:CreateTags", resource: "snapshot", taggedOnly: false, onlyWhenCreating: ["CreateSnapshot"] },
];

export const terminatingHook: HookDefinition = {
  id: "hook-terminating@1",
  permissions: [
    ...answering,
    { action: "ec2:DetachVolume", resource: "volume", taggedOnly: true },
    { action: "ec2:DetachVolume", resource: "instance", taggedOnly: true },
    { action: "ssm:SendCommand", resource: "instance", taggedOnly: true },
    { action: "ssm:SendCommand", resource: "shellDocument", taggedOnly: false },
    { action: "ssm:GetCommandInvocation", resource: "any", taggedOnly: false },
  ],
  resolve: (inputs, ports) => terminatingInputs(inputs, ports),
  plan: (inputs) => terminatingPlan(inputs as TerminatingInputs),
};

export const launchingHook: HookDefinition = {
  id: "hook-launching@1",
  permissions: [
    ...answering,
    ...addressPermissions,
    { action: "ec2:DescribeInstances", resource: "any", taggedOnly: false },
    { action: "ec2:CreateVolume", resource: "volume", taggedOnly: false, madeTagged: true },
    { action: "ec2:CreateVolume", resource: "snapshot", taggedOnly: true },
    { action: "ec2:CreateTags", resource: "volume", taggedOnly: false, onlyWhenCreating: ["CreateVolume"] },
    { action: "ec2:AttachVolume", resource: "volume", taggedOnly: true },
    { action: "ec2:AttachVolume", resource: "instance", taggedOnly: true },
    // The new volume is made from a snapshot, then attached to a machine that runs.
    ...restoresEncrypted,
  ],
  resolve: (inputs, ports) => launchingInputs(inputs, ports),
  plan: (inputs) => launchingPlan(inputs as LaunchingInputs),
};

/** A hook of the group that is not the bot's: somebody else answers it, or people are told before it times out. */
export const watchedHook: HookDefinition = {
  id: "hook-watch@1",
  permissions: answering.slice(0, 2),
  resolve: async (inputs) => inputs,
  plan: (inputs) => watchPlan(inputs as HookInputs),
};

export const hookDefinitions: readonly HookDefinition[] = [terminatingHook, launchingHook, watchedHook];

export function hookDefinitionById(id: string): HookDefinition | undefined {
  return hookDefinitions.find((each) => each.id === id);
}
