import { readFileSync } from "node:fs";
import type { AppsManifestValidateArguments } from "@slack/web-api";
import { describe, expect, test } from "vitest";
import { botEvents, botScopes, slackManifest } from "../../src/config/slackManifest.ts";
import type { ManifestOptions } from "../../src/config/slackManifest.ts";

type Manifest = Exclude<AppsManifestValidateArguments["manifest"], string>;

const made = (options: ManifestOptions): Manifest => {
  const answer = slackManifest(options);
  if ("problems" in answer) throw new Error(answer.problems.join("\n"));
  return answer.manifest as Manifest;
};

const problemsOf = (options: ManifestOptions) => {
  const answer = slackManifest(options);
  return "problems" in answer ? answer.problems : [];
};

describe("the Slack app manifest", () => {
  test("in Socket Mode names no address at all", () => {
    const manifest = made({ mode: "socket" });
    expect(manifest.settings?.socket_mode_enabled).toBe(true);
    expect(JSON.stringify(manifest)).not.toContain("url");
  });

  test("in HTTP mode sends commands and clicks to one address of the bot", () => {
    const manifest = made({ mode: "http", url: "https://bot.example.com/" });
    expect(manifest.settings?.socket_mode_enabled).toBe(false);
    expect(manifest.settings?.interactivity?.request_url).toBe("https://bot.example.com/slack/events");
    expect(manifest.features?.slash_commands?.[0]?.url).toBe("https://bot.example.com/slack/events");
  });

  test("asks for the scopes that this version uses and for no others", () => {
    const { scopes } = made({ mode: "socket" }).oauth_config ?? {};
    expect(scopes?.bot).toEqual(botScopes.map(({ scope }) => scope));
    expect(new Set(scopes?.bot).size).toBe(scopes?.bot?.length);
    expect(scopes?.bot).not.toContain("files:write");
  });

  test("subscribes to the events that the bot listens to and to no others", () => {
    const listeners = readFileSync(new URL("../../src/slack/app.ts", import.meta.url), "utf8");
    const named = [...listeners.matchAll(/app\.event\("(\w+)"|for \(const name of \[([^\]]+)\]/g)].flatMap(
      ([, one, list]) =>
        one === undefined ? [...(list ?? "").matchAll(/"(\w+)"/g)].map(([, name]) => name ?? "") : [one],
    );
    expect(named.sort()).toEqual([...botEvents].sort());
  });

  test("keeps Slack's limits and lets Slack escape user names in commands", () => {
    const manifest = made({ mode: "socket", command: "/medic-test", name: "ec2-medic test" });
    expect(manifest.display_information.name.length).toBeLessThanOrEqual(35);
    expect(manifest.display_information.description?.length).toBeLessThanOrEqual(140);
    expect(manifest.features?.bot_user?.display_name).toMatch(/^[a-z0-9._-]{1,80}$/);
    expect(manifest.features?.slash_commands?.[0]).toMatchObject({ command: "/medic-test", should_escape: true });
  });

  test("says every problem at once", () => {
    expect(
      problemsOf({ mode: "http", command: "medic", name: "x".repeat(36), url: "http://bot.example.com" }),
    ).toHaveLength(3);
    expect(problemsOf({ mode: "socket", url: "https://bot.example.com" })).toHaveLength(1);
  });
});
