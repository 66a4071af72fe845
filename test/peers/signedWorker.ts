/**
 * The bot as shipped but for one thing: the certificate of SNS comes from the environment of this test program instead of SNS's own
 * host, so that messages which a test has signed pass the unchanged verifier.
 */
import { readEnv } from "../../src/config/env.ts";
import { loadSettings } from "../../src/config/medicYaml.ts";
import { readFileSync } from "node:fs";
import { start } from "../../src/main.ts";

const read = readEnv(process.env);
if ("problems" in read) throw new Error(JSON.stringify(read.problems));
const loaded = loadSettings(read.env.config, (path) => readFileSync(path, "utf8"));
if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems));
const body = process.env["TEST_SNS_CERTIFICATE"] ?? "";
const program = await start(read.env, loaded.settings, { fetchCertificate: async () => ({ status: 200, body }) });
console.log(`Doors: ${program.bot.url}/sns`);
process.once("SIGTERM", () => void program.stop().then(() => process.exit(0)));
