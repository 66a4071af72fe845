/** The parameter that stops everything automatic, for every worker, without Slack and without a deployment. */
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";

export class KillSwitch extends Construct {
  readonly parameter: StringParameter;

  constructor(scope: Construct, id: string, name: string) {
    super(scope, id);
    this.parameter = new StringParameter(this, "Parameter", {
      parameterName: `/${name}/autopilot`,
      // CloudFormation writes this once; a person's later "off" stays until a person changes it.
      stringValue: "on",
      allowedPattern: "^(on|off)$",
      description: "off: nothing runs by itself; what people order still runs. Read before each automatic run and act.",
    });
  }
}
