import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { jsonSchemaText } from "../../src/config/jsonSchema.ts";
import { loadSettings, parseSettings } from "../../src/config/medicYaml.ts";
import { withAccount } from "../../src/config/toSettings.ts";
import { renderProblem } from "../../src/config/problem.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { ServiceName } from "../../src/domain/words.ts";
import { brokenConfigs, goodConfig } from "./brokenConfigs.ts";

const problemsOf = (text: string) => {
  const loaded = parseSettings("medic.yaml", text);
  return "problems" in loaded ? loaded.problems : loaded.warnings;
};

const settingsOf = (text: string) => {
  const loaded = parseSettings("medic.yaml", text);
  if ("problems" in loaded) throw new Error(loaded.problems.map(renderProblem).join("\n"));
  return loaded.settings;
};

const serviceOf = (text: string, name = "shop-web") => {
  const service = settingsOf(text).services.get(name as ServiceName);
  if (service === undefined) throw new Error(`no service ${name}`);
  return service;
};

describe("a right configuration", () => {
  test("has neither errors nor warnings", () => {
    expect(problemsOf(goodConfig)).toEqual([]);
  });

  test("inherits from defaults and fills in what a rung does not say", () => {
    const service = serviceOf(goodConfig);
    expect(service).toMatchObject({
      channel: "C0123456789",
      region: "eu-west-1",
      scope: "/eu-west-1",
      fence: "stop",
      requireOther: false,
      probe: { kind: "http", statusMin: 200, statusMax: 399, timeoutMs: 5000 },
      ladders: {
        os: [{ recovery: "restart", mode: "auto", vetoMs: 300_000, approvals: 1, limitMs: 1_200_000 }],
        down: [{ recovery: "reboot", mode: "approve", approvals: 2, limitMs: 540_000 }],
      },
    });
    expect(service.ladders.overloaded).toBeUndefined();
  });

  test("gives a service without ladders restart in mode observe", () => {
    const { ladders } = serviceOf(goodConfig, "orders-db");
    expect(Object.keys(ladders).sort()).toEqual(["down", "host", "os", "targets"]);
    for (const rungs of Object.values(ladders))
      expect(rungs.map(({ recovery, mode }) => [recovery, mode])).toEqual([["restart", "observe"]]);
  });

  test("gives a group no ladder and warns that its alarms are cards only", () => {
    const text = goodConfig.replace(
      "pattern: instance\n    target: { instance: i-0123456789abcdef0 }",
      "pattern: alb-asg\n    target: { asg: orders }",
    );
    expect(serviceOf(text, "orders-db").ladders).toEqual({});
    expect(problemsOf(text).map(({ severity, field }) => [severity, field])).toEqual([
      ["warning", "services.orders-db.pattern"],
    ]);
  });

  test("leaves every duration that is not written at its default", () => {
    expect(settingsOf(goodConfig).timing).toEqual(defaultTiming);
    expect(settingsOf(goodConfig.replace("vetoRestart: 5m", "remindAfter: [20m, 90m]")).timing.remindAfterMs).toEqual([
      1_200_000, 5_400_000,
    ]);
  });

  test("takes every duration down to one second as long as the relations hold, with a warning for each", () => {
    const names = Object.keys(defaultTiming).map((key) => key.replace(/Ms$/, ""));
    const short = (name: string) => {
      if (name === "remindAfter") return "[1s]";
      if (name === "lease") return "3s";
      if (name === "restartLimit" || name === "window") return "5s";
      if (name === "approvalLapses") return "2s";
      return "1s";
    };
    const lines = names.map((name) => `  ${name}: ${short(name)}`).join("\n");
    const warnings = problemsOf(goodConfig.replace("  vetoRestart: 5m", lines));
    expect(warnings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(new Set(warnings.map(({ field }) => field.replace(/\[\d+\]$/, "")))).toEqual(
      new Set(names.map((name) => `timing.${name}`)),
    );
  });

  test("gives services without an account the one of the bot's credentials, and leaves the others", () => {
    const text = goodConfig.replace(
      "description: The database",
      'description: The database\n    account: "999999999999"',
    );
    const services = withAccount(settingsOf(text), "123456789012").services;
    expect([...services.values()].map(({ scope }) => scope)).toEqual([
      "123456789012/eu-west-1",
      "999999999999/eu-west-1",
    ]);
  });
});

describe("a broken configuration", () => {
  test.each(brokenConfigs)("$what: line, field and fix are named", ({ from, to, line, field, says, fix }) => {
    expect(goodConfig).toContain(from);
    const errors = problemsOf(goodConfig.replace(from, to)).filter(({ severity }) => severity === "error");
    const problem = errors.find((each) => each.field === field);
    expect(problem, errors.map(renderProblem).join("\n")).toBeDefined();
    expect(problem?.line).toBe(line);
    expect(problem?.column).toBeGreaterThan(0);
    expect(problem?.message).toMatch(says);
    expect(problem?.fix).toMatch(fix);
  });

  test("says every problem at once, in the order of the file", () => {
    // The tab and the double key make it no YAML at all; the others live in different places.
    const parts = ["defaults.approvers.users[1]", "timing.probe", "digest.timeZone", "services.shop-web.probe.url"];
    const chosen = brokenConfigs.filter(({ field }) => parts.includes(field));
    const text = chosen.reduce((config, { from, to }) => config.replace(from, to), goodConfig);
    const errors = problemsOf(text).filter(({ severity }) => severity === "error");
    expect(errors.map(({ field }) => field)).toEqual([
      "defaults.approvers.users[1]",
      "digest.timeZone",
      "timing.probe",
      "services.shop-web.probe.url",
    ]);
  });

  test("an empty file, a list and a file that is not there are said in one sentence", () => {
    for (const text of ["", "- a", "just text"]) expect(problemsOf(text)[0]?.message).toMatch(/needed: a mapping/);
    const loaded = loadSettings("nowhere.yaml", () => {
      throw new Error("ENOENT");
    });
    expect(loaded).toMatchObject({ problems: [{ severity: "error", field: "MEDIC_CONFIG" }] });
  });

  test("a file without any service is right, with a warning", () => {
    const text = `${goodConfig.slice(0, goodConfig.indexOf("services:"))}services: {}\n`;
    expect(settingsOf(text).services.size).toBe(0);
    expect(problemsOf(text)).toMatchObject([{ severity: "warning", field: "services", line: 10 }]);
  });

  test("globs that might overlap are a warning, globs that surely do are an error", () => {
    const severityOf = (first: string, second: string) =>
      problemsOf(goodConfig.replace("[shop-web-*]", `["${first}"]`).replace("[orders-db-cpu]", `["${second}"]`)).find(
        ({ field }) => field.includes("alarms"),
      )?.severity;
    expect(severityOf("shop-*", "*-cpu")).toBe("warning");
    expect(severityOf("*", "orders-*")).toBe("error");
    expect(severityOf("shop-*", "shop-web-*")).toBe("error");
    expect(severityOf("shop-*", "orders-*")).toBeUndefined();
  });

  test("services in different accounts may have alarms of one name", () => {
    const text = goodConfig
      .replace("[orders-db-cpu]", "[shop-web-cpu]")
      .replace("description: The database", 'description: The database\n    account: "999999999999"');
    expect(problemsOf(text)).toEqual([]);
  });

  test("a restart that begins with a reboot only warns when there is one kind of evidence", () => {
    const text = goodConfig
      .replace("    probe: { url: https://shop.example.com/healthz }\n", "")
      .replace("      host: [{ recovery: restart, mode: auto }]\n", "");
    expect(problemsOf(text)).toMatchObject([
      {
        severity: "warning",
        field: "services.shop-web.ladders.os[0].mode",
        message: expect.stringMatching(/reboot/) as string,
      },
    ]);
  });

  test("an alarm whose kind nobody can know does not count as a second kind of evidence", () => {
    const bare = goodConfig.replace("    probe: { url: https://shop.example.com/healthz }\n", "");
    const errors = (alarms: string) =>
      problemsOf(bare.replace("[shop-web-*]", alarms)).filter(({ severity }) => severity === "error").length;
    expect(errors("[shop-web-*]")).toBe(1);
    expect(errors("[shop-web-StatusCheckFailed]")).toBe(1);
    expect(errors("[{ name: shop-web-*, symptom: os }]")).toBe(1);
    expect(errors("[{ name: shop-web-*, symptom: targets }]")).toBe(0);
    expect(errors("[shop-web-cpu-high]")).toBe(0);
  });
});

describe("the examples", () => {
  test.each(["examples/medic.yaml", "examples/minimal.yaml"])("%s is right", (path) => {
    const loaded = loadSettings(path, (file) => readFileSync(file, "utf8"));
    expect("settings" in loaded, JSON.stringify(loaded)).toBe(true);
  });

  test("the JSON Schema in examples/ is the one that `medic check --schema` prints", () => {
    expect(readFileSync("examples/medic.schema.json", "utf8")).toBe(jsonSchemaText());
  });

  test("the JSON Schema explains every setting", () => {
    const silent: string[] = [];
    const walk = (node: Record<string, unknown>, path: string) => {
      for (const [key, value] of Object.entries(
        (node["properties"] ?? {}) as Record<string, Record<string, unknown>>,
      )) {
        if (value["description"] === undefined && !/ladders\.\w+$/.test(`${path}.${key}`))
          silent.push(`${path}.${key}`);
        walk(value, `${path}.${key}`);
      }
      if (typeof node["additionalProperties"] === "object")
        walk(node["additionalProperties"] as Record<string, unknown>, `${path}.*`);
    };
    walk(JSON.parse(jsonSchemaText()) as Record<string, unknown>, "");
    expect(silent).toEqual([]);
  });

  test("ten thousand services are read and compared within seconds", () => {
    const services = Array.from(
      { length: 10_000 },
      (_, n) => `  s-${n}: { description: S, pattern: instance, target: { tag: Name=s-${n} }, alarms: [s-${n}-*] }`,
    );
    const head = goodConfig.slice(0, goodConfig.indexOf("services:"));
    const text = `${head}services:\n${services.join("\n")}\n`;
    expect(settingsOf(text).services.size).toBe(10_000);
  }, 30_000);
});
