// Registered with --import: every import of Slack's, AWS's or the store's packages fails, so that a command which needs none
// of them proves it by working.
import { register } from "node:module";

const hooks = `
export async function resolve(specifier, context, next) {
  if (specifier !== ${JSON.stringify(process.env.TEST_MAY_LOAD ?? "")} && /^(@slack\\/|@aws-sdk\\/|@smithy\\/|dynamoose|libsql|pino|prom-client|undici|ws$)/.test(specifier))
    throw new Error("refused to load " + specifier);
  return next(specifier, context);
}`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
