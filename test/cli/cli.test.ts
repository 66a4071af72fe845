import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { brokenConfigs, goodConfig } from "../config/brokenConfigs.ts";
import { fromRoot, runMedic } from "./runMedic.ts";

const directory = mkdtempSync(join(tmpdir(), "medic-cli-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

const good = write("good.yaml", goodConfig);
const alarm = fromRoot("test/corpus/cw-alarm-ec2-statuscheck-system-with-recover-action.json");
const tokens = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" };

describe.concurrent("medic", () => {
  test("without a command shows help with examples and exit codes, and is no failure", async () => {
    const ran = await runMedic([], { light: true });
    expect(ran).toMatchObject({ code: 0, err: "" });
    for (const word of ["check", "explain", "manifest", "setup", "npm run sandbox", "Exit codes"])
      expect(ran.out).toContain(word);
  });

  test("suggests the command that was meant", async () => {
    const ran = await runMedic(["chek"], { light: true });
    expect(ran).toMatchObject({ code: 1, out: "" });
    expect(ran.err).toContain("Did you mean check?");
  });

  test("prints the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(fromRoot("package.json"), "utf8")) as { version: string };
    for (const fromSource of [false, true])
      expect((await runMedic(["--version"], { light: true, fromSource })).out.trim()).toBe(version);
  });
});

describe.concurrent("medic check", () => {
  test("is content with a right environment and a right file, without Slack's and AWS's packages", async () => {
    const ran = await runMedic(["check"], { env: { ...tokens, MEDIC_CONFIG: good }, light: true });
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ran.out).toContain("is right, 2 services. 0 errors, 0 warnings.");
  });

  test("says the problems of environment and file together and exits with 2", async () => {
    const broken = brokenConfigs.find(({ field }) => field === "services.shop-web.probe.url");
    const file = write("broken.yaml", goodConfig.replace(broken?.from ?? "", broken?.to ?? ""));
    const ran = await runMedic(["check"], { env: { MEDIC_CONFIG: file, MEDIC_HTTP_PORT: "http" }, light: true });
    expect(ran.code).toBe(2);
    expect(ran.out).toContain("environment  SLACK_BOT_TOKEN");
    expect(ran.out).toContain("environment  MEDIC_HTTP_PORT");
    expect(ran.out).toMatch(/broken\.yaml:15:\d+ {2}services\.shop-web\.probe\.url\n {2}error: .*\n {2}fix: /);
  });

  test("with a file named, missing tokens are warnings and wrong ones stay errors", async () => {
    expect(await runMedic(["check", good], { light: true })).toMatchObject({ code: 0 });
    expect(await runMedic(["check", "--config", good], { env: { SLACK_BOT_TOKEN: "abc" }, light: true })).toMatchObject(
      {
        code: 2,
      },
    );
  });

  test("reads .env of the folder it is started in", async () => {
    const folder = mkdtempSync(join(directory, "env-"));
    writeFileSync(join(folder, ".env"), `SLACK_BOT_TOKEN=xoxb-1\nSLACK_SIGNING_SECRET=s\nMEDIC_CONFIG=${good}\n`);
    expect(await runMedic(["check"], { cwd: folder, light: true })).toMatchObject({ code: 0 });
  });

  test("prints problems as JSON for other programs", async () => {
    const ran = await runMedic(["check", "nowhere.yaml", "--json"], { light: true });
    expect(ran.code).toBe(2);
    const problems = JSON.parse(ran.out) as { field: string; fix: string }[];
    expect(problems.map(({ field }) => field)).toContain("MEDIC_CONFIG");
  });

  test("prints the schema that stands in examples/", async () => {
    const ran = await runMedic(["check", "--schema"], { light: true });
    expect(ran.out).toBe(readFileSync(fromRoot("examples/medic.schema.json"), "utf8"));
  });
});

describe.concurrent("medic explain", () => {
  test("explains a file to people and to programs without Slack's and AWS's packages", async () => {
    const people = await runMedic(["explain", alarm], { light: true });
    expect(people).toMatchObject({ code: 0, err: "" });
    expect(people.out).toContain("symptom host");
    const json = await runMedic(["explain", alarm, "--json"], { light: true });
    expect(JSON.parse(json.out)).toMatchObject({ cls: "alarm", incident: true, symptom: "host" });
  });

  test("reads standard input, and prints several messages one per line", async () => {
    const stdin = readFileSync(fromRoot("test/corpus/sns-sqs-lambda-event.json"), "utf8");
    const event = JSON.parse(stdin) as { Records: unknown[] };
    const two = JSON.stringify({ Records: [...event.Records, ...event.Records] });
    const ran = await runMedic(["explain", "-", "--json"], { stdin: two, light: true });
    const lines = ran.out.trim().split("\n");
    expect(lines).toHaveLength(event.Records.length * 2);
    expect(lines.map((line) => (JSON.parse(line) as { cls: string }).cls)).not.toContain(undefined);
  });

  test("exits with 0 for what it does not know, 1 for an unreadable file, 2 for a wrong configuration", async () => {
    expect(await runMedic(["explain", "-"], { stdin: "what is this", light: true })).toMatchObject({ code: 0 });
    const missing = await runMedic(["explain", "nowhere.json"], { light: true });
    expect(missing).toMatchObject({ code: 1, out: "" });
    expect(missing.err).toContain("nowhere.json cannot be read");
    const wrong = await runMedic(["explain", alarm, "--config", "nowhere.yaml"], { light: true });
    expect(wrong).toMatchObject({ code: 2, out: "" });
  });

  test("with a configuration says service, symptom and proposal, or why there is none", async () => {
    const { alarmName, region } = JSON.parse((await runMedic(["explain", alarm, "--json"], { light: true })).out) as {
      alarmName: string;
      region: string;
    };
    const mine = goodConfig
      .replace("region: eu-west-1", `region: ${region}`)
      .replace("[shop-web-*]", `[${JSON.stringify(alarmName)}]`);
    const ran = await runMedic(["explain", alarm, "--json", "--config", write("mine.yaml", mine)], { light: true });
    expect(JSON.parse(ran.out)).toMatchObject({
      service: "shop-web",
      symptom: "host",
      proposal: "restart (auto: 5m to object)",
    });
    const other = await runMedic(["explain", alarm, "--json", "--config", good], { light: true });
    expect(JSON.parse(other.out)).toMatchObject({
      service: null,
      why: expect.stringContaining("no service") as string,
    });
  });
});

describe.concurrent("medic setup", () => {
  test("prepares the embedded store without Slack, twice without complaint", async () => {
    const env = { MEDIC_DATA_DIR: join(directory, "data") };
    for (let times = 0; times < 2; times += 1) {
      const ran = await runMedic(["setup"], { env });
      expect(ran).toMatchObject({ code: 0 });
      expect(ran.out).toMatch(/^ready: embedded store/);
    }
  });

  test("asks for the region of a table", async () => {
    const ran = await runMedic(["setup"], { env: { MEDIC_TABLE: "cases" } });
    expect(ran.code).toBe(2);
    expect(ran.err).toContain("AWS_REGION");
  });

  test("of a table needs the packages that the other commands do without", async () => {
    const env = { MEDIC_TABLE: "cases", AWS_REGION: "eu-west-1" };
    const ran = await runMedic(["setup"], { env, light: true });
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.err).toContain("refused to load");
  });
});
