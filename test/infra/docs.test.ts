import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { actionsOfArea, areaNames } from "../../infra/lib/areas.ts";
import { watchPermissions } from "../../infra/lib/watchPermissions.ts";
import type { IamAction } from "../../src/recovery/permissions.ts";

/** The table of docs/permissions.md, row by row, without the padding. */
function written(): string[] {
  const lines = readFileSync("docs/permissions.md", "utf8").split("\n");
  const start = lines.findIndex((line) => /^\| area +\| action/.test(line));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim())
      .join(" | "),
  );
}

const kinds: Readonly<Record<IamAction["resource"], string>> = {
  any: "anything",
  instance: "instances",
  volumeKey: "`volumeKeyArns`",
  elasticIp: "Elastic IPs",
  networkInterface: "network interfaces",
  volume: "volumes",
  snapshot: "snapshots",
  image: "images",
  subnet: "subnets",
  securityGroup: "security groups",
  keyPair: "key pairs",
  replaceRootVolumeTask: "root volume tasks",
  autoScalingGroup: "Auto Scaling groups",
  targetGroup: "target groups",
  hostedZone: "`hostedZoneIds`",
  dnsChange: "changes of records",
  healthCheck: "health checks",
  routingControl: "`routingControlArns`",
  instanceRole: "`instanceRoleArns`",
  shellDocument: "AWS-RunShellScript",
  alarm: "alarms",
};

function conditionOf({
  taggedOnly,
  madeTagged,
  onlyWhenCreating,
  alsoTagged,
  onlyTagKeys,
  forNewVolumes,
}: IamAction): string {
  const parts = [
    ...(taggedOnly ? ["tagged"] : []),
    ...(alsoTagged ? [`tagged \`${alsoTagged.key}\``] : []),
    ...(madeTagged ? ["made with the tag"] : []),
    ...(onlyWhenCreating ? [`only while ${onlyWhenCreating.join(", ")} makes them`] : []),
    ...(onlyTagKeys ? [`only the tag ${onlyTagKeys.map((key) => `\`${key}\``).join(", ")}`] : []),
    ...(forNewVolumes ? ["to AWS services alone"] : []),
  ];
  return parts.join("; ");
}

/** One row for each kind of thing and condition, with all its actions. */
function rowsOf(area: string, actions: readonly IamAction[]): string[] {
  const rows = new Map<string, Set<string>>();
  for (const each of actions) {
    const key = `${kinds[each.resource]} | ${conditionOf(each)}`;
    rows.set(key, (rows.get(key) ?? new Set()).add(each.action));
  }
  return [...rows].map(
    ([key, names]) =>
      `${area} | ${[...names]
        .sort()
        .map((name) => `\`${name}\``)
        .join(", ")} | ${key}`,
  );
}

test("docs/permissions.md lists exactly what is declared", () => {
  const isRead = ({ resource }: IamAction): boolean => resource === "any";
  const declared = [
    ...rowsOf("every one", watchPermissions),
    ...areaNames.flatMap((area) => {
      const always = new Set(watchPermissions.map(({ action }) => action));
      const own = actionsOfArea(area).filter((each) => !isRead(each) || !always.has(each.action));
      return rowsOf(area, own);
    }),
  ];
  expect(written()).toEqual(declared);
});
