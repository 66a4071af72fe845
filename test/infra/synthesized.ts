/** Synthesizes the stack in this process, with the same feature flags as the CLI reads, and reads its template. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import type { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll } from "vitest";
import { MedicStack } from "../../infra/lib/medicStack.ts";
import { readSettings, readSpokeSettings } from "../../infra/lib/settings.ts";
import { SpokeStack } from "../../infra/lib/spokeStack.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, Json>;
  readonly DependsOn?: readonly string[];
}
export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Principal: Json;
  readonly Condition: Record<string, Record<string, Json>>;
}

const outputs: string[] = [];
afterAll(() => {
  for (const output of outputs.splice(0)) rmSync(output, { recursive: true, force: true });
});

/** An app with the flags of `infra/cdk.json`; its output goes to a folder of its own under the system's temporary one. */
export function makeApp(context: Record<string, unknown> = {}): App {
  const cdkJson = JSON.parse(readFileSync("infra/cdk.json", "utf8")) as { context: Record<string, unknown> };
  const outdir = mkdtempSync(join(tmpdir(), "ec2-medic-synth-"));
  outputs.push(outdir);
  return new App({
    outdir,
    context: { ...cdkJson.context, ...context },
    analyticsReporting: false,
    // The command-line test runs it; here it would be most of the time.
    builtinCloudFormationValidation: false,
  });
}

export function makeStack(context: Record<string, unknown> = {}): MedicStack {
  const app = makeApp(context);
  return new MedicStack(app, "ec2-medic", { settings: readSettings(app.node) });
}

/** With a ready image: where only permissions are looked at, no copy of the repository is staged for each stack. */
export function lightStack(context: Record<string, unknown> = {}): MedicStack {
  return makeStack({ image: "registry.example.com/ec2-medic:1", ...context });
}

export function makeSpoke(context: Record<string, unknown> = {}): SpokeStack {
  const app = makeApp({ botRoleArn, ...context });
  return new SpokeStack(app, "ec2-medic-account", { settings: readSpokeSettings(app.node) });
}

export const botRoleArn = "arn:aws:iam::123456789012:role/ec2-medic-BotRole";

/** Every setting that widens what the bot may do. */
export const everything = {
  volumeKeyArns: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  hostedZoneIds: "Z0123456789ABC",
  recordNames: "shop.example.com",
  routingControlArns: "arn:aws:route53-recovery-control::123456789012:controlpanel/0a1b2c/routingcontrol/3d4e5f",
  instanceRoleArns: "arn:aws:iam::123456789012:role/web/instance",
  accountRoleArns: "arn:aws:iam::222233334444:role/ec2-medic",
  groupSizeMax: "20",
};

/** Inline and managed. */
export function policiesOf(resources: Record<string, Resource>): Resource[] {
  return [...ofType(resources, "AWS::IAM::Policy"), ...ofType(resources, "AWS::IAM::ManagedPolicy")];
}

export function resourcesOf(stack: Stack): Record<string, Resource> {
  const template = Template.fromStack(stack).toJSON() as { Resources: Record<string, Resource> };
  return template.Resources;
}

export function ofType(resources: Record<string, Resource>, type: string): Resource[] {
  return Object.values(resources).filter((each) => each.Type === type);
}

/** The only resource of a type, or of those that carry `match` in a property as text. */
export function only(resources: Record<string, Resource>, type: string, match = ""): Resource {
  const found = ofType(resources, type).filter((each) => JSON.stringify(each.Properties).includes(match));
  const [first] = found;
  if (first === undefined || found.length !== 1)
    throw new Error(`${found.length} resources of type ${type} with "${match}"; needed: one`);
  return first;
}

/** Every statement of one policy document, lists made of what may stand alone, references written as text. */
export function statementsOf(document: Json | undefined): Statement[] {
  const { Statement } = document as { Statement: Record<string, Json>[] };
  return Statement.map((each) => ({
    ...(typeof each["Sid"] === "string" ? { Sid: each["Sid"] } : {}),
    Effect: each["Effect"] as Statement["Effect"],
    Action: listed(each["Action"]),
    Resource: listed(each["Resource"]),
    Principal: each["Principal"] ?? null,
    Condition: (each["Condition"] ?? {}) as Statement["Condition"],
  }));
}

function listed(value: Json | undefined): string[] {
  return [value ?? []].flat().map((each) => flatten(each));
}

/** A reference or join as one readable line: `arn:${AWS::Partition}:ec2:…`. */
export function flatten(value: Json): string {
  if (typeof value === "string") return value;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return JSON.stringify(value);
  const join = value["Fn::Join"];
  if (Array.isArray(join) && Array.isArray(join[1])) return join[1].map((part) => flatten(part)).join("");
  const ref = value["Ref"];
  if (typeof ref === "string") return `\${${ref}}`;
  const attribute = value["Fn::GetAtt"];
  if (Array.isArray(attribute)) return `\${${attribute.map((part) => flatten(part)).join(".")}}`;
  return JSON.stringify(value);
}
