/**
 * Sessions in accounts that are entered by a role. Reads share one long session; each run has a short one of its own, whose name
 * is the run, whose source identity is who ordered it (CloudTrail shows both on every call), and whose policy allows what its
 * plan declares and reads, whatever else the role could do.
 */
import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import { MedicError, UnknownFailure } from "../domain/errors.ts";
import type { AccountDefinition } from "../domain/service.ts";
import type { Clock } from "../ports/clock.ts";
import type { OnBehalf } from "../ports/cloud.ts";
import type { Credentials } from "./clients.ts";
import { asked } from "./translate.ts";

export interface RoleSession {
  readonly role: AccountDefinition;
  readonly name: string;
  readonly durationSeconds: number;
  readonly sourceIdentity?: string;
  /** Inline session policy, JSON. */
  readonly policy?: string;
}

/** A role that is taken from another role's session gives an hour at most. */
const readSeconds = 3600;
/** AWS's own least; a run that lasts longer gets the next one. */
const runSeconds = 900;
/** A call that begins before this still ends with valid keys. */
const renewedBeforeMs = 120_000;
/** Of names of sessions and of source identities. */
const nameCharsMax = 64;
/** STS takes no longer inline policy. */
const policyCharsMax = 2048;

/** For everything that nobody ordered: watching, reading, readiness. */
export const readSession = (role: AccountDefinition): RoleSession => ({
  role,
  name: "ec2-medic",
  durationSeconds: readSeconds,
});

/** Throws `session-policy-too-long`. */
export function runSession(role: AccountDefinition, { runId, who, actions }: OnBehalf): RoleSession {
  return {
    role,
    // The end of a run's id is what tells it from the others.
    name: legal(runId).slice(-nameCharsMax),
    durationSeconds: runSeconds,
    sourceIdentity: legal(isSlackUser(who) ? `slack-${who}` : `rule-${who}`).slice(0, nameCharsMax),
    policy: sessionPolicy(actions),
  };
}

const isSlackUser = (who: string): boolean => /^[UW][A-Z0-9]{2,}$/.test(who);

const legal = (text: string): string => text.replace(/[^\w+=,.@-]/g, "-");

/**
 * What evidence, previews and the steps' checks read. By wildcards: a policy has room for 2048 characters, and reads of what
 * the role may read anyway are not what it is narrowed for.
 */
const reads = [
  "autoscaling:Describe*",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:GetMetricData",
  "ec2:Describe*",
  "ec2:GetConsoleOutput",
  "elasticloadbalancing:Describe*",
  "route53:Get*",
  "route53:List*",
] as const;

/** A session may do what both the role and this allow. The same actions in any order are the same text. */
export function sessionPolicy(actions: readonly string[]): string {
  const own = actions.filter((action) => !reads.some((read) => covers(read, action)));
  const Action = [...new Set([...own, ...reads])].sort();
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });
  if (policy.length <= policyCharsMax) return policy;
  throw new MedicError(
    "session-policy-too-long",
    `the ${Action.length} actions of this plan make a session policy of ${policy.length} characters, and STS takes ${policyCharsMax}`,
    { retry: "never", next: "Report this as a fault of the bot; bring the service back by hand." },
  );
}

function covers(read: string, action: string): boolean {
  return read.endsWith("*") ? action.startsWith(read.slice(0, -1)) : read === action;
}

/** Two sessions with the same key are the same session. */
export function sessionKey({ role, name, sourceIdentity, policy }: RoleSession): string {
  return [role.roleArn, role.externalId, name, sourceIdentity, policy].map((part) => part ?? "").join("\n");
}

type Keys = Awaited<ReturnType<Credentials>>;

/**
 * The keys of one session: asked for when first needed, by one call however many wait, again two minutes before they expire.
 * A failed call is not kept.
 */
export function assumedRole(sts: Pick<STSClient, "send">, session: RoleSession, clock: Clock): Credentials {
  let asking: Promise<Keys> | undefined;
  let known: Keys | undefined;
  const ask = async (): Promise<Keys> => {
    try {
      known = await enter(sts, session);
      return known;
    } finally {
      asking = undefined;
    }
  };
  return async () => {
    if (known !== undefined && known.expiration.getTime() - clock.now() > renewedBeforeMs) return known;
    return (asking ??= ask());
  };
}

async function enter(sts: Pick<STSClient, "send">, session: RoleSession): Promise<Keys> {
  const { role, name, durationSeconds, sourceIdentity, policy } = session;
  const what = `AssumeRole ${role.roleArn} as ${name}`;
  const input = {
    RoleArn: role.roleArn,
    RoleSessionName: name,
    DurationSeconds: durationSeconds,
    ...(role.externalId ? { ExternalId: role.externalId } : {}),
    ...(sourceIdentity ? { SourceIdentity: sourceIdentity } : {}),
    ...(policy ? { Policy: policy } : {}),
  };
  const { Credentials: keys } = await asked(what, () => sts.send(new AssumeRoleCommand(input)));
  if (!keys?.AccessKeyId || !keys.SecretAccessKey || !keys.SessionToken || !keys.Expiration)
    throw new UnknownFailure(`${what}, whose answer has no keys,`);
  return {
    accessKeyId: keys.AccessKeyId,
    secretAccessKey: keys.SecretAccessKey,
    sessionToken: keys.SessionToken,
    expiration: keys.Expiration,
  };
}
