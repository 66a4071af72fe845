/**
 * The CDK app: `npm run synth`, or `npx cdk deploy` in this folder. With `-c botRoleArn=…` it is the role of another account
 * instead of the bot.
 */
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { MedicStack } from "../lib/medicStack.ts";
import { readSettings, readSpokeSettings } from "../lib/settings.ts";
import { SpokeStack } from "../lib/spokeStack.ts";

const app = new App();
// No account and no region: whoever deploys says which, by their profile.
if (app.node.tryGetContext("botRoleArn") === undefined) {
  const settings = readSettings(app.node);
  new MedicStack(app, settings.name, { settings });
} else {
  const settings = readSpokeSettings(app.node);
  new SpokeStack(app, `${settings.name}-account`, { settings });
}
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
