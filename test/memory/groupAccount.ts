import type { Account, AccountOptions } from "../../src/memory/account.ts";
import { AwsRefusal } from "../../src/memory/accountModel.ts";
import type { TopicMessage } from "../../src/memory/accountModel.ts";
import type { GroupDefinition } from "../../src/memory/groupModel.ts";
import type { VirtualClock } from "../../src/memory/virtualClock.ts";
import { startingAccount } from "./startingAccount.ts";

export const shopA = "i-0bbb0000000000001";
export const shopB = "i-0bbb0000000000002";
export const targetGroup = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/6d0ecf831eec9f09";
export const groupTopic = "arn:aws:sns:eu-west-1:111122223333:group-notices";
export const hookTopic = "arn:aws:sns:eu-west-1:111122223333:hooks";
export const second = 1_000;
export const minute = 60_000;

export interface GroupWorld {
  readonly account: Account;
  readonly clock: VirtualClock;
  /** What topics heard, newest last: subject and the parsed message. */
  readonly heard: {
    readonly topic: string;
    readonly subject: string | undefined;
    readonly body: Record<string, unknown>;
  }[];
}

/** A shop with two members in two zones behind a load balancer. */
export function groupWorld(over: Partial<GroupDefinition> = {}, options: Partial<AccountOptions> = {}): GroupWorld {
  const { account, clock } = startingAccount({
    machines: [
      { id: shopA, name: "shop", availabilityZone: "eu-west-1a" },
      { id: shopB, name: "shop", availabilityZone: "eu-west-1b" },
    ],
    addresses: [{ allocationId: "eipalloc-shop", publicIp: "198.51.100.9" }],
    sites: [{ host: "shop.example", via: { kind: "target-group", targetGroupArn: targetGroup } }],
    alarms: [],
    groups: [
      {
        name: "shop",
        min: 2,
        max: 4,
        desired: 2,
        instanceIds: [shopA, shopB],
        targetGroupArns: [targetGroup],
        availabilityZones: ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
        healthCheckType: "ELB",
        healthCheckGraceMs: 120_000,
        noticeTopics: [groupTopic],
        tags: { team: "shop" },
        ...over,
      },
    ],
    targetGroups: [{ arn: targetGroup, loadBalancer: "app/shop/50dc6c495c0c9188", deregistrationDelayMs: 60_000 }],
    ...options,
  });
  const heard: { topic: string; subject: string | undefined; body: Record<string, unknown> }[] = [];
  const listen = (message: TopicMessage): void => {
    heard.push({
      topic: message.topicArn,
      subject: message.subject,
      body: JSON.parse(message.message) as Record<string, unknown>,
    });
  };
  for (const topic of [groupTopic, hookTopic, ...(options.scalingNoticeTopics ?? [])]) account.subscribe(topic, listen);
  return { account, clock, heard };
}

/** "accepted", or the refusal's code and text. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "accepted";
  } catch (error) {
    return error instanceof AwsRefusal ? `${error.code}: ${error.message}` : String(error);
  }
}

export function lifecycles(account: Account, group = "shop"): Record<string, string> {
  return Object.fromEntries(account.peek.group(group).members.map((member) => [member.id, member.lifecycle]));
}

export function zones(account: Account, group = "shop"): string[] {
  return account.peek
    .group(group)
    .members.map((member) => member.availabilityZone)
    .sort();
}

/** Members that the account did not begin with. */
export function newcomers(account: Account, group = "shop"): string[] {
  return account.peek.group(group).instanceIds.filter((id) => id !== shopA && id !== shopB);
}
