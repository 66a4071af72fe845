/** Groups as the stories of their recoveries tell them: a shop of two behind a load balancer, and one instance that is always there. */
import type { Evidence } from "../../src/domain/evidence.ts";
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { AllocationId, InstanceId } from "../../src/domain/words.ts";
import { createAccount, type Account, type AccountOptions } from "../../src/memory/account.ts";
import type { GroupDefinition } from "../../src/memory/groupModel.ts";
import { serviceOf, type Ended, type PlanWorld, type Story } from "./planStory.ts";

export const one = "i-0aaa0000000000001" as InstanceId;
export const two = "i-0bbb0000000000002" as InstanceId;
export const group = "web-group";
export const targetGroup = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/6d0ecf831eec9f09";
export const allocation = "eipalloc-0c0ffee0" as AllocationId;

const site = "web.example";

/** What users see is what counts here: the members change while the plan goes on. */
export async function bySite({ account, clock }: PlanWorld): Promise<Evidence> {
  const answer = account.peek.site(site);
  const isUp = answer.kind === "answers" && answer.status < 400;
  return {
    readings: [{ kind: "probe", verdict: isUp ? "good" : "bad", readAt: clock.now(), detail: answer.kind }],
    alarms: [],
  };
}

export const shopService: ServiceDefinition = serviceOf({
  pattern: "alb-asg",
  target: { kind: "asg", asgName: group },
});

export function shop(over: Partial<GroupDefinition> = {}, options: Partial<AccountOptions> = {}): Story["accounts"] {
  return ({ clock, random }): readonly Account[] => [
    createAccount({
      clock,
      random,
      machines: [
        { id: one, name: "web", availabilityZone: "eu-west-1a" },
        { id: two, name: "web", availabilityZone: "eu-west-1b" },
      ],
      sites: [{ host: site, via: { kind: "target-group", targetGroupArn: targetGroup } }],
      groups: [
        {
          ...{ name: group, min: 2, max: 3, desired: 2, instanceIds: [one, two] },
          targetGroupArns: [targetGroup],
          availabilityZones: ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
          healthCheckType: "EC2",
          ...over,
        },
      ],
      targetGroups: [{ arn: targetGroup, deregistrationDelayMs: 60_000 }],
      ...options,
    }),
  ];
}

export const singleService: ServiceDefinition = serviceOf({
  pattern: "asg",
  target: { kind: "asg", asgName: group },
  elasticIp: allocation,
});

/** min = max = 1 over two zones, with an Elastic IP that user data takes. */
export function single(over: Partial<GroupDefinition> = {}, options: Partial<AccountOptions> = {}): Story["accounts"] {
  return ({ clock, random }): readonly Account[] => [
    createAccount({
      clock,
      random,
      machines: [{ id: one, name: "web", availabilityZone: "eu-west-1a" }],
      addresses: [{ allocationId: allocation, publicIp: "198.51.100.10", instanceId: one }],
      sites: [{ host: site, via: { kind: "elastic-ip", allocationId: allocation } }],
      groups: [
        {
          ...{ name: group, min: 1, max: 1, desired: 1, instanceIds: [one], takesAddress: allocation },
          availabilityZones: ["eu-west-1a", "eu-west-1b"],
          ...over,
        },
      ],
      ...options,
    }),
  ];
}

export function membersOf({ account }: Pick<Ended, "account">): { id: string; lifecycle: string }[] {
  return account.peek.group(group).members.map(({ id, lifecycle }) => ({ id, lifecycle }));
}

export function servingIds(ended: Pick<Ended, "account">): string[] {
  return membersOf(ended).flatMap(({ id, lifecycle }) => (lifecycle === "InService" ? [id] : []));
}

/** Complaints when users do not get an answer. */
export function answers({ account }: Pick<Ended, "account">): string[] {
  const answer = account.peek.site(site);
  return answer.kind === "answers" && answer.status < 400 ? [] : [`the site says ${JSON.stringify(answer)}`];
}

/** Members that the bot has terminated, through their group. */
export function terminatedBy({ acts }: Pick<Ended, "acts">): unknown[] {
  return acts.filter(({ name }) => name === "scaling.terminateMember").map(({ args }) => args[0]);
}
