/** How the simulated account answers Auto Scaling's commands. */
import {
  CancelInstanceRefreshCommand,
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLifecycleHooksCommand,
  DescribePoliciesCommand,
  DescribeScalingActivitiesCommand,
  RecordLifecycleActionHeartbeatCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { CompleteLifecycleActionCommandInput } from "@aws-sdk/client-auto-scaling";
import type { Account } from "../../src/memory/account.ts";
import { AwsRefusal } from "../../src/memory/accountModel.ts";
import type { ActionName } from "../../src/memory/groupHooks.ts";
import { activityShape, groupShape, hookShape, policyShape, refreshShape } from "./group-shapes.ts";
import { answer, page, type Answer } from "./sdk-answers.ts";

const pageSizeDefault = 50;
const minHealthyDefault = 90;

export function autoScalingAnswers(account: Account, who: string): Answer[] {
  return [
    ...reads(account),
    ...capacityAnswers(account, who),
    ...refreshAnswers(account, who),
    ...hookAnswers(account, who),
  ];
}

function reads(account: Account): Answer[] {
  const { scaling } = account.calls;
  return [
    answer(DescribeAutoScalingGroupsCommand, async (input) => {
      const names = input.AutoScalingGroupNames ?? [];
      const groups = (await scaling.groups()).filter((each) => names.length === 0 || names.includes(each.name));
      const { items, next } = page(groups, { token: input.NextToken, size: input.MaxRecords ?? pageSizeDefault });
      return { AutoScalingGroups: items.map((group) => groupShape(account, group)), ...next };
    }),
    answer(DescribeScalingActivitiesCommand, async (input) => {
      const group = input.AutoScalingGroupName ?? "";
      const activities = await scaling.activities(group);
      const { items, next } = page(activities, { token: input.NextToken, size: input.MaxRecords ?? pageSizeDefault });
      return { Activities: items.map((activity) => activityShape(group, activity)), ...next };
    }),
    answer(DescribePoliciesCommand, async (input) => {
      const group = input.AutoScalingGroupName ?? "";
      const all = await scaling.policies(group);
      const { items, next } = page(all, { token: input.NextToken, size: input.MaxRecords ?? pageSizeDefault });
      return { ScalingPolicies: items.map((policy) => policyShape(group, policy)), ...next };
    }),
    answer(DescribeLifecycleHooksCommand, async (input) => {
      const group = input.AutoScalingGroupName ?? "";
      const names = input.LifecycleHookNames;
      const hooks = (await scaling.hooks(group)).filter((hook) => names?.includes(hook.name) ?? true);
      return { LifecycleHooks: hooks.map((hook) => hookShape(group, hook)) };
    }),
  ];
}

function capacityAnswers(account: Account, who: string): Answer[] {
  const { scaling } = account.calls;
  return [
    answer(SetDesiredCapacityCommand, async (input) => {
      const desired = needed(input.DesiredCapacity, "DesiredCapacity");
      const honorCooldown = input.HonorCooldown === true;
      await scaling.setDesired(who, input.AutoScalingGroupName ?? "", { desired, honorCooldown });
      return {};
    }),
    answer(UpdateAutoScalingGroupCommand, async (input) => {
      await scaling.update(who, input.AutoScalingGroupName ?? "", {
        ...(input.MinSize === undefined ? {} : { min: input.MinSize }),
        ...(input.MaxSize === undefined ? {} : { max: input.MaxSize }),
        ...(input.DesiredCapacity === undefined ? {} : { desired: input.DesiredCapacity }),
      });
      return {};
    }),
    answer(SetInstanceHealthCommand, async (input) => {
      const health = input.HealthStatus === "Healthy" ? "Healthy" : "Unhealthy";
      const respectGrace = input.ShouldRespectGracePeriod ?? true;
      await scaling.setHealth(who, input.InstanceId ?? "", { health, respectGrace });
      return {};
    }),
    answer(TerminateInstanceInAutoScalingGroupCommand, async (input) => {
      const decrement = needed(input.ShouldDecrementDesiredCapacity, "ShouldDecrementDesiredCapacity");
      await scaling.terminate(who, input.InstanceId ?? "", { decrement });
      return {};
    }),
    answer(SuspendProcessesCommand, async (input) => {
      await scaling.suspend(who, input.AutoScalingGroupName ?? "", input.ScalingProcesses ?? []);
      return {};
    }),
    answer(ResumeProcessesCommand, async (input) => {
      await scaling.resume(who, input.AutoScalingGroupName ?? "", input.ScalingProcesses ?? []);
      return {};
    }),
  ];
}

function refreshAnswers(account: Account, who: string): Answer[] {
  const { scaling } = account.calls;
  return [
    answer(StartInstanceRefreshCommand, async (input) => {
      const minHealthyPercent = input.Preferences?.MinHealthyPercentage ?? minHealthyDefault;
      const InstanceRefreshId = await scaling.startRefresh(who, input.AutoScalingGroupName ?? "", {
        minHealthyPercent,
      });
      return { InstanceRefreshId };
    }),
    answer(DescribeInstanceRefreshesCommand, async (input) => {
      const group = input.AutoScalingGroupName ?? "";
      const ids = input.InstanceRefreshIds;
      const all = (await scaling.refreshes(group)).filter((refresh) => ids?.includes(refresh.id) ?? true);
      const { items, next } = page(all, { token: input.NextToken, size: input.MaxRecords ?? pageSizeDefault });
      return { InstanceRefreshes: items.map((refresh) => refreshShape(group, refresh)), ...next };
    }),
    answer(CancelInstanceRefreshCommand, async (input) => ({
      InstanceRefreshId: await scaling.cancelRefresh(who, input.AutoScalingGroupName ?? ""),
    })),
  ];
}

function hookAnswers(account: Account, who: string): Answer[] {
  const { scaling } = account.calls;
  return [
    answer(CompleteLifecycleActionCommand, async (input) => {
      const result = input.LifecycleActionResult;
      if (result !== "CONTINUE" && result !== "ABANDON") {
        throw new AwsRefusal("ValidationError", `LifecycleActionResult '${result ?? ""}' is invalid`);
      }
      await scaling.completeAction(who, input.AutoScalingGroupName ?? "", { ...actionOf(input), result });
      return {};
    }),
    answer(RecordLifecycleActionHeartbeatCommand, async (input) => {
      await scaling.heartbeatAction(who, input.AutoScalingGroupName ?? "", actionOf(input));
      return {};
    }),
  ];
}

function actionOf(
  input: Pick<CompleteLifecycleActionCommandInput, "LifecycleHookName" | "InstanceId" | "LifecycleActionToken">,
): ActionName {
  return {
    hook: input.LifecycleHookName ?? "",
    ...(input.InstanceId === undefined ? {} : { instanceId: input.InstanceId }),
    ...(input.LifecycleActionToken === undefined ? {} : { token: input.LifecycleActionToken }),
  };
}

function needed<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value;
  throw new AwsRefusal(
    "ValidationError",
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: must not be null`,
  );
}
