/** Would an alarm about this service reach the bot, and would its end? */
import { globMatches } from "../../domain/glob.ts";
import type { ServiceDefinition } from "../../domain/service.ts";
import type { InstanceId } from "../../domain/words.ts";
import type { AlarmView, Alarms } from "../../ports/alarms.ts";
import { amber, green, red, type Check, type Verdict } from "./row.ts";

export interface AlarmsToCheck {
  readonly service: ServiceDefinition;
  readonly alarms: Alarms;
  readonly topicArns: readonly string[];
  readonly instanceId: () => Promise<InstanceId | undefined>;
}

export function alarmChecks(to: AlarmsToCheck): Check[] {
  const { service } = to;
  const area = service.name;
  if (service.alarms.length === 0) return [{ area, what: "alarms", run: () => byDimension(to) }];
  return service.alarms.map(({ name }) => ({
    area,
    what: `alarm ${name}`,
    run: async () => {
      const found = name.includes("*") ? await byGlob(to.alarms, name) : await to.alarms.byName([name]);
      if (found.length > 0) return verdictsOf(found, to.topicArns);
      const next = "Create it, or correct its name and the service's region in medic.yaml.";
      return red(`no such alarm in ${service.region}`, "it", next);
    },
  }));
}

async function byGlob(alarms: Alarms, glob: string): Promise<AlarmView[]> {
  const found = await alarms.byPrefix(glob.slice(0, glob.indexOf("*")));
  return found.filter((view) => globMatches(glob, view.name));
}

/** Without names the alarms are found as the bot finds them: by what they are about. */
async function byDimension({ service, alarms, topicArns, instanceId }: AlarmsToCheck): Promise<Verdict[]> {
  const group = service.target.kind === "asg" ? service.target.asgName : undefined;
  const id = await instanceId();
  const found = (await alarms.byPrefix("")).filter(
    ({ dimensions }) =>
      (id !== undefined && dimensions["InstanceId"] === id) ||
      (group !== undefined && dimensions["AutoScalingGroupName"] === group),
  );
  if (found.length > 0) return verdictsOf(found, topicArns);
  if (service.watchProbe) return [green("none; its probe is watched all the time")];
  const next =
    "Create an alarm on its status checks, list its alarms in medic.yaml, or set `watch: true` on its probe.";
  return [red(`no alarm is about ${id ?? group ?? "its target"}`, "at least one", next)];
}

/** One row for what is well, one for each kind of what is not, so that fifty alarms do not make fifty rows. */
function verdictsOf(found: readonly AlarmView[], topicArns: readonly string[]): Verdict[] {
  const isTopic = (arn: string) => (topicArns.length > 0 ? topicArns.includes(arn) : /^arn:[\w-]+:sns:/.test(arn));
  const silent = found.filter(({ alarmActions }) => !alarmActions.some(isTopic));
  const noEnd = found.filter((view) => !silent.includes(view) && !view.okActions.some(isTopic));
  const well = found.filter((view) => !silent.includes(view) && !noEnd.includes(view));
  const topic = topicArns.length > 0 ? "a topic of MEDIC_TOPIC_ARNS" : "an SNS topic";
  return [
    ...(well.length > 0 ? [green(`${namesOf(well)}: tells when it begins and when it ends`)] : []),
    ...problem(
      silent,
      `no AlarmActions to ${topic}`,
      "Add the topic; until then it is found by reading, once a minute.",
    ),
    ...problem(
      noEnd,
      `no OKActions to ${topic}`,
      "Add the topic; until then its end is found by reading, once a minute.",
    ),
  ];
}

function problem(views: readonly AlarmView[], what: string, next: string): Verdict[] {
  return views.length === 0 ? [] : [amber(`${namesOf(views)}: ${what}`, "the bot's topic", next)];
}

const namesMax = 3;

function namesOf(views: readonly AlarmView[]): string {
  const names = views.slice(0, namesMax).map(({ name }) => name);
  return views.length > namesMax ? `${names.join(", ")} and ${views.length - namesMax} more` : names.join(", ");
}
