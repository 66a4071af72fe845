/** The whole bot in one stack: nothing crosses a stack, so that nothing has to be deployed or removed in an order. */
import { CfnOutput, Fn, Stack } from "aws-cdk-lib";
import type { StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { AlarmTopic } from "./alarmTopic.ts";
import { BotAlarms } from "./botAlarms.ts";
import { botImage } from "./botImage.ts";
import { BotRole } from "./botRole.ts";
import { BotService } from "./botService.ts";
import { CaseTable } from "./caseTable.ts";
import { EventRules } from "./eventRules.ts";
import { KillSwitch } from "./killSwitch.ts";
import { MailTopic } from "./mailTopic.ts";
import { Network } from "./network.ts";
import type { Settings } from "./settings.ts";
import { SignalQueue } from "./signalQueue.ts";

export class MedicStack extends Stack {
  constructor(scope: Construct, id: string, props: { readonly settings: Settings } & StackProps) {
    const { settings, ...stackProps } = props;
    super(scope, id, {
      description: "ec2-medic: brings EC2 services back, and asks people in Slack first",
      ...stackProps,
    });
    const { name } = settings;

    const { table } = new CaseTable(this, "CaseTable", name);
    const signals = new SignalQueue(this, "Signals", name);
    const { topic: alarmTopic } = new AlarmTopic(this, "AlarmTopic", { name, signals });
    const { topic: mailTopic } = new MailTopic(this, "MailTopic", { name, mailTo: settings.mailTo });
    new EventRules(this, "EventRules", { name, signals });
    const { parameter: killSwitch } = new KillSwitch(this, "KillSwitch", name);

    const network = new Network(this, "Network", settings.network);
    const botRole = new BotRole(this, "BotRole", {
      table,
      queue: signals.queue,
      mailTopic,
      killSwitch,
      reach: settings,
      areas: settings.recoveries,
      accountRoleArns: settings.accountRoleArns,
    });
    const bot = new BotService(this, "Bot", {
      name,
      image: botImage(this, settings),
      network,
      role: botRole.role,
      workers: settings.workers,
      slackSecret: settings.slackSecret,
      environment: {
        MEDIC_TABLE: table.tableName,
        MEDIC_QUEUE_URL: signals.queue.queueUrl,
        MEDIC_TOPIC_ARNS: alarmTopic.topicArn,
      },
    });
    // A worker that starts before its way out or its permissions would fail its health check and roll everything back.
    bot.service.node.addDependency(network, botRole);
    new BotAlarms(this, "BotAlarms", { name, bot, signals, table, mailTopic });

    new CfnOutput(this, "AlarmTopicArn", {
      value: alarmTopic.topicArn,
      description: "Name this as the action of your alarms",
    });
    new CfnOutput(this, "BotRoleArn", {
      value: botRole.role.roleArn,
      description: "For the role of another account, which lets this one in",
    });
    new CfnOutput(this, "MailTopicArn", { value: mailTopic.topicArn, description: "For mail in medic.yaml" });
    new CfnOutput(this, "KillSwitchName", {
      value: killSwitch.parameterName,
      description: "For the kill switch in medic.yaml",
    });
  }

  /** Asked of AWS when deployed, not of the machine that synthesizes: the CLI would need credentials for it. */
  override get availabilityZones(): string[] {
    return [0, 1].map((index) => Fn.select(index, Fn.getAzs()));
  }
}
