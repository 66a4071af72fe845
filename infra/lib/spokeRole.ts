/**
 * The role by which a bot of another account enters this one.
 *
 * One role and not two, because `medic.yaml` names one for each account, and what tells reading from acting is not the role but
 * the session: what the bot reads by itself comes as session `ec2-medic` without a source identity; what somebody or some rule
 * ordered comes with one, and with a session policy that allows that plan's actions alone. So the trust lets in both kinds and
 * nothing else, and every permission that changes something asks for the source identity once more: a session that does not say
 * who is behind it can read and no more, and CloudTrail names a person or a rule on every change.
 */
import { ArnPrincipal, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import { Duration } from "aws-cdk-lib";
import { Construct } from "constructs";
import { AreaPolicies } from "./areaPolicies.ts";
import { sessionSources } from "./recoveryStatements.ts";
import type { SpokeSettings } from "./settings.ts";

/** The name that the bot gives to the session in which it reads. */
export const readSessionName = "ec2-medic";

export class SpokeRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, settings: SpokeSettings) {
    super(scope, id);
    const { roleName, botRoleArn, externalId } = settings;
    const asked = externalId === undefined ? {} : { "sts:ExternalId": externalId };
    const bot = new ArnPrincipal(botRoleArn);
    this.role = new Role(this, "Role", {
      roleName,
      description: "ec2-medic: what the bot of another account may do here",
      // AWS gives no longer session to a role that takes another one.
      maxSessionDuration: Duration.hours(1),
      assumedBy: bot.withConditions({
        StringEquals: { "sts:RoleSessionName": readSessionName, ...asked },
        Null: { "sts:SourceIdentity": "true" },
      }),
    });
    const named = { StringLike: { "sts:SourceIdentity": [...sessionSources] } };
    this.role.assumeRolePolicy?.addStatements(
      new PolicyStatement({
        principals: [bot],
        actions: ["sts:AssumeRole"],
        conditions: externalId === undefined ? named : { ...named, StringEquals: asked },
      }),
      // Apart, because an external id is asked of AssumeRole alone.
      new PolicyStatement({ principals: [bot], actions: ["sts:SetSourceIdentity"], conditions: named }),
    );
    new AreaPolicies(this, "Areas", {
      role: this.role,
      areas: settings.recoveries,
      reach: { ...settings, namedSessions: true },
    });
  }
}
