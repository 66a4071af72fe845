/**
 * What readiness looks at, each alone: a read that fails is amber ("not known"), never green and never a failure of its
 * neighbours. Everything here only reads.
 */
import { codeOf, sentenceOf } from "../domain/errors.ts";
import type { Preview } from "../domain/preview.ts";
import type { DrillResult, Light, ReadinessLine } from "../domain/readiness.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { Placement } from "../domain/serviceCase.ts";
import { length, utc } from "../domain/text.ts";
import type { Timing } from "../domain/timing.ts";
import type { Recovery } from "../domain/words.ts";
import type { AlarmView } from "../ports/alarms.ts";
import type { Cloud } from "../ports/cloud.ts";
import type { DryRunQuestion } from "../ports/compute.ts";
import type { HookView } from "../ports/scaling.ts";
import { globMatches } from "../domain/glob.ts";

export interface Looked {
  readonly service: ServiceDefinition;
  readonly placement: Placement;
  readonly cloud: Cloud;
  readonly timing: Timing;
  readonly now: number;
  /** Topics that feed the bot; none known: what alarms notify cannot be judged. */
  readonly topics: readonly string[];
}

const line = (about: string, light: Light, reason: string, remedy?: string): ReadinessLine => ({
  ...{ about, light, reason },
  ...(remedy === undefined ? {} : { remedy }),
});

/** What could not be read is told as such: nobody may sleep better for it. */
export async function softly(about: string, look: () => Promise<ReadinessLine[]>): Promise<ReadinessLine[]> {
  try {
    return await look();
  } catch (error) {
    const remedy =
      codeOf(error) === "not-permitted" ? "Give the bot's role this read." : "It is looked at again by itself.";
    return [line(about, "amber", `not known: ${sentenceOf(error)}`, remedy)];
  }
}

const idleCodes: ReadonlySet<string> = new Set(["nothing-unhealthy", "already-there", "already-well"]);

/** Every recovery that a rung names, as its own plan sees the world now. */
export function rungLine(preview: Preview): ReadinessLine {
  const { recovery, refused, headline } = preview;
  if (refused?.unread) return line(recovery, "amber", `not known: ${refused.why}`, refused.remedy);
  // It would have nothing to do, because nothing is wrong: that is what one wants to hear while nothing is.
  if (refused && idleCodes.has(refused.code)) return line(recovery, "green", `${refused.why}; nothing to do now`);
  if (refused) return line(recovery, "red", refused.why, refused.remedy);
  // What a plan asks people to mind is a consequence, not a fault.
  return line(recovery, "green", headline || "could run now");
}

/** Alarms that medic.yaml names exist, tell the bot when they fire, and tell it when they are well again. */
export async function alarmLines({ service, cloud, topics }: Looked): Promise<ReadinessLine[]> {
  const exact = service.alarms.filter(({ name }) => !name.includes("*")).map(({ name }) => name);
  const globs = service.alarms.filter(({ name }) => name.includes("*")).map(({ name }) => name);
  if (exact.length + globs.length === 0) return [];
  const byGlob = await Promise.all(
    globs.map(async (glob) => {
      const found = await cloud.alarms.byPrefix(glob.split("*")[0] ?? "");
      return found.filter((view) => globMatches(glob, view.name));
    }),
  );
  const views = [...(await cloud.alarms.byName(exact)), ...byGlob.flat()];
  const missing = exact.filter((name) => !views.some((view) => view.name === name));
  const empty = globs.filter((_, i) => byGlob[i]?.length === 0);
  const deaf = views.filter((view) => view.okActions.length === 0);
  const astray = views.filter((view) => topics.length > 0 && !view.alarmActions.some((arn) => topics.includes(arn)));
  const found: ReadinessLine[] = [];
  if (missing.length + empty.length > 0)
    found.push(
      line(
        "alarms",
        "red",
        `${names([...missing, ...empty])} named in medic.yaml, not in CloudWatch`,
        "Correct the names, or create the alarms.",
      ),
    );
  if (astray.length > 0)
    found.push(
      line(
        "alarm topics",
        "red",
        `${alarms(astray)} do not notify the bot's topic`,
        `Add the topic to their alarm actions: ${topics[0] ?? ""}`,
      ),
    );
  if (deaf.length > 0)
    found.push(
      line(
        "alarm OK actions",
        "amber",
        `${alarms(deaf)} have no OK action: the bot hears of the recovery by reading only`,
        "Add the topic to their OK actions.",
      ),
    );
  return found.length > 0 ? found : [line("alarms", "green", `${views.length} exist and reach the bot`)];
}

const namedMax = 3;
const names = (all: readonly string[]): string =>
  `${all.slice(0, namedMax).join(", ")}${all.length > namedMax ? ` and ${all.length - namedMax} more` : ""}`;
const alarms = (views: readonly AlarmView[]): string => names(views.map((view) => view.name));

