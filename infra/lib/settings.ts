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
  vpcId: { pattern: /^vpc-[0-9a-f]+$/, needed: "an id like vpc-0a1b2c3d" },
  subnetIds: { pattern: /^subnet-[0-9a-f]+$/, needed: "ids like subnet-0a1b2c3d, separated by commas" },
  publicIp: { pattern: /^(true|false)$/, needed: "true or false" },
};

/** One problem per line; empty while all is well. */
type Problems = string[];

/**
 * Reads every setting and says all problems at once.
 * @throws Error with one line per problem: the setting, what was found and what would be right.
 */
export function readSettings(node: Node): Settings {
  const problems: Problems = [];
  const list = (key: string): string[] => readList(node, key, problems);
  const one = (key: string): string | undefined => {
    const [first, ...more] = list(key);
    if (more.length > 0) problems.push(`${key} holds ${more.length + 1} values; needed: one`);
    return first;
  };

  const name = one("name") ?? "ec2-medic";
  const settings: Settings = {
    name,
    configFile: one("config") ?? "medic.yaml",
    image: one("image"),
    slackSecret: one("slackSecret") ?? `${name}/slack`,
    mailTo: list("mailTo"),
    workers: Number(one("workers") ?? "1"),
    serviceRegions: list("serviceRegions"),
    volumeKeyArns: list("volumeKeyArns"),
    network: givenNetwork(one("vpcId"), list("subnetIds"), one("publicIp") === "true"),
  };
  if ((one("vpcId") === undefined) !== (list("subnetIds").length === 0))
    problems.push("vpcId and subnetIds belong together; needed: both, or neither for a network of its own");
  const said = [...new Set(problems)];
  if (said.length > 0) throw new Error(`The settings of this deployment are wrong:\n- ${said.join("\n- ")}`);
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
