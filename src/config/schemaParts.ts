/**
 * The small pieces that `medic.yaml` is made of. Each says in words what is needed; those words stand in the error message, in
 * the JSON Schema and so in the editor. Nothing is transformed here: the same data is valid before and after.
 */
import { z } from "zod";
import { durationPattern } from "./duration.ts";

/** What a piece needs, in words; beside its description, because the description says what it is for. */
const needs = z.registry<{ needed: string }>();

export function neededFor(piece: z.ZodType | undefined): string | undefined {
  return piece === undefined ? undefined : needs.get(piece)?.needed;
}

/** Text that must look like something. `needed` completes "needed: …". */
export function written(pattern: RegExp, needed: string, example: string) {
  const piece = z
    .string()
    .regex(pattern, needed)
    .meta({ description: `${needed.charAt(0).toUpperCase()}${needed.slice(1)}.`, examples: [example] });
  needs.add(piece, { needed });
  return piece;
}

/** A piece with its explanation; its needs and its examples stay. */
export function explained<T extends z.ZodType>(piece: T, description: string, example?: unknown): T {
  const { id: _id, ...known } = piece.meta() ?? {};
  const told = piece.meta({ ...known, description, ...(example === undefined ? {} : { examples: [example] }) });
  const needed = neededFor(piece);
  if (needed !== undefined) needs.add(told, { needed });
  return told;
}

export const duration = written(durationPattern, "a length of time with its unit, like 90s, 5m, 1h30m or 2d", "5m");

/** Names from the pretend workspace are shorter than Slack's, so that only the first letter and the alphabet count. */
export const channel = written(
  /^(#[^\s#,]{1,80}|[CG][A-Z0-9]{3,})$/,
  'a Slack channel: its id (C…, G…) or "#name" in quotes',
  "C0123456789",
);
export const user = written(/^[UW][A-Z0-9]{3,}$/, "a Slack user id (U… or W…)", "U0123456789");
export const userGroup = written(/^S[A-Z0-9]{3,}$/, "a Slack user group id (S…)", "S0123456789");
export const region = written(/^[a-z]{2}(-[a-z]+)+-\d+$/, "an AWS region", "eu-west-1");
export const account = written(/^\d{12}$/, "an AWS account: 12 digits in quotes", "123456789012");
export const instanceId = written(/^i-([0-9a-f]{8}|[0-9a-f]{17})$/, "an EC2 instance id", "i-0123456789abcdef0");
export const allocationId = written(
  /^eipalloc-([0-9a-f]{8}|[0-9a-f]{17})$/,
  "the allocation id of an Elastic IP (not the address)",
  "eipalloc-0123456789abcdef0",
);
export const topicArn = written(
  /^arn:[\w-]+:sns:[a-z0-9-]+:\d{12}:[\w-]+$/,
  "the ARN of an SNS topic",
  "arn:aws:sns:eu-west-1:123456789012:ops-mail",
);
export const subnetId = written(/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, "a subnet id", "subnet-0123456789abcdef0");
export const securityGroupId = written(
  /^sg-([0-9a-f]{8}|[0-9a-f]{17})$/,
  "a security group id (not its name)",
  "sg-0123456789abcdef0",
);
export const instanceType = written(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, "an instance type", "m7g.large");
export const instanceProfile = written(
  /^[\w+=,.@-]{1,128}$/,
  "the name of an instance profile (not its ARN)",
  "shop-web",
);
export const deviceName = written(/^(\/dev\/)?(sd|xvd)[a-z]{1,2}\d{0,2}$/, "a device name of EC2", "/dev/sdf");
export const hookName = written(/^[A-Za-z0-9\-_/]{1,255}$/, "the name of a lifecycle hook", "orders-db-terminating");
export const targetGroupArn = written(
  /^arn:[\w-]+:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/[A-Za-z0-9-]+\/[0-9a-f]+$/,
  "the ARN of a target group",
  "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-web/0123456789abcdef",
);
export const roleArn = written(
  /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  "the ARN of a role",
  "arn:aws:iam::222233334444:role/ec2-medic",
);
export const zoneId = written(
  /^(\/hostedzone\/)?Z[A-Z0-9]{4,31}$/,
  "the id of a hosted zone (Z…)",
  "Z0123456789ABCDEFGHIJ",
);
export const recordName = written(
  /^(?=.{1,254}$)(\*\.)?([A-Za-z0-9_-]{1,63}\.)+[A-Za-z0-9-]{2,63}\.?$/,
  "the full name of a record, without scheme or path",
  "shop.example.com",
);
export const setIdentifier = written(/^.{1,128}$/, "the record's SetIdentifier", "primary");
export const healthCheckId = written(
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  "the id of a Route 53 health check",
  "01234567-89ab-cdef-0123-456789abcdef",
);
export const routingControlArn = written(
  /^arn:[\w-]+:route53-recovery-control::\d{12}:controlpanel\/\w+\/routingcontrol\/\w+$/,
  "the ARN of a routing control",
  "arn:aws:route53-recovery-control::123456789012:controlpanel/0123456789abcdef/routingcontrol/0123456789abcdef",
);
export const tag = written(/^[^=]{1,128}=.{1,256}$/, "one tag as Key=Value", "Name=shop-web");
export const webUrl = written(
  /^https?:\/\/[^\s/?#]+\S*$/,
  "an http:// or https:// URL",
  "https://shop.example.com/healthz",
);
export const hostPort = written(/^(\[[0-9a-f:]+\]|[^\s:/]+):\d{1,5}$/, "host:port", "db.example.com:5432");
export const statusRange = written(/^[1-5]\d\d(-[1-5]\d\d)?$/, "a status code or a range of them", "200-399");
export const serviceName = written(
  /^[a-z0-9][a-z0-9-]{0,62}$/,
  "a service name: small letters, digits and -, at most 63 (people type it after /medic)",
  "shop-web",
);
export const alarmName = z
  .string()
  .min(1, "the name of an alarm, or a glob with *")
  .max(255, "an alarm's name has at most 255 characters")
  .meta({
    description: "An alarm's exact name, or a glob with * for any run of characters.",
    examples: ["shop-web-*"],
  });
export const sentence = z.string().min(1, "some text").max(500, "at most 500 characters");
export const flag = z.boolean();

/** A mapping of which exactly one of these keys must be set. */
export function exactlyOne<S extends z.ZodRawShape>(shape: S, keys: readonly (keyof S & string)[]) {
  return z
    .strictObject(shape)
    .refine((value) => keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined).length === 1, {
      message: `exactly one of ${keys.join(", ")}`,
    });
}
