/** What a team may set about its deployment, read from the CDK context: `-c name=value` or `cdk.context.json`. */
import type { Node } from "constructs";

export interface Settings {
  /** Prefix of every name, so that two bots may live in one account. */
  readonly name: string;
  /** `medic.yaml` as it is put into the image; relative to the repository. */
  readonly configFile: string;
  /** A ready image instead of one built from this repository. */
  readonly image: string | undefined;
  /** Name or complete ARN of the secret that holds SLACK_BOT_TOKEN and SLACK_APP_TOKEN. */
  readonly slackSecret: string;
  /** Who gets the mail topic's messages; each must confirm once. */
  readonly mailTo: readonly string[];
  /** How many equal workers run. */
  readonly workers: number;
  /** Regions whose instances the bot may restart; empty means the stack's own. */
  readonly serviceRegions: readonly string[];
  /** Customer managed keys of encrypted volumes. */
  readonly volumeKeyArns: readonly string[];
  /** A network that exists already; undefined means that the stack makes a small public one. */
  readonly network: GivenNetwork | undefined;
}

export interface GivenNetwork {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** True when those subnets lead out through an internet gateway; false when through NAT or endpoints. */
  readonly publicIp: boolean;
}

/** Names of ECS, SQS, SNS, SSM and DynamoDB all accept this; 24 leaves room for the longest suffix. */
const namePattern = /^[a-z][a-z0-9-]{1,23}$/;

/** More than ten would share Slack's ten Socket Mode connections of one app. */
const workersMax = 10;

/**
 * Reads every setting and says all problems at once.
 * @throws Error with one line per problem: the setting, what was found and what would be right.
 */
export function readSettings(node: Node): Settings {
  const problems: string[] = [];
  const text = (key: string): string | undefined => {
    const value: unknown = node.tryGetContext(key);
    if (value === undefined || value === "") return undefined;
    if (typeof value === "string") return value.trim();
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    problems.push(`${key} is ${JSON.stringify(value)}; needed: text`);
    return undefined;
  };
  const list = (key: string): readonly string[] => {
    const items = (text(key) ?? "").split(",").map((item) => item.trim());
    return items.filter((item) => item !== "");
  };
  const accept = (key: string, values: readonly string[], pattern: RegExp, needed: string): void => {
    for (const value of values) if (!pattern.test(value)) problems.push(`${key} is "${value}"; needed: ${needed}`);
  };

  const settings: Settings = {
    name: text("name") ?? "ec2-medic",
    configFile: text("config") ?? "medic.yaml",
    image: text("image"),
    slackSecret: text("slackSecret") ?? "ec2-medic/slack",
    mailTo: list("mailTo"),
    workers: Number(text("workers") ?? "1"),
    serviceRegions: list("serviceRegions"),
    volumeKeyArns: list("volumeKeyArns"),
    network: readNetwork(text, list, problems),
  };
  accept("name", [settings.name], namePattern, "a small letter, then up to 23 of a-z, 0-9 and -");
  accept("config", [settings.configFile], /^(?!\/|.*\.\.).+$/, "a path inside the repository, relative to it");
  accept("mailTo", settings.mailTo, /^[^@\s]+@[^@\s]+$/, "mail addresses, separated by commas");
  accept(
    "vpcId",
    settings.network === undefined ? [] : [settings.network.vpcId],
    /^vpc-[0-9a-f]+$/,
    "like vpc-0a1b2c3d",
  );
  accept("subnetIds", settings.network?.subnetIds ?? [], /^subnet-[0-9a-f]+$/, "like subnet-0a1b2c3d, with commas");
  accept(
    "serviceRegions",
    settings.serviceRegions,
    /^[a-z]{2}(-[a-z]+)+-\d$/,
    "regions like eu-west-1, separated by commas",
  );
  accept(
    "volumeKeyArns",
    settings.volumeKeyArns,
    /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/,
    "ARNs of keys (not of aliases)",
  );
  accept(
    "slackSecret",
    [settings.slackSecret],
    /^(?!xox|xapp)[\w/+=.@:-]+$/,
    "name or ARN of a secret, never the token itself",
  );
  if (!Number.isInteger(settings.workers) || settings.workers < 1 || settings.workers > workersMax)
    problems.push(`workers is "${text("workers") ?? ""}"; needed: a whole number from 1 to ${workersMax}`);
  if (problems.length > 0) throw new Error(`The settings of this deployment are wrong:\n- ${problems.join("\n- ")}`);
  return settings;
}

function readNetwork(
  text: (key: string) => string | undefined,
  list: (key: string) => readonly string[],
  problems: string[],
): GivenNetwork | undefined {
  const vpcId = text("vpcId");
  const subnetIds = list("subnetIds");
  if (vpcId === undefined && subnetIds.length === 0) return undefined;
  if (vpcId === undefined || subnetIds.length === 0) {
    problems.push("vpcId and subnetIds belong together; needed: both, or neither for a network of its own");
    return undefined;
  }
  return { vpcId, subnetIds, publicIp: (text("publicIp") ?? "false") === "true" };
}
