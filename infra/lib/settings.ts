/** What a team may set about its deployment, read from the CDK context: `-c name=value` or `cdk.context.json`. */
import type { Node } from "constructs";
import { areaNames } from "./areas.ts";
import type { AreaName } from "./areas.ts";
import type { Reach } from "./recoveryStatements.ts";

/** What a role may do to services; the same words in the bot's own account and in every other one. */
interface Services extends Omit<Reach, "namedSessions"> {
  /** Areas that the role may carry out; see `areaNames`. */
  readonly recoveries: readonly AreaName[];
}

export interface Settings extends Services {
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
  /** Roles of other accounts that the bot may take. */
  readonly accountRoleArns: readonly string[];
  /** A network that exists already; undefined means that the stack makes a small public one. */
  readonly network: GivenNetwork | undefined;
}

export interface GivenNetwork {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** True when those subnets lead out through an internet gateway; false when through NAT or endpoints. */
  readonly publicIp: boolean;
}

/** The role of another account, which a bot elsewhere takes. */
export interface SpokeSettings extends Services {
  readonly name: string;
  /** The role itself, as `accounts` in medic.yaml names it. */
  readonly roleName: string;
  /** Who may take it. */
  readonly botRoleArn: string;
  /** As medic.yaml names it; undefined when it names none. */
  readonly externalId: string | undefined;
}

const roleArn = /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/** What each value must look like; lists are asked item by item. */
const rules: Readonly<Record<string, { readonly pattern: RegExp; readonly needed: string }>> = {
  // ECS, SQS, SNS, SSM and DynamoDB all accept such names; 24 characters leave room for the longest suffix.
  name: { pattern: /^[a-z][a-z0-9-]{1,23}$/, needed: "a small letter, then up to 23 of a-z, 0-9 and -" },
  config: { pattern: /^(?!\/|.*\.\.).+$/, needed: "a path inside the repository, relative to it" },
  slackSecret: {
    pattern: /^(?!xox|xapp)[\w/+=.@:-]+$/,
    needed: "name or ARN of a secret, never the token itself",
  },
  mailTo: { pattern: /^[^@\s]+@[^@\s]+$/, needed: "mail addresses, separated by commas" },
  // More than ten would share the ten Socket Mode connections that Slack gives one app.
  workers: { pattern: /^([1-9]|10)$/, needed: "a whole number from 1 to 10" },
  serviceRegions: { pattern: /^[a-z]{2}(-[a-z]+)+-\d$/, needed: "regions like eu-west-1, separated by commas" },
  volumeKeyArns: { pattern: /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/, needed: "ARNs of keys (not of aliases)" },
  hostedZoneIds: { pattern: /^Z[A-Z0-9]{1,31}$/, needed: "ids like Z0123456789ABCDEFGHIJ, separated by commas" },
  // IAM compares records so; a name that is written otherwise would never match.
  recordNames: {
    pattern: /^(\\052\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)+$/,
    needed: "names like shop.example.com in small letters, without a dot at the end (a * is written \\052)",
  },
  routingControlArns: {
    pattern: /^arn:[\w-]+:route53-recovery-control::\d{12}:controlpanel\/\w+\/routingcontrol\/\w+$/,
    needed: "ARNs of routing controls",
  },
  instanceRoleArns: { pattern: roleArn, needed: "ARNs of roles (not of instance profiles)" },
  accountRoleArns: { pattern: roleArn, needed: "ARNs of roles in other accounts" },
  groupSizeMax: { pattern: /^[1-9]\d{0,4}$/, needed: "a whole number from 1" },
  recoveries: { pattern: new RegExp(`^(${areaNames.join("|")})$`), needed: `some of ${areaNames.join(", ")}` },
  botRoleArn: { pattern: roleArn, needed: "the ARN of the bot's role, which its stack puts out as BotRoleArn" },
  roleName: { pattern: /^[\w+=,.@-]{1,64}$/, needed: "up to 64 letters, digits and +=,.@_-" },
  externalId: { pattern: /^[\w+=,.@:/-]{2,1224}$/, needed: "2 or more letters, digits and +=,.@:/-" },
  vpcId: { pattern: /^vpc-[0-9a-f]+$/, needed: "an id like vpc-0a1b2c3d" },
  subnetIds: { pattern: /^subnet-[0-9a-f]+$/, needed: "ids like subnet-0a1b2c3d, separated by commas" },
  publicIp: { pattern: /^(true|false)$/, needed: "true or false" },
};

