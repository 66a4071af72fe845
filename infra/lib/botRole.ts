/** What the bot may do, and nothing beside it: its own table, queue, topic and switch; reads; tagged instances. */
import { Stack, Validations } from "aws-cdk-lib";
import { Policy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Topic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { tableShape } from "../../src/domain/tableShape.ts";
import { restartPermissions } from "../../src/recovery/permissions.ts";
import { recoveryStatements } from "./recoveryStatements.ts";
import type { Reach } from "./recoveryStatements.ts";
import { watchPermissions } from "./watchPermissions.ts";

export interface BotRoleProps {
  readonly table: TableV2;
  readonly queue: Queue;
  readonly mailTopic: Topic;
  readonly killSwitch: StringParameter;
  readonly reach: Reach;
}

/** The table cannot be made, changed or removed by the bot, and there is no transaction anywhere in its store. */
export const tableActions = [
  "dynamodb:DeleteItem",
  "dynamodb:DescribeTable",
  "dynamodb:GetItem",
  "dynamodb:PutItem",
  "dynamodb:Query",
  "dynamodb:Scan",
  "dynamodb:UpdateItem",
] as const;

export const queueActions = ["sqs:DeleteMessage", "sqs:ReceiveMessage"] as const;

export class BotRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, props: BotRoleProps) {
    super(scope, id);
    const { partition, region, account } = Stack.of(this);
    this.role = new Role(this, "Role", {
      description: "ec2-medic: what the running bot may do",
      assumedBy: new ServicePrincipal("ecs-tasks.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": account },
          ArnLike: { "aws:SourceArn": `arn:${partition}:ecs:${region}:${account}:*` },
        },
      }),
    });
    const { table, queue, mailTopic, killSwitch } = props;
    const own = new Policy(this, "OwnThings", {
      statements: [
        allow("Table", tableActions, [table.tableArn]),
        allow("DueIndex", ["dynamodb:Query"], [`${table.tableArn}/index/${tableShape.dueIndex.name}`]),
        allow("Queue", queueActions, [queue.queueArn]),
        allow("Mail", ["sns:Publish"], [mailTopic.topicArn]),
        allow("KillSwitch", ["ssm:GetParameter"], [killSwitch.parameterArn]),
      ],
    });
    const recovery = new Policy(this, "WatchAndRestart", {
      statements: recoveryStatements(this, [...watchPermissions, ...restartPermissions], props.reach),
    });
    for (const policy of [own, recovery]) this.role.attachInlinePolicy(policy);
    this.acknowledge(recovery, props.reach);
  }

  private acknowledge(recovery: Policy, { serviceRegions }: Reach): void {
    const own = ["<AWS::Region>"];
    const instances = (serviceRegions.length === 0 ? own : serviceRegions).map((region) => ({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:${region}:<AWS::AccountId>:instance/*]`,
      reason:
        "Which instances is said by the tag in the statement's condition, so that services come and go without a deployment.",
    }));
    Validations.of(recovery).acknowledge(
      {
        id: "AwsSolutions-IAM5[Resource::*]",
        reason: "Reads alone; AWS takes no narrower resource for these actions.",
      },
      ...instances,
    );
  }
}

function allow(sid: string, actions: readonly string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ sid, actions: [...actions], resources });
}
