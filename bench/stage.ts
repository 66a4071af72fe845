/** Everything round the measured programs: a table, a Slack and an AWS on loopback, keys, files. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dynamoClient } from "../src/store/dynamoClient.ts";
import { dynamoStore } from "../src/store/dynamoStore.ts";
import type { SnsSigner } from "../sandbox/aws/sns-signer.ts";
import { makeSigner, medicYaml, region, topicArn } from "./alarms.ts";
import { buildBench, type Built } from "./build.ts";
import { startFakeAws, type FakeAws } from "./fakeAws.ts";
import { startFakeSlack, type FakeSlack } from "./fakeSlack.ts";
import { root, run, type Program } from "./programs.ts";

export interface Stage {
  readonly built: Built;
  readonly slack: FakeSlack;
  readonly aws: FakeAws;
  readonly signer: SnsSigner;
  /** Fewer of everything. */
  readonly quick: boolean;
  readonly dir: string;
  readonly certificatePath: string;
  readonly tableUrl: string;
  readonly log: string;
  close(): Promise<void>;
}

export const signingSecret = "0123456789abcdef0123456789abcdef";
const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "bench" };

export async function setStage(quick: boolean): Promise<Stage> {
  const built = await buildBench();
  const dir = mkdtempSync(join(tmpdir(), "medic-bench-"));
  const [slack, aws] = await Promise.all([startFakeSlack(), startFakeAws()]);
  const signer = makeSigner();
  const certificatePath = join(dir, "certificate.pem");
  writeFileSync(certificatePath, signer.certificatePem);
  const log = join(dir, "log");
  const table = await run("node", [built.table], { ready: /table at (\S+)/, log });
  return {
    ...{ built, slack, aws, signer, quick, dir, certificatePath, log },
    tableUrl: table.ready[1] ?? "",
    close: async () => {
      await table.end();
      slack.close();
      aws.close();
      agent.destroy();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

let tables = 0;

export async function newTable({ tableUrl }: Pick<Stage, "tableUrl">): Promise<string> {
  tables += 1;
  const table = `bench-${tables}`;
  const store = dynamoStore({ client: dynamoClient({ region, endpoint: tableUrl, credentials }), table });
  await store.setUp();
  await store.close();
  return table;
}

let folders = 0;

/** Where the truth lives: a table of its own, or the bot's own store in a new folder. */
export type Where = { readonly table: string } | { readonly dataDir: string };

export function newFolder({ dir }: Pick<Stage, "dir">): Where {
  folders += 1;
  return { dataDir: join(dir, `data-${folders}`) };
}

/** What a container would be given. */
export function environment(stage: Stage, where: Where, services: number): Record<string, string> {
  const config = join(stage.dir, `medic-${services}.yaml`);
  writeFileSync(config, medicYaml(services));
  return {
    NODE_ENV: "production",
    MEDIC_CONFIG: config,
    ...("table" in where ? { MEDIC_TABLE: where.table } : { MEDIC_DATA_DIR: where.dataDir }),
    MEDIC_TOPIC_ARNS: topicArn,
    MEDIC_HTTP_PORT: "0",
    SLACK_BOT_TOKEN: "xoxb-1-bench",
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_API_URL: `${stage.slack.url}/api/`,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL: stage.aws.url,
    AWS_ENDPOINT_URL_DYNAMODB: stage.tableUrl,
  };
}

export interface Running {
  readonly program: Program;
  readonly url: string;
}

/** Node options from BENCH_NODE_OPTIONS go to the bot alone: `--cpu-prof` shows where its time goes. */
const nodeOptions = (process.env["BENCH_NODE_OPTIONS"] ?? "").split(" ").filter((each) => each !== "");

export async function startBot(stage: Stage, services: number, metered = false, where?: Where): Promise<Running> {
  const env = environment(stage, where ?? { table: await newTable(stage) }, services);
  const args = [...nodeOptions, stage.built.bot, stage.certificatePath, ...(metered ? ["metered"] : [])];
  const program = await run("node", args, { env, ready: /ready at (\S+)/, log: stage.log });
  return { program, url: program.ready[1] ?? "" };
}

/** `medic start` itself, from dist. */
export async function startShipped(stage: Stage, where: Where, services: number): Promise<Program> {
  const env = environment(stage, where, services);
  return run("node", [join(root, "bin/ec2-medic.js"), "start"], { env, ready: /ec2-medic is ready/, log: stage.log });
}

export async function startFloor(stage: Stage): Promise<Running> {
  const table = await newTable(stage);
  const { url } = stage.slack;
  const program = await run("node", [stage.built.floor, stage.certificatePath, table, url], {
    env: environment(stage, { table }, 1),
    ready: /ready at (\S+)/,
    log: stage.log,
  });
  return { program, url: program.ready[1] ?? "" };
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
/** SNS gives up after 15 s. */
const answerMsMax = 15_000;

/** POSTs and answers the status; 0 when nothing came. */
export function post(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve) => {
    const all = { "content-type": "text/plain; charset=UTF-8", "content-length": Buffer.byteLength(body), ...headers };
    const sent = request(url, { method: "POST", agent, headers: all, timeout: answerMsMax }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? 0));
    });
    sent.once("timeout", () => sent.destroy());
    sent.once("error", () => resolve(0));
    sent.end(body);
  });
}
