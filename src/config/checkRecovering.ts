/** Do the settings that recoveries read fit each other, the pattern and the lengths of time? */
import type { Timing } from "../domain/timing.ts";
import type { Pattern } from "../domain/words.ts";
import { checkDns } from "./checkDns.ts";
import { formatDuration } from "./duration.ts";
import { servicePath } from "./findings.ts";
import type { CheckedService, Finding } from "./findings.ts";
import type { RawService } from "./schema.ts";

type Key = keyof RawService;

export function checkRecovering(service: CheckedService, timing: Timing): Finding[] {
  const checks = [idleSettings, checkStandby, checkDns, checkDr, checkKeeper, checkVolume, checkTargetGroups];
  return [...checks.flatMap((check) => check(service)), ...checkDrill(service, timing)];
}

/** The finding of a setting that is there but wrong; `rest` leads to it. */
function wrong(service: CheckedService, rest: readonly (string | number)[], message: string, fix: string): Finding {
  return { severity: "error", path: servicePath(service, ...rest), message, fix };
}

/** Where a setting is read at all. Written elsewhere, somebody expects something that will not happen. */
const readOn: readonly (readonly [Key, readonly Pattern[]])[] = [
  ["standby", ["standby", "dns-pair"]],
  ["dns", ["dns-pair", "instance"]],
  ["targetGroups", ["instance", "standby", "dns-pair"]],
  ["reprovision", ["instance", "standby"]],
  ["dr", ["instance"]],
  ["drillProfile", ["instance", "standby"]],
  ["volume", ["asg-ebs"]],
  ["scaleStep", ["alb-asg"]],
  ["elasticIp", ["instance", "standby", "dns-pair", "asg", "asg-ebs"]],
];

function idleSettings(service: CheckedService): Finding[] {
  const { definition, raw, broken } = service;
  if (broken.has("pattern")) return [];
  return readOn.flatMap(([key, on]): Finding[] => {
    if (raw[key] === undefined || on.includes(definition.pattern)) return [];
    const message = `${key} has no effect on pattern ${definition.pattern}; it is read on ${on.join(", ")}`;
    return [
      { severity: "warning", path: servicePath(service, key), message, fix: "Remove it, or correct the pattern." },
    ];
  });
}

const pairs: readonly Pattern[] = ["standby", "dns-pair"];

function checkStandby(service: CheckedService): Finding[] {
  const { definition, raw, broken } = service;
  if (broken.has("pattern") || broken.has("standby") || !pairs.includes(definition.pattern)) return [];
  const { standby, target } = definition;
  if (standby === undefined) {
    const message = `is missing; needed: the second machine, which pattern ${definition.pattern} fails over to`;
    const fix =
      "Add `standby: { tag: Name=… }` or `standby: { instance: i-… }`; with one machine only, use pattern instance.";
    return [wrong(service, ["standby"], message, fix)];
  }
  if (broken.has("target") || JSON.stringify(standby) !== JSON.stringify(target)) return [];
  const named = raw.standby?.instance ?? raw.standby?.tag;
  const message = `found ${named}, which is the target too; needed: another machine`;
  return [wrong(service, ["standby"], message, "Name the second machine, best in another availability zone.")];
}

function checkDr(service: CheckedService): Finding[] {
  const { definition, raw, broken } = service;
  const findings: Finding[] = [];
  if (raw.dr === undefined || broken.has("dr")) return findings;
  if (raw.dr.region === definition.region)
    findings.push(
      wrong(
        service,
        ["dr", "region"],
        `found ${raw.dr.region}, where the service lives already; needed: another region`,
        "Name the region where its snapshots are copied to; for building anew in its own region use `reprovision`.",
      ),
    );
  if (raw.dr.snapshotTag === undefined && raw.reprovision === undefined && !broken.has("reprovision"))
    findings.push(
      wrong(
        service,
        ["dr", "snapshotTag"],
        "is missing; needed: the tag of the snapshots or AMIs in that region (without `reprovision` there is none to take over)",
        "Add `snapshotTag: ec2-medic:snapshot-of=shop-web`.",
      ),
    );
  return findings;
}

