/** One service, live: is its target there, does it answer, may the bot act on it, would an alarm reach the bot? Reads and DryRuns. */
import type { Identity } from "../../aws/home.ts";
import type { ServiceDefinition } from "../../domain/service.ts";
import type { InstanceId, ServiceName } from "../../domain/words.ts";
import type { Cloud } from "../../ports/cloud.ts";
import type { InstanceView } from "../../ports/compute.ts";
import type { Prober } from "../../ports/prober.ts";
import { alarmChecks } from "./alarmChecks.ts";
import { amber, green, red, type Check, type Verdict } from "./row.ts";

export interface ServicesToCheck {
  readonly services: readonly ServiceDefinition[];
  readonly cloudOf: (service: ServiceDefinition) => Cloud;
  /** Entered as a run would enter it, to ask what it may do. */
  readonly askingCloudOf: (service: ServiceDefinition) => Cloud;
  /** The bot's own. */
  readonly identity: () => Promise<Identity>;
  /** Who the bot is in another account; undefined for accounts that no role is named for. */
  readonly entered: (service: ServiceDefinition) => Promise<Identity> | undefined;
  readonly prober: Prober;
  /** Topics of POST /sns; empty when alarms come through the queue. */
  readonly topicArns: readonly string[];
}

export function serviceChecks(to: ServicesToCheck): Check[] {
  return to.services.flatMap((service) => checksOf(to, service));
}

/** Read once, used by every row about it. */
type FindTarget = () => Promise<Target>;

interface Target {
  readonly verdict: Verdict;
  readonly instance?: InstanceView;
}

function checksOf(to: ServicesToCheck, service: ServiceDefinition): Check[] {
  const cloud = to.cloudOf(service);
  let found: Promise<Target> | undefined;
  const target: FindTarget = () => (found ??= findTarget(cloud, service));
  const area: ServiceName = service.name;
  const check = (what: string, run: Check["run"]): Check => ({ area, what, run });
  const { probe } = service;
  return [
    ...(service.account === "" ? [] : [check("account", () => accountVerdict(to, service))]),
    check("target", async () => (await target()).verdict),
    ...(service.target.kind === "asg" ? [] : [check("Elastic IP", () => addressVerdict(cloud, service, target))]),
    ...(probe ? [check("probe", async () => probeVerdict(await to.prober.ask(probe)))] : []),
    ...(service.target.kind === "asg" ? [] : dryRunChecks(to.askingCloudOf(service), service, target)),
    ...alarmChecks({ service, alarms: cloud.alarms, topicArns: to.topicArns, instanceId: () => idOf(target) }),
  ];
}

async function idOf(target: FindTarget): Promise<InstanceId | undefined> {
  return (await target().catch(() => undefined))?.instance?.id;
}

async function accountVerdict({ identity, entered }: ServicesToCheck, service: ServiceDefinition): Promise<Verdict> {
  const asRole = entered(service);
  const { account, arn } = await (asRole ?? identity());
  if (account === service.account) return green(asRole ? `${account}, entered as ${arn}` : `${account}, the bot's own`);
  const next = asRole
    ? "Correct the role's ARN under `accounts` in medic.yaml."
    : "Name a role of that account under `accounts` in medic.yaml, or correct `account`.";
  return red(`the bot's credentials belong to ${account}`, service.account, next);
}

async function findTarget(cloud: Cloud, service: ServiceDefinition): Promise<Target> {
  const { target } = service;
  switch (target.kind) {
    case "instance": {
      const view = await cloud.compute.instance(target.instanceId);
      if (view) return described(view, service);
      return {
        verdict: red(`no instance ${target.instanceId} in ${service.region}`, "it", "Check target and region."),
      };
    }
    case "tag":
      return tagged(await cloud.compute.instancesByTag(target.key, target.value), service);
    case "asg": {
      const group = await cloud.scaling.group(target.asgName);
      if (group === undefined)
        return { verdict: red(`no group ${target.asgName} in ${service.region}`, "it", "Check target and region.") };
      const healthy = group.instances.filter(({ health }) => health === "Healthy").length;
      const words = `group ${group.name}: ${healthy} of ${group.desired} healthy (min ${group.min}, max ${group.max})`;
      if (healthy >= group.desired) return { verdict: green(words) };
      return { verdict: amber(words, `${group.desired} healthy`, "Look at the group's activities in the console.") };
    }
  }
}