/** EC2's DryRun says whether the role may; it says nothing about state or capacity. */
export async function permissionLines(looked: Looked, recoveries: ReadonlySet<Recovery>): Promise<ReadinessLine[]> {
  const questions = questionsOf(looked, recoveries);
  if (questions.length === 0) return [];
  const answers = await Promise.all(questions.map((question) => looked.cloud.compute.mayI(question)));
  const refused = answers.flatMap(({ allowed, detail }) => (allowed ? [] : [detail]));
  if (refused.length > 0)
    return [
      line(
        "permissions",
        "red",
        names(refused),
        "Give the role the action, and the machine the tag ec2-medic:managed=true.",
      ),
    ];
  return [line("permissions", "green", `${[...new Set(questions.map((q) => q.action))].join(", ")} allowed`)];
}

const restarts: readonly Recovery[] = ["restart", "reboot", "stop-start", "force-stop-start"];
const stops: readonly Recovery[] = ["failover", "reprovision", "reprovision-dr"];

function questionsOf({ placement }: Looked, recoveries: ReadonlySet<Recovery>): DryRunQuestion[] {
  const { instanceId, allocationId, asgName } = placement;
  if (instanceId === undefined) return [];
  const questions: DryRunQuestion[] = [];
  if (restarts.some((each) => recoveries.has(each))) {
    questions.push({ action: "reboot", instanceId });
    if (asgName === undefined) questions.push({ action: "stop", instanceId }, { action: "start", instanceId });
  } else if (stops.some((each) => recoveries.has(each))) questions.push({ action: "stop", instanceId });
  if (allocationId && (recoveries.has("failover") || recoveries.has("reprovision")))
    questions.push({ action: "associate", allocationId, instanceId });
  return questions;
}

/** What the group itself would do in the way of a recovery, and what happens when nobody answers its hooks. */
export async function groupLines({ service, placement, cloud }: Looked): Promise<ReadinessLine[]> {
  const { asgName } = placement;
  if (asgName === undefined) return [];
  const [group, hooks] = await Promise.all([cloud.scaling.group(asgName), cloud.scaling.hooks(asgName)]);
  if (group === undefined)
    return [line("group", "red", `${asgName} does not exist`, "Correct the target in medic.yaml.")];
  const suspended = group.suspended.filter((process) => blocking.has(process));
  const about =
    suspended.length > 0
      ? line(
          "group",
          "amber",
          `${names(suspended)} suspended: the group does not replace what fails`,
          `Resume them when their reason is over: ${asgName}.`,
        )
      : line("group", "green", `${group.instances.length} of ${group.desired} (${group.min} to ${group.max})`);
  return [about, ...hookLines(service, hooks)];
}

const blocking: ReadonlySet<string> = new Set(["Launch", "Terminate", "HealthCheck", "ReplaceUnhealthy"]);
/** Detaching and the beginning of a snapshot must fit. */
const heartbeatMsLeast = 5 * 60_000;

function hookLines({ volume }: ServiceDefinition, hooks: readonly HookView[]): ReadinessLine[] {
  if (volume === undefined) return [];
  const wanted = [volume.terminatingHook, volume.launchingHook].filter((name) => name !== undefined);
  const missing = wanted.filter((name) => !hooks.some((hook) => hook.name === name));
  if (missing.length > 0)
    return [
      line(
        "hooks",
        "red",
        `${names(missing)} named in medic.yaml, not on the group`,
        "Create the lifecycle hook, or correct the name.",
      ),
    ];
  const launching = hooks.find((hook) => hook.name === volume.launchingHook);
  if (launching?.defaultResult === "CONTINUE")
    return [
      line(
        "hooks",
        "red",
        `${launching.name} goes on by itself when nobody answers: an instance would serve without its volume`,
        "Set its default result to ABANDON.",
      ),
    ];
  const short = hooks.filter((hook) => wanted.includes(hook.name) && hook.heartbeatMs < heartbeatMsLeast);
  if (short.length > 0)
    return [
      line(
        "hooks",
        "amber",
        `${names(short.map((hook) => hook.name))} times out after less than ${length(heartbeatMsLeast)}`,
        "Give it a longer heartbeat timeout.",
      ),
    ];
  return wanted.length === 0 ? [] : [line("hooks", "green", `${wanted.length} hooks are the bot's to answer`)];
}

/** A rehearsal that is old, or went wrong, says that nobody knows. */
export function drillLines({ service, timing, now }: Looked, drill: DrillResult | undefined): ReadinessLine[] {
  const named = Object.values(service.ladders)
    .flat()
    .some(({ recovery }) => recovery === "reprovision");
  if (service.drill === undefined)
    return named && service.reprovision
      ? [
          line(
            "drill",
            "amber",
            "re-provisioning was never rehearsed and cannot be",
            "Add a drillProfile to the service, then `/medic drill`.",
          ),
        ]
      : [];
  if (drill === undefined) return [line("drill", "amber", "never rehearsed", `\`/medic drill ${service.name}\``)];
  const at = utc(drill.at, true);
  if (!drill.good)
    return [line("drill", "red", `the drill of ${at} failed: ${drill.said}`, "Mend what it says, then drill again.")];
  if (now - drill.at > timing.drillAgeMs)
    return [
      line(
        "drill",
        "amber",
        `last rehearsed ${at}, more than ${length(timing.drillAgeMs)} ago`,
        `\`/medic drill ${service.name}\``,
      ),
    ];
  return [line("drill", "green", `rehearsed ${at}, in ${length(drill.tookMs)}`)];
}