function checkKeeper(service: CheckedService): Finding[] {
  const { definition, raw, broken } = service;
  const findings: Finding[] = [];
  const { keeper, rpoMaxMs } = definition;
  if (keeper === undefined || raw.keeper === undefined) return findings;
  if (raw.reprovision === undefined && !broken.has("reprovision"))
    findings.push(
      wrong(
        service,
        ["keeper"],
        "found no `reprovision`; needed: the tag that the snapshots get, and something that uses them",
        "Add `reprovision: { snapshotTag: Key=Value }`, or remove keeper.",
      ),
    );
  if (raw.keeper.copyToDr === true && raw.dr === undefined && !broken.has("dr"))
    findings.push(
      wrong(
        service,
        ["keeper", "copyToDr"],
        "found true without `dr`; needed: the region to copy to",
        "Add `dr`, or remove copyToDr.",
      ),
    );
  if (keeper.everyMs < keeperMsMin)
    findings.push(
      wrong(
        service,
        ["keeper", "every"],
        `found "${raw.keeper.every}"; needed: at least ${formatDuration(keeperMsMin)}, EBS refuses snapshots of one volume that follow too fast`,
        "For example `every: 6h`.",
      ),
    );
  else if (rpoMaxMs !== undefined && keeper.everyMs >= rpoMaxMs)
    findings.push({
      severity: "warning",
      path: servicePath(service, "keeper", "every"),
      message: `found "${raw.keeper.every}", not below rpoMax (${formatDuration(rpoMaxMs)}): most of the time the newest snapshot is too old to be used by itself`,
      fix: "Make snapshots more often than rpoMax, with room for the time that one takes.",
    });
  return findings;
}

/** More often costs more than it saves, and AWS limits concurrent snapshots of one volume. */
const keeperMsMin = 15 * 60_000;

function checkVolume(service: CheckedService): Finding[] {
  const { definition, raw, broken } = service;
  if (definition.pattern !== "asg-ebs" || broken.has("pattern") || broken.has("volume")) return [];
  if (raw.volume === undefined)
    return [
      wrong(
        service,
        ["volume"],
        "is missing; needed: the volume that moves from member to member of pattern asg-ebs",
        "Add `volume: { tag: Key=Value, device: /dev/sdf, terminatingHook: …, launchingHook: … }`; without a volume use pattern asg.",
      ),
    ];
  const { terminatingHook, launchingHook } = raw.volume;
  if (terminatingHook === undefined && launchingHook === undefined)
    return [
      {
        severity: "warning",
        path: servicePath(service, "volume"),
        message:
          "no lifecycle hook is named: the bot neither frees the volume of a member that ends nor gives it to the next",
        fix: "Right when something else answers the hooks; else name terminatingHook and launchingHook.",
      },
    ];
  if (terminatingHook !== undefined && launchingHook !== undefined) {
    if (terminatingHook !== launchingHook) return [];
    const message = `found "${launchingHook}", which is the terminatingHook too; needed: a hook for each way`;
    return [wrong(service, ["volume", "launchingHook"], message, "Name the hook of EC2_INSTANCE_LAUNCHING.")];
  }
  const missing = terminatingHook === undefined ? "terminatingHook" : "launchingHook";
  const half =
    terminatingHook === undefined
      ? "a new member would wait for a volume that nobody takes off the old one"
      : "the volume would be taken off the old member and never reach the new one";
  return [wrong(service, ["volume", missing], `is missing: ${half}`, `Add \`${missing}: name-of-the-hook\`.`)];
}

function checkTargetGroups(service: CheckedService): Finding[] {
  const { definition, broken } = service;
  if (broken.has("region") || broken.has("targetGroups")) return [];
  return definition.targetGroups.flatMap((arn, index): Finding[] => {
    const region = arn.split(":")[3] ?? "";
    if (region === definition.region || definition.region === "") return [];
    const message = `found a target group in ${region}; needed: one in ${definition.region}, where the service lives`;
    return [wrong(service, ["targetGroups", index], message, "Correct the ARN or the region.")];
  });
}

function checkDrill(service: CheckedService, timing: Timing): Finding[] {
  const { definition, raw, broken } = service;
  const { drill, reprovision } = definition;
  if (broken.has("drillProfile")) return [];
  if (drill === undefined || raw.drillProfile === undefined) {
    if (reprovision === undefined) return [];
    const message =
      "no drillProfile: /medic drill is refused, and whether re-provision works shows on the night it is needed";
    const fix =
      "Add `drillProfile: { subnet: subnet-…, securityGroup: sg-… }`: a subnet of its own, a group without outbound rules.";
    return [{ severity: "warning", path: servicePath(service, "reprovision"), message, fix }];
  }
  const findings: Finding[] = [];
  if (drill.cleanUpAfterMs < timing.drillLimitMs)
    findings.push(
      wrong(
        service,
        ["drillProfile", ...(raw.drillProfile.cleanUpAfter === undefined ? [] : ["cleanUpAfter"])],
        `found cleanUpAfter ${formatDuration(drill.cleanUpAfterMs)}; needed: at least timing.drillLimit (${formatDuration(timing.drillLimitMs)}), else the instance ends itself in mid-drill`,
        `Write \`cleanUpAfter: ${formatDuration(timing.drillLimitMs)}\` or more, or shorten timing.drillLimit.`,
      ),
    );
  if (reprovision?.subnets.includes(drill.subnet) === true)
    findings.push(
      wrong(
        service,
        ["drillProfile", "subnet"],
        `found ${drill.subnet}, where reprovision builds the real one; needed: a subnet of its own, so that two of one service never serve`,
        "Make a subnet without a route outside for drills.",
      ),
    );
  return findings;
}
