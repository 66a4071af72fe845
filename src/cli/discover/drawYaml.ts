/** The draft as a file that teaches: comments say what to set, and what everything in it does until then (observe). */
import { Document, stringify } from "yaml";
import type { Node } from "yaml";
import { defaultLadders } from "../../domain/rungDefaults.ts";
import { defaultTiming } from "../../domain/timing.ts";
import type { Draft, DraftedService } from "./draft.ts";

/** Channel and people cannot be found in AWS: until somebody is named no button works, and `medic check` says so. */
const head = (
  region: string,
) => `# Drafted by \`medic discover\` from what lives in ${region}. Set what says "set me", then: medic check
# yaml-language-server: $schema=./medic.schema.json
defaults:
  region: ${region}
  channel: "#alerts" # set me: a channel that the bot is in, best by its id (C0123456789)
  # set me: who may press the buttons; users: [U0123456789] or groups: [S0123456789]
  approvers:
    users: []

# A switch that works when Slack does not. Unreadable means that nothing runs by itself.
# killSwitch: { parameter: /ec2-medic/autopilot }

# Every service starts in observe: the card says what the bot would do, a person orders it. What else each pattern can do, and
# what it needs for that (snapshots, a DR region, a standby): examples/medic.yaml
services:`;

const leftMax = 50;

export function drawYaml({ region, services, left }: Draft & { readonly region: string }): string {
  return [head(region), ...services.map(drawService), ...leftLines(left)].join("\n");
}

function drawService(service: DraftedService): string {
  const { name, description, pattern, target, standby, elasticIp, alarms, notes } = service;
  const body = {
    description,
    pattern,
    target,
    ...(standby ? { standby } : {}),
    ...(elasticIp ? { elasticIp } : {}),
    ...(alarms.length > 0 ? { alarms } : {}),
    ladders: laddersOf(pattern),
  };
  const [key = "", ...lines] = stringify({ [name]: body }, { lineWidth: 0 })
    .trimEnd()
    .split("\n");
  const lone = pattern === "instance" || pattern === "standby";
  const comments = [
    ...notes,
    ...(alarms.length > 0 ? [] : ["no alarm is about it yet: matched by dimension and tag once there is one"]),
    ...(lone ? ['probe: { url: "https://…/healthz", watch: true } # a second kind of evidence'] : []),
  ];
  // Under the name, where the line with the probe is right once its # is gone.
  return [key, ...comments.map((text) => `  # ${oneLine(text)}`), ...lines].map((line) => `  ${line}`).join("\n");
}

/** What it starts with anyway, written out: what is there to be read is easier changed. Nobody may approve yet. */
function laddersOf(pattern: DraftedService["pattern"]): Readonly<Record<string, Node>> {
  const nobody = { users: [], groups: [] };
  const ladders = Object.entries(defaultLadders({ pattern, approvers: nobody }, defaultTiming));
  return Object.fromEntries(
    ladders.map(([symptom, rungs]) => {
      const written = rungs.map(({ recovery, mode }) => ({ recovery, mode }));
      return [symptom, new Document().createNode(written, { flow: true })];
    }),
  );
}

function leftLines(left: readonly string[]): string[] {
  if (left.length === 0) return [];
  const more = left.length > leftMax ? [`#   and ${left.length - leftMax} more`] : [];
  return [
    "",
    "# Alarms that are about none of these; list them under `alarms` of the service that they concern:",
    ...left.slice(0, leftMax).map((name) => `#   ${oneLine(name)}`),
    ...more,
  ];
}

/** A line break in a name from outside must not end a comment. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
