/** How the simulated account answers Elastic Load Balancing's commands. */
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type {
  TargetDescription,
  TargetHealthDescription,
  TargetHealthReasonEnum,
  TargetHealthStateEnum,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Account } from "../../src/memory/account.ts";
import { AwsRefusal } from "../../src/memory/accountModel.ts";
import { answer, type Answer } from "./sdk-answers.ts";

export function loadBalancerAnswers(account: Account, who: string): Answer[] {
  const { targets } = account.calls;
  return [
    answer(DescribeTargetHealthCommand, async (input) => {
      const wanted = input.Targets === undefined ? undefined : idsOf(input.Targets);
      const seen = await targets.health(input.TargetGroupArn ?? "", wanted);
      return {
        TargetHealthDescriptions: seen.map(({ instanceId, state, reason }): TargetHealthDescription => ({
          Target: { Id: instanceId, Port: 80 },
          HealthCheckPort: "80",
          TargetHealth: {
            State: state as TargetHealthStateEnum,
            ...(reason === undefined ? {} : { Reason: reason as TargetHealthReasonEnum }),
          },
        })),
      };
    }),
    answer(DescribeTargetGroupsCommand, async (input) => {
      const all = await targets.groups();
      const found = all.filter((group) => input.TargetGroupArns?.includes(group.arn) ?? true);
      const unknown = input.TargetGroupArns?.find((arn) => !all.some((group) => group.arn === arn));
      if (unknown !== undefined) throw new AwsRefusal("TargetGroupNotFoundException", `${unknown} not found`);
      return {
        TargetGroups: found.map((group) => ({
          TargetGroupArn: group.arn,
          TargetGroupName: group.name,
          TargetType: "instance" as const,
          LoadBalancerArns: [
            `arn:aws:elasticloadbalancing:${account.region}:${account.accountId}:loadbalancer/${group.loadBalancer}`,
          ],
          HealthCheckIntervalSeconds: group.intervalMs / 1000,
          HealthyThresholdCount: group.healthyThreshold,
          UnhealthyThresholdCount: group.unhealthyThreshold,
        })),
      };
    }),
    answer(RegisterTargetsCommand, async (input) => {
      await targets.register(who, input.TargetGroupArn ?? "", idsOf(input.Targets));
      return {};
    }),
    answer(DeregisterTargetsCommand, async (input) => {
      await targets.deregister(who, input.TargetGroupArn ?? "", idsOf(input.Targets));
      return {};
    }),
  ];
}

function idsOf(targets: readonly TargetDescription[] | undefined): string[] {
  return (targets ?? []).flatMap((target) => target.Id ?? []);
}
