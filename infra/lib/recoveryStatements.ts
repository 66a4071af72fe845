/**
 * Turns the lists that stand beside the recoveries into policy statements. What changes an instance is bound to the tag
 * and to the regions where services live; what has no narrower resource must be a read, or this refuses.
 */
import { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { managedTag } from "../../src/recovery/permissions.ts";
import type { IamAction } from "../../src/recovery/permissions.ts";

export interface Reach {
  /** Regions whose instances may be touched; empty means the stack's own. */
  readonly serviceRegions: readonly string[];
  /** Keys of encrypted volumes; empty leaves the permission out. */
  readonly volumeKeyArns: readonly string[];
}

const reads = /^[a-z0-9-]+:(Describe|Get|List)[A-Za-z]+$/;

/**
 * One statement for each kind of resource and condition; the same action named by two lists stands once.
 * @throws Error for an action that could change something and is not bound to the tag.
 */
export function recoveryStatements(scope: Construct, actions: readonly IamAction[], reach: Reach): PolicyStatement[] {
  const names = (resource: IamAction["resource"], taggedOnly: boolean): string[] => {
    const chosen = actions.filter((each) => each.resource === resource && each.taggedOnly === taggedOnly);
    return [...new Set(chosen.map((each) => each.action))].sort();
  };
  for (const { action, resource, taggedOnly } of actions) {
    const bound = resource === "volumeKey" || (resource === "instance" && taggedOnly) || reads.test(action);
    if (!bound) throw new Error(`${action} could change something and is not bound to the tag ${managedTag.key}`);
    if (resource === "any" && taggedOnly) throw new Error(`${action} has no resource whose tag could be asked`);
  }
  return [
    statement("ReadAnything", names("any", false), ["*"]),
    statement("ReadInstances", names("instance", false), instanceArns(scope, reach)),
    statement("ManagedInstances", names("instance", true), instanceArns(scope, reach), {
      StringEquals: { [`aws:ResourceTag/${managedTag.key}`]: managedTag.value },
    }),
    statement("StartWithEncryptedVolumes", names("volumeKey", false), reach.volumeKeyArns, volumeKeyConditions(scope)),
  ].filter((each) => each !== undefined);
}

function statement(
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  conditions: Record<string, unknown> = {},
): PolicyStatement | undefined {
  if (actions.length === 0 || resources.length === 0) return undefined;
  return new PolicyStatement({ sid, actions: [...actions], resources: [...resources], conditions });
}

function instanceArns(scope: Construct, { serviceRegions }: Reach): string[] {
  const { partition, region, account } = Stack.of(scope);
  const regions = serviceRegions.length === 0 ? [region] : serviceRegions;
  return regions.map((each) => `arn:${partition}:ec2:${each}:${account}:instance/*`);
}

/** Only EC2, on the bot's behalf, only to decrypt volumes: a grant for anything else is refused. */
function volumeKeyConditions(scope: Construct): Record<string, unknown> {
  return {
    Bool: { "kms:GrantIsForAWSResource": "true" },
    StringLike: { "kms:ViaService": `ec2.*.${Stack.of(scope).urlSuffix}` },
    "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt"], "kms:EncryptionContextKeys": ["aws:ebs:id"] },
    // ForAllValues is also true for a request that names none at all.
    Null: { "kms:GrantOperations": "false", "kms:EncryptionContextKeys": "false" },
  };
}