/** One problem per line; empty while all is well. */
type Problems = string[];

/** Reads single settings; what is wrong is kept, to be said together. */
interface Reading {
  list(key: string): string[];
  one(key: string): string | undefined;
  problem(said: string): void;
  /** @throws Error with one line per problem: the setting, what was found and what would be right. */
  end(): void;
}

function readingOf(node: Node): Reading {
  const problems: Problems = [];
  const list = (key: string): string[] => readList(node, key, problems);
  return {
    list,
    one: (key) => {
      const [first, ...more] = list(key);
      if (more.length > 0) problems.push(`${key} holds ${more.length + 1} values; needed: one`);
      return first;
    },
    problem: (said) => problems.push(said),
    end: () => {
      const said = [...new Set(problems)];
      if (said.length > 0) throw new Error(`The settings of this deployment are wrong:\n- ${said.join("\n- ")}`);
    },
  };
}

/**
 * Reads every setting and says all problems at once.
 * @throws Error with one line per problem: the setting, what was found and what would be right.
 */
export function readSettings(node: Node): Settings {
  const from = readingOf(node);
  const name = from.one("name") ?? "ec2-medic";
  const settings: Settings = {
    name,
    configFile: from.one("config") ?? "medic.yaml",
    image: from.one("image"),
    slackSecret: from.one("slackSecret") ?? `${name}/slack`,
    mailTo: from.list("mailTo"),
    workers: Number(from.one("workers") ?? "1"),
    ...services(from),
    accountRoleArns: from.list("accountRoleArns"),
    network: givenNetwork(from.one("vpcId"), from.list("subnetIds"), from.one("publicIp") === "true"),
  };
  if ((from.one("vpcId") === undefined) !== (from.list("subnetIds").length === 0))
    from.problem("vpcId and subnetIds belong together; needed: both, or neither for a network of its own");
  from.end();
  return settings;
}

/**
 * The settings of the role in another account: `botRoleArn` is what asks for it.
 * @throws Error with one line per problem: the setting, what was found and what would be right.
 */
export function readSpokeSettings(node: Node): SpokeSettings {
  const from = readingOf(node);
  const name = from.one("name") ?? "ec2-medic";
  const settings: SpokeSettings = {
    name,
    roleName: from.one("roleName") ?? name,
    botRoleArn: from.one("botRoleArn") ?? "",
    externalId: from.one("externalId"),
    ...services(from),
  };
  if (settings.botRoleArn === "")
    from.problem("botRoleArn is missing; needed: the output BotRoleArn of the bot's stack");
  from.end();
  return settings;
}

function services(from: Reading): Services {
  const chosen = from.list("recoveries");
  const most = from.one("groupSizeMax");
  const settings: Services = {
    serviceRegions: from.list("serviceRegions"),
    volumeKeyArns: from.list("volumeKeyArns"),
    hostedZoneIds: from.list("hostedZoneIds"),
    recordNames: from.list("recordNames"),
    routingControlArns: from.list("routingControlArns"),
    instanceRoleArns: from.list("instanceRoleArns"),
    groupSizeMax: most === undefined ? undefined : Number(most),
    recoveries: areaNames.filter((area) => chosen.length === 0 || chosen.includes(area)),
  };
  if (settings.recordNames.length > 0 && settings.hostedZoneIds.length === 0)
    from.problem("recordNames narrows the records of hostedZoneIds, which is empty; needed: the zone of those records");
  return settings;
}

function readList(node: Node, key: string, problems: Problems): string[] {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined) return [];
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    problems.push(`${key} is ${JSON.stringify(value)}; needed: text`);
    return [];
  }
  const items = String(value).split(",");
  const given = items.map((item) => item.trim()).filter((item) => item !== "");
  const rule = rules[key];
  for (const item of given)
    if (rule?.pattern.test(item) === false) problems.push(`${key} is "${item}"; needed: ${rule.needed}`);
  return given;
}

function givenNetwork(
  vpcId: string | undefined,
  subnetIds: readonly string[],
  publicIp: boolean,
): GivenNetwork | undefined {
  return vpcId === undefined ? undefined : { vpcId, subnetIds, publicIp };
}
