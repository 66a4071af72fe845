/** What the bot may do, and nothing beside it: its own table, queue, topic and switch; reads; what its team has handed over. */
import { Stack } from "aws-cdk-lib";
import { Policy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Topic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { tableShape } from "../../src/domain/tableShape.ts";
import { AreaPolicies } from "./areaPolicies.ts";
import type { AreaName } from "./areas.ts";
import type { Reach } from "./recoveryStatements.ts";

export interface BotRoleProps {
  readonly table: TableV2;
  readonly queue: Queue;
  readonly mailTopic: Topic;
  readonly killSwitch: StringParameter;
  readonly reach: Reach;
  readonly areas: readonly AreaName[];
  /** Roles of other accounts that the bot may take, each of which says itself what may be done there. */
  readonly accountRoleArns: readonly string[];
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

/** A session of another account's role, and the name of who ordered it written into that session. */
export const accountActions = ["sts:AssumeRole", "sts:SetSourceIdentity"] as const;

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
    this.role.attachInlinePolicy(new Policy(this, "OwnThings", { statements: ownThings(props) }));
    new AreaPolicies(this, "Areas", { role: this.role, areas: props.areas, reach: props.reach });
  }
}

function ownThings({ table, queue, mailTopic, killSwitch, accountRoleArns }: BotRoleProps): PolicyStatement[] {
  const statements = [
    allow("Table", tableActions, [table.tableArn]),
    allow("DueIndex", ["dynamodb:Query"], [`${table.tableArn}/index/${tableShape.dueIndex.name}`]),
    allow("Queue", queueActions, [queue.queueArn]),
    allow("Mail", ["sns:Publish"], [mailTopic.topicArn]),
    allow("KillSwitch", ["ssm:GetParameter"], [killSwitch.parameterArn]),
  ];
  if (accountRoleArns.length === 0) return statements;
  return [...statements, allow("OtherAccounts", accountActions, [...accountRoleArns])];
}

function allow(sid: string, actions: readonly string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ sid, actions: [...actions], resources });
}