function tagged(views: readonly InstanceView[], service: ServiceDefinition): Target {
  const { target } = service;
  const tag = target.kind === "tag" ? `${target.key}=${target.value}` : "";
  const running = views.filter(({ state }) => state === "running");
  const [first] = views.length === 1 ? views : running;
  if (first === undefined) {
    const found = views.length === 0 ? `no instance with ${tag}` : `${views.length} with ${tag}, none running`;
    return { verdict: red(`${found} in ${service.region}`, "one", "Tag the instance, or correct target and region.") };
  }
  if (running.length <= 1) return described(first, service);
  const ids = running.map(({ id }) => id).join(", ");
  const next = "Give the tag to one instance only, or name the instance: the bot takes the first that EC2 lists.";
  return { verdict: red(`${running.length} running with ${tag}: ${ids}`, "one", next), instance: first };
}

function described(view: InstanceView, { pattern }: ServiceDefinition): Target {
  const words = `${view.id} is ${view.state} (${view.type}, ${view.availabilityZone})`;
  const because = view.stateReason ? `: ${view.stateReason}` : "";
  const make = (verdict: Verdict): Target => ({ verdict, instance: view });
  if (view.asgName !== undefined && pattern === "instance") {
    const next = `Use \`target: { asg: ${view.asgName} }\`; the group would replace an instance that is stopped.`;
    return make(red(`${words}, a member of group ${view.asgName}`, "an instance of its own", next));
  }
  if (view.state !== "running") return make(amber(`${words}${because}`, "running", "Start it, or order a restart."));
  if (view.rootDeviceType !== "ebs" || view.spot) {
    const what = view.spot ? "a Spot instance" : "an instance-store root";
    return make(amber(`${words}, ${what}`, "one that can be stopped", "Reboot works; stop and start is refused."));
  }
  return make(green(words));
}

const notAsked = amber("not asked: no instance was found", "a target", "See the row about the target.");

async function addressVerdict(cloud: Cloud, service: ServiceDefinition, target: FindTarget): Promise<Verdict> {
  const id = await idOf(target);
  const { elasticIp } = service;
  if (elasticIp === undefined) {
    if (id === undefined) return notAsked;
    const held = await cloud.compute.addressOf(id);
    if (held === undefined) return green("none; a stop and start changes the public address, the card says so");
    const next = `Add \`elasticIp: ${held.allocationId}\` to the service, so that the card can say that it stays.`;
    return amber(`${held.publicIp} is on ${id}, and medic.yaml does not name it`, "its name", next);
  }
  const address = await cloud.compute.address(elasticIp);
  if (address === undefined) return red(`no ${elasticIp} in ${service.region}`, "it", "Check elasticIp and region.");
  if (id !== undefined && address.instanceId === id) return green(`${address.publicIp} is on ${id}`);
  const where = address.instanceId ? `on ${address.instanceId}` : "on nothing";
  return red(
    `${address.publicIp} is ${where}`,
    `on ${id ?? "the target"}`,
    "Associate it, or correct target or elasticIp.",
  );
}

function probeVerdict({ good, detail }: { readonly good: boolean; readonly detail: string }): Verdict {
  if (good) return green(detail);
  const next = "If the service is well, the probe is wrong: ask it from where the bot runs, then correct medic.yaml.";
  return red(detail, "a good answer", next);
}

const acts = ["reboot", "stop", "start"] as const;

function dryRunChecks(cloud: Cloud, service: ServiceDefinition, target: FindTarget): Check[] {
  const rungs = Object.values(service.ladders).flat();
  const isObserving = rungs.every((rung) => rung.mode === "observe");
  return acts.map((act) => ({
    area: service.name,
    what: `DryRun ${act}`,
    run: async () => {
      const id = await idOf(target);
      if (id === undefined)
        return amber("not asked: no instance was found", "a target", "See the row about the target.");
      const { allowed, detail } = await cloud.compute.mayI({ action: act, instanceId: id });
      if (allowed) return green(`allowed on ${id}`);
      const next = `Allow ec2:${act[0]?.toUpperCase()}${act.slice(1)}Instances on it; the policy of infra/ asks for the tag ec2-medic:managed=true.`;
      // A service that only observes needs no permission yet; a person's order would.
      return (isObserving ? amber : red)(detail, "permission", next);
    },
  }));
}
