/** Synthesizes the stack in this process, with the same feature flags as the CLI reads, and reads its template. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll } from "vitest";
import { MedicStack } from "../../infra/lib/medicStack.ts";
import { readSettings } from "../../infra/lib/settings.ts";

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

export function resourcesOf(stack: MedicStack): Record<string, Resource> {
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
