/** Every variable that the program reads: `.env.example` is made from the same words, and a test keeps the two together. */

export interface EnvVariable {
  readonly meaning: string;
  /** What it is when nothing is set; absent: nothing. */
  readonly usual?: string;
  readonly example: string;
  readonly pattern?: RegExp;
  /** Completes "needed: …"; together with `pattern`. */
  readonly needed?: string;
  /** Never shown in a message. */
  readonly secret?: boolean;
}

const url = /^https?:\/\/[^\s/]+/;
const arn = "arn:aws:sns:eu-west-1:123456789012:alarms";

const described = {
  MEDIC_CONFIG: { meaning: "The file that names the services.", usual: "./medic.yaml", example: "./medic.yaml" },
  MEDIC_TABLE: {
    meaning:
      "DynamoDB table (`medic setup` creates it). Without it one process keeps its data in SQLite under MEDIC_DATA_DIR.",
    example: "ec2-medic",
    pattern: /^[\w.-]{3,255}$/,
    needed: "the name of a DynamoDB table",
  },
  MEDIC_DATA_DIR: {
    meaning:
      "Folder of that store, on a local disk; one process at a time. `medic store backup` copies it while the bot runs.",
    usual: "./data",
    example: "./data",
  },
  MEDIC_QUEUE_URL: {
    meaning: "SQS queue that the alarm topic feeds. The way to run several workers.",
    example: "https://sqs.eu-west-1.amazonaws.com/123456789012/ec2-medic",
    pattern: url,
    needed: "the URL of an SQS queue",
  },
  MEDIC_TOPIC_ARNS: {
    meaning: "SNS topics whose messages POST /sns accepts, separated by commas. Without it that door is closed.",
    example: arn,
    pattern:
      /^\s*arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+(\.fifo)?\s*(,\s*arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+(\.fifo)?\s*)*,?$/,
    needed: "ARNs of SNS topics, separated by commas",
  },
  MEDIC_HTTP_HOST: {
    meaning: "Where the bot's own server listens: /sns, /healthz, /readyz, /metrics, and Slack in HTTP mode.",
    usual: "127.0.0.1",
    example: "0.0.0.0",
  },
  MEDIC_HTTP_PORT: {
    meaning: "Its port; 0 takes a free one and logs it.",
    usual: "8080",
    example: "8080",
    pattern: /^\d{1,5}$/,
    needed: "a port from 0 to 65535",
  },
  MEDIC_TLS_CERT: {
    meaning: "Certificate file (PEM) to speak TLS itself; together with MEDIC_TLS_KEY. Behind a proxy: leave both out.",
    example: "./tls/cert.pem",
  },
  MEDIC_TLS_KEY: { meaning: "Its private key file (PEM).", example: "./tls/key.pem" },
  MEDIC_AUTOPILOT: {
    meaning: "off: this worker starts nothing by itself, whatever the fleet's switches say.",
    usual: "on",
    example: "off",
    pattern: /^(on|off)$/,
    needed: "on or off",
  },
  MEDIC_LOG_LEVEL: {
    meaning: "debug, info, warn or error. JSON lines on stdout, tokens redacted.",
    usual: "info",
    example: "info",
    pattern: /^(debug|info|warn|error)$/,
    needed: "debug, info, warn or error",
  },
  SLACK_BOT_TOKEN: {
    meaning: "Bot token, from OAuth & Permissions of the Slack app.",
    example: "xoxb-…",
    pattern: /^xox[a-z]-\S+$/,
    needed: "a bot token, which begins with xoxb-",
    secret: true,
  },
  SLACK_APP_TOKEN: {
    meaning: "App-level token with connections:write. Set: Socket Mode, no inbound port.",
    example: "xapp-…",
    pattern: /^xapp-\S+$/,
    needed: "an app-level token, which begins with xapp-",
    secret: true,
  },
  SLACK_SIGNING_SECRET: {
    meaning: "Signing secret. Set without SLACK_APP_TOKEN: HTTP mode, Slack calls /slack/events on the bot's server.",
    example: "0123456789abcdef0123456789abcdef",
    pattern: /^\S+$/,
    needed: "the signing secret of the Slack app",
    secret: true,
  },
  SLACK_API_URL: {
    meaning: "Another Slack Web API than Slack's own (the sandbox, a proxy).",
    usual: "https://slack.com/api/",
    example: "http://127.0.0.1:4000/api/",
    pattern: url,
    needed: "an http:// or https:// URL",
  },
  AWS_REGION: {
    meaning:
      "Region of table, queue and topics; services name their own. The SDK reads this and its credentials by itself.",
    example: "eu-west-1",
    pattern: /^[a-z0-9-]+$/,
    needed: "a region",
  },
  AWS_ENDPOINT_URL: {
    meaning:
      "Another endpoint for all of AWS; AWS_ENDPOINT_URL_<SERVICE> (DYNAMODB, EC2, SQS, …) for one. Read by the SDK itself.",
    example: "http://127.0.0.1:4566",
    pattern: url,
    needed: "an http:// or https:// URL",
  },
} satisfies Readonly<Record<string, EnvVariable>>;

export type EnvName = keyof typeof described;

export const envVariables: Readonly<Record<EnvName, EnvVariable>> = described;
