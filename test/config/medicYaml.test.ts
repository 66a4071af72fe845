import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { jsonSchemaText } from "../../src/config/jsonSchema.ts";
import { withoutEntry } from "../../src/config/checkAccounts.ts";
import { loadSettings, parseSettings } from "../../src/config/medicYaml.ts";
import { withAccount } from "../../src/config/toSettings.ts";
import { renderProblem } from "../../src/config/problem.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import { patterns } from "../../src/domain/words.ts";
import type { ServiceName, Symptom } from "../../src/domain/words.ts";
import { brokenConfigs, goodConfig } from "./brokenConfigs.ts";
import { brokenRecoveries, everyPattern } from "./brokenRecoveries.ts";

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

  test("takes every pattern with all its recoveries, without a word", () => {
    expect(problemsOf(everyPattern)).toEqual([]);
  });

  test("reads what recoveries need: names as Route 53 answers them, the DR region's scope, the tag that DR inherits", () => {
    expect(serviceOf(everyPattern)).toMatchObject({
      reprovision: {
        snapshotTag: { key: "snapshot-of", value: "shop-web" },
        subnets: ["subnet-0aaaaaaaaaaaaaaa1"],
        types: ["m7g.xlarge"],
      },
      dr: {
        region: "eu-central-1",
        scope: "/eu-central-1",
        snapshotTag: { key: "snapshot-of", value: "shop-web" },
      },
      dns: { zoneId: "Z0123456789", name: "shop.example.com.", type: "A" },
      drill: { subnet: "subnet-0ddddddddddddddd1", cleanUpAfterMs: 3_600_000 },
      keeper: { everyMs: 21_600_000, retain: 7, copyToDr: true },
      quarantine: "stop",
      targetGroups: [],
      scaleStep: 1,
      ladders: {
        down: [
          { recovery: "restart", vetoMs: 300_000, limitMs: 1_200_000 },
          { recovery: "reprovision", vetoMs: 900_000, limitMs: 1_800_000, approvals: 1 },
          { recovery: "reprovision-dr", approvals: 2, limitMs: 2_700_000 },
        ],
      },
    });
    expect(serviceOf(everyPattern, "portal")).toMatchObject({
      standby: { kind: "instance", instanceId: "i-0123456789abcdef2" },
      dns: { name: "portal.example.com.", primarySet: "one", standbySet: "two" },
      quarantine: "tell",
    });
    expect(serviceOf(everyPattern, "desk").standby).toEqual({ kind: "tag", key: "Name", value: "desk-b" });
    expect(serviceOf(everyPattern, "orders-db").volume).toEqual({
      tag: { key: "volume", value: "orders-db" },
      device: "/dev/sdf",
      terminatingHook: "ending",
      launchingHook: "starting",
    });
    expect(serviceOf(everyPattern, "shop-api").scaleStep).toBe(2);
    expect(settingsOf(everyPattern).accounts).toEqual(
      new Map([["222233334444", { roleArn: "arn:aws:iam::222233334444:role/ec2-medic", externalId: "medic-7f3a" }]]),
    );
  });

  test("the DR region's scope gets the account of the bot's credentials as well", () => {
    const { services } = withAccount(settingsOf(everyPattern), "123456789012");
    expect(services.get("shop-web" as ServiceName)?.dr?.scope).toBe("123456789012/eu-central-1");
  });

  test("a limit that is not written leaves a group with a volume time for its hooks", () => {
    const text = everyPattern.replace(", limit: 1h", "");
    expect(serviceOf(text, "orders-db").ladders.down?.[0]?.limitMs).toBe((20 + 3 + 30 + 2) * 60_000);
  });

  test.each([
    ["shop-web", { down: ["restart", "reprovision", "reprovision-dr"], overloaded: undefined }],
    ["desk", { down: ["restart", "failover"], targets: ["restart", "failover"], overloaded: ["failover"] }],
    ["portal", { host: ["restart", "failover"], overloaded: ["failover"] }],
    ["worker", { os: ["replace"], overloaded: undefined, targets: undefined }],
    ["orders-db", { down: ["replace"], overloaded: undefined }],
    ["shop-api", { overloaded: ["scale-out"], targets: ["replace"], down: ["replace"], host: undefined }],
  ])("without ladders %s shows what fits its pattern", (name, expected) => {
    const lines = everyPattern.split("\n");
    const kept = lines.filter(
      (line) => !/^ {4,}(ladders|overloaded|targets|down|-)/.test(line) || /targetGroups/.test(line),
    );
    const { ladders } = serviceOf(kept.join("\n"), name);
    for (const [symptom, recoveries] of Object.entries(expected))
      expect(ladders[symptom as Symptom]?.map(({ recovery }) => recovery)).toEqual(recoveries);
    const modes = Object.entries(ladders).flatMap(([symptom, rungs]) => rungs.map(({ mode }) => [symptom, mode]));
    for (const [symptom, mode] of modes)
      expect(mode).toBe(symptom === "overloaded" && name !== "shop-api" ? "approve" : "observe");
  });

  test("nobody may approve: a failover that nobody wrote down only observes", () => {
    const text = everyPattern.replace(
      "    ladders: { host: [{ recovery: failover, mode: approve }] }\n",
      "    approvers: { users: [] }\n",
    );
    expect(serviceOf(text, "desk").ladders.overloaded?.[0]?.mode).toBe("observe");
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
      // What was just made may stay hidden for the lag, so that these waits are longer.
      if (/^(image|launch|attach|snapshot|address)Settle$/.test(name)) return "2s";
      if (/Limit$/.test(name) || name === "window") return "15s";
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
  test.each([
    ...brokenConfigs.map((each) => ({ ...each, good: goodConfig })),
    ...brokenRecoveries.map((each) => ({ ...each, good: everyPattern })),
  ])("$what: line, field and fix are named", ({ good, from, to, line, field, says, fix }) => {
    expect(good).toContain(from);
    const errors = problemsOf(good.replace(from, () => to)).filter(({ severity }) => severity === "error");
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

  test("one account may be the bot's own although others name none: said, not refused", () => {
    const text = goodConfig.replace("description: The database", 'description: D\n    account: "999999999999"');
    expect(problemsOf(text)).toMatchObject([
      {
        severity: "warning",
        field: "services.orders-db.account",
        message: expect.stringMatching(/right only if/) as string,
      },
    ]);
  });

  test("a role of an account where nothing lives, and what a pattern does not read, are warnings", () => {
    const text = everyPattern
      .replace('    account: "222233334444"\n', "    scaleStep: 2\n")
      .replace("cleanUpAfter: 1h }\n    keeper: { every: 6h", "cleanUpAfter: 1h }\n    keeper: { every: 12h")
      .replace(", terminatingHook: ending, launchingHook: starting", "");
    expect(problemsOf(text).map(({ severity, field }) => [severity, field])).toEqual([
      ["warning", "accounts.222233334444"],
      ["warning", "services.shop-web.keeper.every"],
      ["warning", "services.portal.scaleStep"],
      ["warning", "services.orders-db.volume"],
    ]);
  });

  test("re-provision without a place for drills is right, with a note", () => {
    const text = everyPattern.replace(/ {4}drillProfile: .*\n/, "");
    expect(problemsOf(text)).toMatchObject([
      {
        severity: "warning",
        field: "services.shop-web.reprovision",
        message: expect.stringMatching(/drill/) as string,
      },
    ]);
  });

  test("once the bot's own account is known, services that it cannot enter are named", () => {
    const settings = settingsOf(everyPattern.replace(/accounts:\n.*\n/, ""));
    expect(withoutEntry(withAccount(settings, "222233334444"), "222233334444")).toEqual([]);
    expect(withoutEntry(withAccount(settings, "111122223333"), "111122223333")).toEqual([
      { service: "portal", account: "222233334444" },
    ]);
  });

  test("services in different accounts may have alarms of one name", () => {
    const role = "arn:aws:iam::999999999999:role/ec2-medic";
    const text = goodConfig
      .replace("services:", `accounts: { "999999999999": { role: "${role}" } }\nservices:`)
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

/** Every key that a JSON Schema knows, at any depth. */
function keysOf(node: unknown): string[] {
  if (node === null || typeof node !== "object") return [];
  const properties = (node as Record<string, unknown>)["properties"];
  const own = properties !== null && typeof properties === "object" ? Object.keys(properties) : [];
  return [...new Set([...own, ...Object.values(node).flatMap(keysOf)])];
}

describe("the examples", () => {
  test.each(["examples/medic.yaml", "examples/minimal.yaml"])("%s is right", (path) => {
    const loaded = loadSettings(path, (file) => readFileSync(file, "utf8"));
    expect("settings" in loaded, JSON.stringify(loaded)).toBe(true);
  });

  test("examples/medic.yaml shows every pattern and every setting", () => {
    const text = readFileSync("examples/medic.yaml", "utf8");
    for (const pattern of patterns) expect(text).toMatch(new RegExp(`^ {4}pattern: ${pattern}$`, "m"));
    // A ladder for warnings is what nobody should copy.
    const missing = keysOf(JSON.parse(jsonSchemaText()) as Record<string, unknown>).filter(
      (key) => key !== "warning" && !(`${key}Ms` in defaultTiming) && !new RegExp(`[\\s{]${key}:`).test(text),
    );
    expect(missing).toEqual([]);
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
