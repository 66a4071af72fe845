/**
 * The shipped program with two things given by construction: the certificate of the bench's own SNS (production fetches it over
 * verified TLS, once a day), and, when asked for, a meter of what DynamoDB charges. Everything else is `medic start`'s.
 */
import { readFileSync } from "node:fs";
import { adoptEnvironment, readEnv } from "../src/config/env.ts";
import { loadSettingsToStay } from "../src/config/loadSettingsToStay.ts";
import { start } from "../src/main.ts";
import { consumedMeter } from "../src/store/consumed.ts";

const [certificatePath = "", metered = ""] = process.argv.slice(2);
adoptEnvironment();
const read = readEnv();
if ("problems" in read) throw new Error(JSON.stringify(read.problems));
const loaded = await loadSettingsToStay(read.env.config, (path) => readFileSync(path, "utf8"));
if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems));
const body = readFileSync(certificatePath, "utf8");
const meter = consumedMeter();
const program = await start(read.env, loaded.settings, {
  fetchCertificate: async () => ({ status: 200, body }),
  ...(metered === "metered" ? { onConsumed: meter.onConsumed } : {}),
});
process.on("SIGUSR2", () => process.stdout.write(`units ${JSON.stringify(meter.total())}\n`));
process.once("SIGTERM", () => {
  void program.stop().then(() => process.exit(0));
});
process.stdout.write(`ready at ${program.bot.url ?? ""}\n`);
