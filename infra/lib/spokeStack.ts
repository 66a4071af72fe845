/** A stack that holds the role of another account and nothing else: no assets, so that the account needs no bootstrap. */
import { CfnOutput, DefaultStackSynthesizer, Stack } from "aws-cdk-lib";
import type { IStackSynthesizer, StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { SpokeSettings } from "./settings.ts";
import { SpokeRole } from "./spokeRole.ts";

export class SpokeStack extends Stack {
  constructor(scope: Construct, id: string, props: { readonly settings: SpokeSettings } & StackProps) {
    const { settings, ...stackProps } = props;
    super(scope, id, {
      description: "ec2-medic: lets the bot of another account bring services of this one back",
      // The library's own class does not fit its own interface under exactOptionalPropertyTypes.
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
      ...stackProps,
    });
    const { role } = new SpokeRole(this, "SpokeRole", settings);
    new CfnOutput(this, "RoleArn", { value: role.roleArn, description: "For accounts in medic.yaml" });
  }
}
