import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { readEnv, variablesOf } from "../../src/config/env.ts";
import { envVariables } from "../../src/config/envVariables.ts";
import { renderProblem } from "../../src/config/problem.ts";

const enough = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" };

const envOf = (variables: Record<string, string>) => {
  const read = readEnv(variables);
  if ("problems" in read) throw new Error(read.problems.map(renderProblem).join("\n"));
  return read.env;
};

const fieldsOf = (variables: Record<string, string>) => {
  const read = readEnv(variables);
  return "problems" in read ? read.problems.map(({ field }) => field) : [];
};

describe("the environment", () => {
  test("has a default for everything but Slack", () => {
    expect(envOf(enough)).toEqual({
      config: "./medic.yaml",
      dataDir: "./data",
      topicArns: [],
      http: { host: "127.0.0.1", port: 8080 },
      autopilot: "on",
      logLevel: "info",
      slack: { mode: "socket", botToken: "xoxb-1", appToken: "xapp-1" },
    });
  });

  test("means Socket Mode with an app token and HTTP with a signing secret alone", () => {
    expect(envOf({ ...enough, SLACK_SIGNING_SECRET: "s3cret" }).slack.mode).toBe("socket");
    expect(envOf({ SLACK_BOT_TOKEN: "xoxb-1", SLACK_SIGNING_SECRET: "s3cret" }).slack).toEqual({
      mode: "http",
      botToken: "xoxb-1",
      signingSecret: "s3cret",
    });
  });

  test("says every problem at once and never shows a token", () => {
    const read = readEnv({
      SLACK_BOT_TOKEN: "secret-value",
      MEDIC_HTTP_PORT: "70000",
      MEDIC_TLS_CERT: "cert.pem",
      MEDIC_QUEUE_URL: "sqs",
      MEDIC_TABLE: "cases",
      MEDIC_TOPIC_ARNS: "alarms",
      MEDIC_AUTOPILOT: "maybe",
      MEDIC_LOG_LEVEL: "loud",
    });
    const problems = "problems" in read ? read.problems : [];
    expect(problems.map(({ field }) => field).sort()).toEqual([
      "AWS_REGION",
      "MEDIC_AUTOPILOT",
      "MEDIC_HTTP_PORT",
      "MEDIC_LOG_LEVEL",
      "MEDIC_QUEUE_URL",
      "MEDIC_TLS_KEY",
      "MEDIC_TOPIC_ARNS",
      "SLACK_APP_TOKEN",
      "SLACK_BOT_TOKEN",
    ]);
    expect(problems.map(renderProblem).join("\n")).not.toContain("secret-value");
  });

  test("takes port 0, several topics and an empty value as none", () => {
    const env = envOf({
      ...enough,
      MEDIC_HTTP_PORT: "0",
      MEDIC_TABLE: "",
      MEDIC_TOPIC_ARNS: "arn:aws:sns:eu-west-1:123456789012:a, arn:aws:sns:eu-west-1:123456789012:b",
    });
    expect(env.http.port).toBe(0);
    expect(env.table).toBeUndefined();
    expect(env.topicArns).toHaveLength(2);
  });

  test("warns about a name that nobody reads", () => {
    const read = readEnv({ ...enough, MEDIC_TABEL: "x" });
    expect("warnings" in read && read.warnings).toMatchObject([
      { field: "MEDIC_TABEL", fix: "Did you mean MEDIC_TABLE?" },
    ]);
    expect(fieldsOf({ ...enough, MEDIC_HTTP_PORT: "http" })).toEqual(["MEDIC_HTTP_PORT"]);
  });

  describe("with a .env file", () => {
    const directory = mkdtempSync(join(tmpdir(), "medic-env-"));
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    test("what is set outright wins over the file", () => {
      writeFileSync(join(directory, ".env"), "MEDIC_TABLE=from-file\nMEDIC_DATA_DIR=from-file # a comment\n");
      expect(variablesOf(directory, { MEDIC_TABLE: "outright" })).toEqual({
        MEDIC_TABLE: "outright",
        MEDIC_DATA_DIR: "from-file",
      });
    });
  });
});

describe(".env.example", () => {
  const text = readFileSync(".env.example", "utf8");
  const named = [...text.matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)];

  test("names exactly the variables that are read", () => {
    expect(named.map(([, name]) => name)).toEqual(Object.keys(envVariables));
  });

  test("shows each variable's meaning, default and example", () => {
    const flat = text.replace(/\n# /g, " ").replace(/^# /gm, "");
    for (const { meaning, usual, example } of Object.values(envVariables))
      for (const part of [meaning, `Default: ${usual ?? "none"}. Example: ${example}`]) expect(flat).toContain(part);
  });
});
