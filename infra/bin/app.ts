/** The CDK app: `npm run synth`, or `npx cdk deploy` in this folder. */
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { MedicStack } from "../lib/medicStack.ts";
import { readSettings } from "../lib/settings.ts";

const app = new App();
const settings = readSettings(app.node);
// No account and no region: whoever deploys says which, by their profile.
new MedicStack(app, settings.name, { settings });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
