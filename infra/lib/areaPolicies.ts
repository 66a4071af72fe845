/**
 * What a role may do to services: one policy of reads, and one for each area that the team has chosen. A policy for each, because
 * then a person sees in the console what was handed over, and no policy outgrows what IAM stores.
 */
import { Stack, Validations } from "aws-cdk-lib";
import { ManagedPolicy, Policy, PolicyDocument } from "aws-cdk-lib/aws-iam";
import type { PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { IamAction } from "../../src/recovery/permissions.ts";
import { actionsOfArea, declaring } from "./areas.ts";
import type { AreaName, Declaring } from "./areas.ts";
import { recoveryStatements, wildcardsOf } from "./recoveryStatements.ts";
import type { Reach } from "./recoveryStatements.ts";
import { watchPermissions } from "./watchPermissions.ts";

export interface AreaPoliciesProps {
  readonly role: Role;
  readonly areas: readonly AreaName[];
  readonly reach: Reach;
  /** Every list that there is; another one only in tests. */
  readonly all?: readonly Declaring[];
}

/** IAM's limits: characters of a managed policy, without white space; managed policies of a role. */
export const managedCharsMax = 6144;
export const managedPoliciesMax = 10;

export class AreaPolicies extends Construct {
  constructor(scope: Construct, id: string, { role, areas, reach, all = declaring }: AreaPoliciesProps) {
    super(scope, id);
    const lists = areas.map((area) => ({ area, actions: actionsOfArea(area, all) }));
    const isRead = ({ resource }: IamAction): boolean => resource === "any";
    const watched = [...watchPermissions, ...lists.flatMap(({ actions }) => actions.filter(isRead))];
    const watch = new Policy(this, "Watch", { statements: recoveryStatements(this, watched, reach) });
    role.attachInlinePolicy(watch);
    this.acknowledge(watch, watched, reach);
    const made = lists.map(({ area, actions }) => {
      const acted = actions.filter((each) => !isRead(each));
      const parts = this.inParts(recoveryStatements(this, acted, reach));
      for (const [index, statements] of parts.entries()) {
        const policy = new ManagedPolicy(this, `${pascal(area)}${index === 0 ? "" : index + 1}`, {
          description: `ec2-medic: what ${area} may do, to what is tagged or named`,
          statements,
          roles: [role],
        });
        this.acknowledge(policy, acted, reach);
      }
      return parts.length;
    });
    const count = made.reduce((sum, each) => sum + each, 0);
    if (count > managedPoliciesMax)
      throw new Error(
        `The areas would fill ${count} managed policies, and IAM attaches ${managedPoliciesMax} to a role: name fewer keys, zones or roles, or leave areas out`,
      );
  }

  /** One part, or as many as a policy's limit makes of it. */
  private inParts(statements: readonly PolicyStatement[]): PolicyStatement[][] {
    const parts: PolicyStatement[][] = [];
    for (const statement of statements) {
      const last = parts.at(-1);
      const chars = charactersOf(this, new PolicyDocument({ statements: [...(last ?? []), statement] }));
      if (last === undefined || chars > managedCharsMax) parts.push([statement]);
      else last.push(statement);
    }
    return parts;
  }

  private acknowledge(policy: Policy | ManagedPolicy, actions: readonly IamAction[], reach: Reach): void {
    const found = wildcardsOf(this, actions, reach).map(({ arn, reason }) => ({
      id: `AwsSolutions-IAM5[Resource::${arn}]`,
      reason,
    }));
    if (found.length > 0) Validations.of(policy).acknowledge(...found);
  }
}

const pascal = (area: string): string =>
  area.replace(/(^|-)(\w)/g, (_match, _dash: string, letter: string) => letter.toUpperCase());

/** What CloudFormation fills in when it deploys, at its longest. */
const longest: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws-us-gov",
  "AWS::Region": "ap-northeast-1",
  "AWS::AccountId": "123456789012",
  "AWS::URLSuffix": "amazonaws.com.cn",
};

/** As IAM counts them, once everything is filled in. */
function charactersOf(scope: Construct, document: PolicyDocument): number {
  const resolved: unknown = Stack.of(scope).resolve(document);
  return JSON.stringify(filledIn(resolved)).length;
}

function filledIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filledIn);
  if (typeof value !== "object" || value === null) return value;
  const { Ref: ref, "Fn::Join": join } = value as { readonly Ref?: string; readonly "Fn::Join"?: [string, unknown[]] };
  if (ref !== undefined) return longest[ref] ?? ref;
  if (join !== undefined) return join[1].map(filledIn).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filledIn(each)]));
}
