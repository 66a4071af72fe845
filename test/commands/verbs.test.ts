import { describe, expect, it } from "vitest";
import { runLine, verbs, type CommandContext } from "../../commands/index.ts";
import { durationMs } from "../../commands/duration.ts";
import { nearest } from "../../src/domain/nearest.ts";
import { cardOf } from "../../src/domain/card.ts";
import type { CaseEvent } from "../../src/domain/event.ts";
import { plain } from "../../src/domain/text.ts";
import { reason, sentence } from "../../src/domain/reasons.ts";
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Preview } from "../../src/domain/preview.ts";
import type { ServiceReadiness } from "../../src/domain/readiness.ts";
import type { SnapshotsReport } from "../../src/domain/snapshots.ts";
import { recoveries, type Recovery, type Scope } from "../../src/domain/words.ts";
import { validateBlocks } from "../../sandbox/slack/validate-blocks.ts";
import { blockLimits } from "../../src/slack/blocks/limits.ts";
import { mrkdwn } from "../../src/slack/blocks/mrkdwn.ts";
import { cardBlocks } from "../../src/slack/blocks/card.ts";
import { oneCase, plainPreview } from "../slack/office.ts";
import { minute, mira, now, service, settings, shopWeb, states } from "../card/cases.ts";

const auto = (() => {
  const found = states["auto, clock running"];
  if (found === undefined) throw new Error("no such state");
  return found.current;
})();

const readiness: ServiceReadiness = {
  service: shopWeb,
  readAt: now - 10 * minute,
  light: "red",
  lines: [
    { about: "restart", light: "green", reason: "could run now" },
    { about: "reprovision", light: "red", reason: "no completed snapshot", remedy: "Make one with tag medic=shop-web" },
  ],
};

const snapshotsReport: SnapshotsReport = {
  service: shopWeb,
  readAt: now,
  rpoMaxMs: 60 * minute,
  regions: [
    {
      region: "eu-west-1",
      role: "home",
      tag: "medic=shop-web",
      rows: [
        { id: "snap-3", kind: "snapshot", at: now - 2 * minute, state: "pending", sizeGiB: 8, progress: 42 },
        { id: "snap-2", kind: "snapshot", at: now - 47 * minute, state: "completed", sizeGiB: 8, progress: 100 },
      ],
    },
    {
      region: "eu-central-1",
      role: "dr",
      tag: "medic=shop-web",
      rows: [{ id: "snap-9", kind: "snapshot", at: now - 300 * minute, state: "completed", sizeGiB: 8, progress: 100 }],
    },
  ],
};

interface Desk {
  readonly ctx: CommandContext;
  readonly events: CaseEvent[];
  readonly current: () => ServiceCase;
}

interface DeskOptions {
  readonly first?: ServiceCase | undefined;
  readonly allowed?: boolean;
  readonly choices?: readonly Recovery[];
  readonly preview?: (recovery: Recovery) => Preview;
}

function desk(options: DeskOptions = {}): Desk {
  const first = "first" in options ? options.first : auto;
  const events: CaseEvent[] = [];
  const one = oneCase(first ?? auto, () => now, events);
  const allowed = options.allowed ?? true;
  let state: "on" | "off" = "on";
  const load = async (name: string) => (first !== undefined && name === shopWeb ? one.current() : undefined);
  const ctx: CommandContext = {
    person: mira,
    channel: "C0OPSALERTS",
    now,
    settings,
    cases: {
      load,
      async *all() {
        if (first !== undefined) yield one.current();
      },
    },
    handle: one.handle,
    asker: async () => ({
      ...mira,
      allowed,
      ...(allowed ? {} : { refusal: "you are not among this service's approvers" }),
    }),
    card: async (current) => cardOf({ current, service, now }),
    entries: async () => [
      {
        n: 1,
        at: now,
        incident: auto.incident?.id ?? ("x" as never),
        reason: reason("incident-opened", { symptom: "host" }),
      },
    ],
    unmatched: async () => [{ what: "billing-cpu", count: 3, why: "no service names it", lastAt: now }],
    autopilot: {
      read: async () => ({ state, readAt: now }),
      set: async (next) => {
        state = next;
        return { state, readAt: now };
      },
    },
    storms: {
      active: () => [{ scope: "123456789012/eu-west-1" as Scope, why: "9 incidents in 10 min" }],
      giveWord: async () => ["123456789012/eu-west-1" as Scope],
    },
    choices: () => options.choices ?? [...recoveries],
    preview: async (_service, recovery) => (options.preview ?? ((each) => plainPreview(each, now)))(recovery),
    readiness: {
      read: async () => [readiness],
      refresh: async () => ({ ...readiness, readAt: now }),
    },
    snapshots: async (name) => (name === shopWeb ? snapshotsReport : undefined),
    digest: async (channel) => ({
      key: `digest/${channel}`,
      version: 1,
      tone: "quiet",
      title: "Digest",
      summary: [],
      facts: [],
      notes: [],
      buttons: [],
      menu: [],
    }),
  };
  return { ctx, events, current: one.current };
}

async function said(ctx: CommandContext, line: string): Promise<string> {
  const { answer } = await runLine(ctx, line);
  if (!("title" in answer)) return plain(answer);
  const table = answer.table?.rows.map((row) => row.join(" | ")).join("\n") ?? "";
  return [
    answer.title,
    plain(answer.summary),
    ...answer.facts.map(({ label, value }) => `${label}: ${plain(value)}`),
    ...answer.notes.map((note) => `> ${plain(note)}`),
    table,
  ].join("\n");
}

describe("the list of verbs", () => {
  it("has every verb that people may say, each with usage, summary, who may and what it orders", () => {
    expect(verbs.map(({ name }) => name)).toEqual([
      "status",
      "incident",
      "approve",
      "no",
      "hold",
      "resume",
      "ack",
      "restart",
      "failover",
      "fail-back",
      "scale-out",
      "scale-in",
      "raise-max",
      "replace",
      "refresh",
      "reprovision",
      "drill",
      "prune",
      "stop",
      "close",
      "ready",
      "snapshots",
      "autopilot",
      "digest",
      "help",
    ]);
    for (const verb of verbs) {
      expect(verb.usage.startsWith(verb.name)).toBe(true);
      for (const text of [verb.summary, verb.who, verb.orders]) expect(text.length).toBeGreaterThan(3);
    }
  });
});

describe("what is typed", () => {
  it("alone is status", async () => {
    expect(await said(desk().ctx, "")).toBe(await said(desk().ctx, "status"));
  });
  it.each([
    ["aprove shop-web", "There is no verb aprove. Did you mean /medic approve?"],
    ["approve shop-wbe", "There is no service shop-wbe. Did you mean /medic approve shop-web?"],
    ["frobnicate", "There is no verb frobnicate. /medic help lists them."],
    ["autopilot of", "of is neither on, off nor status. Did you mean /medic autopilot off?"],
    ["close shop-web", "Say why: /medic close shop-web REASON."],
    ["hold shop-web 5x", "5x is no length of time; say 30m, 4h or 08:00."],
    ["hold shop-web 90h", "A hold ends after 24 h at the latest; say less, and hold again then."],
  ])("wrongly is answered with what was meant: %s", async (line, answer) => {
    const { ctx, events } = desk();
    expect(await said(ctx, line)).toBe(answer);
    expect(events).toEqual([]);
  });
  it("without a service lists the open ones, ready to be copied", async () => {
    expect(await said(desk().ctx, "ack")).toBe("Say which service: /medic ack SERVICE. Open now:\n/medic ack shop-web");
  });
  it("as a service's name alone is its status", async () => {
    expect(await said(desk().ctx, "shop-web")).toMatch(/^shop-web fails its system status check/);
  });
});

describe("verbs that decide", () => {
  it.each([
    ["approve shop-web", { kind: "approve", proposal: 3 }, /approved by Mira Okafor/],
    ["no shop-web in the sale", { kind: "no", proposal: 3, why: "in the sale" }, /said no: in the sale/],
    ["hold shop-web", { kind: "hold" }, /held by Mira Okafor until 14:55 UTC/],
    ["hold shop-web 2h deploy", { kind: "hold", forMs: 120 * minute, why: "deploy" }, /until 16:25 UTC: deploy/],
    ["hold shop-web 08:00", { kind: "hold", forMs: Date.UTC(2026, 10, 22, 8) - now }, /until 08:00 UTC/],
    ["ack shop-web", { kind: "ack" }, /Mira Okafor has it/],
    [
      "restart shop-web looks stuck",
      { kind: "order", recovery: "restart", why: "looks stuck" },
      /ordered restart: looks stuck/,
    ],
    ["stop shop-web", { kind: "stop" }, /nothing to do: no run is going on/],
    ["resume shop-web", { kind: "resume" }, /nothing is held/],
    [
      "close shop-web replaced by hand",
      { kind: "close", why: "replaced by hand" },
      /closed by Mira Okafor: replaced by hand/,
    ],
  ] as const)("hand in their event and say what came of it: %s", async (line, event, answer) => {
    const { ctx, events } = desk();
    expect(await said(ctx, line)).toMatch(answer);
    expect(events).toMatchObject([event]);
  });

  it("are refused for somebody who may not, by the core itself", async () => {
    const { ctx, current } = desk({ allowed: false });
    for (const line of [
      "approve shop-web",
      "hold shop-web",
      "restart shop-web",
      "close shop-web x",
      "ack shop-web",
      "no shop-web",
    ]) {
      expect(await said(ctx, line)).toMatch(/not allowed: you are not among/);
    }
    expect(current()).toBe(auto);
    expect(await said(ctx, "autopilot off")).toMatch(/Not allowed/);
  });

  it("approve an older proposal number only if that is still the one", async () => {
    const { ctx, current } = desk();
    expect(await said(ctx, "approve shop-web #2")).toContain(sentence(reason("stale-press")));
    expect(current()).toBe(auto);
  });
});

describe("verbs that order a recovery", () => {
  const moves = (recovery: Recovery): Preview => ({
    ...plainPreview(recovery, now),
    headline: "198.51.100.10 moves from i-0aaa (eu-west-1a) to i-0bbb (eu-west-1b)",
    downtime: "1 to 3 min",
    address: "kept: 198.51.100.10",
    mind: ["connections in flight break"],
  });

  it("said alone show what they would do and what to type, and order nothing", async () => {
    const { ctx, events } = desk({ preview: moves });
    const text = await said(ctx, "failover shop-web");
    expect(text).toMatch(/^shop-web: failover\nNothing was ordered\. This is what it would do\./);
    expect(text).toMatch(/What it does: 198\.51\.100\.10 moves from i-0aaa \(eu-west-1a\) to i-0bbb \(eu-west-1b\)/);
    expect(text).toMatch(/Expected downtime: 1 to 3 min.*Mind: connections in flight break.*1\. See that the standby/s);
    expect(text).toMatch(/> To go: \/medic failover shop-web go and a reason/);
    expect(text).toMatch(
      /> Force: go on without a fence: \/medic failover shop-web force\. The old machine may still run/,
    );
    expect(events).toEqual([]);
  });

  it.each([
    ["failover shop-web go zone is dark", { recovery: "failover", why: "zone is dark" }],
    ["failover shop-web force go", { recovery: "failover", options: ["force"], why: "" }],
    ["reprovision shop-web dr older-snapshot go", { recovery: "reprovision-dr", options: ["older-snapshot"] }],
    ["raise-max shop-web 5 go sale", { recovery: "raise-max", amount: 5, why: "sale" }],
    ["fail-back shop-web GO", { recovery: "fail-back" }],
  ] as const)("go with `go`, with the consents before it: %s", async (line, order) => {
    const { ctx, events } = desk();
    expect(await said(ctx, line)).toMatch(/ordered|approved/i);
    expect(events).toMatchObject([{ kind: "order", ...order }]);
  });

  it("take what stands behind `go` for the reason, never for a consent", async () => {
    const { ctx, events } = desk();
    await said(ctx, "failover shop-web go force it");
    expect(events).toMatchObject([{ kind: "order", recovery: "failover", why: "force it" }]);
    expect(events[0]).not.toHaveProperty("options");
  });

  it("without `go` order nothing, however much else is said", async () => {
    const { ctx, events } = desk();
    expect(await said(ctx, "reprovision shop-web because it is dead")).toMatch(/Nothing was ordered/);
    expect(events).toEqual([]);
  });

  it.each([
    ["failover shop-web go", "shop-web is built as instance, which knows no failover. It has: restart."],
    [
      "reprovision shop-web dr",
      "shop-web is built as instance, which knows no re-provision in the DR region. It has: restart.",
    ],
  ])("that the pattern does not know are answered with what there is: %s", async (line, answer) => {
    const { ctx, events } = desk({ choices: ["restart"] });
    expect(await said(ctx, line)).toBe(answer);
    expect(events).toEqual([]);
  });

  it("ask for the number that they need, and refuse a consent that is not theirs", async () => {
    const { ctx, events } = desk();
    expect(await said(ctx, "raise-max shop-web go")).toBe("Say the new maximum: `/medic raise-max shop-web 5 go`.");
    expect(await said(ctx, "reprovision shop-web dr force go")).toBe(
      "re-provision in the DR region does not know force.",
    );
    expect(events).toEqual([]);
  });

  it("say why they could not run now, and offer no `go`", async () => {
    const refused = { code: "no-snapshot", why: "the newest snapshot is 3 d old", remedy: "Take a snapshot first." };
    const { ctx } = desk({ preview: (recovery) => ({ ...plainPreview(recovery, now), refused }) });
    const text = await said(ctx, "reprovision shop-web");
    expect(text).toMatch(/^shop-web: re-provision cannot run now/);
    expect(text).toMatch(/Cannot run now: the newest snapshot is 3 d old\. Take a snapshot first\./);
    expect(text).not.toMatch(/To go/);
    expect(text).toMatch(/\/medic reprovision shop-web older-snapshot/);
  });

  it("let everybody look and say who may not order", async () => {
    const { ctx } = desk({ allowed: false });
    expect(await said(ctx, "drill shop-web")).toMatch(/You may look: ordering it is refused/);
    expect(await said(ctx, "failover shop-web go")).toMatch(/not allowed/);
  });

  it("point to Approve when the card proposes just that", async () => {
    const { phase } = auto;
    if (phase.kind !== "proposing") throw new Error("unexpected");
    const first: ServiceCase = { ...auto, phase: { ...phase, proposal: { ...phase.proposal, recovery: "failover" } } };
    expect(await said(desk({ first }).ctx, "failover shop-web")).toMatch(/Approve there, or \/medic approve shop-web/);
    expect(await said(desk().ctx, "failover shop-web")).not.toMatch(/Approve there/);
  });

  it("show what there is of a service that never had a case", async () => {
    expect(await said(desk({ first: undefined }).ctx, "drill shop-web")).toMatch(/^shop-web: drill/);
  });
});

describe("verbs that look", () => {
  it("ready shows all, or one looked at anew, the worst first with its remedy", async () => {
    expect(await said(desk().ctx, "ready shop-web")).toMatch(
      /re-provision: no completed snapshot\. Make one with tag medic=shop-web\n.*restart: could run now/,
    );
    expect(await said(desk().ctx, "ready")).toMatch(/no completed snapshot/);
  });
  it("snapshots shows how old the newest usable one is, here and in DR, and which is too old", async () => {
    const text = await said(desk().ctx, "snapshots shop-web");
    expect(text).toMatch(/^shop-web: newest snapshot is 47 min old/);
    expect(text).toMatch(/eu-west-1: 47 min old .*snap-2/);
    expect(text).toMatch(/DR region eu-central-1: 5 h old .*snap-9 · older than rpoMax 60 min/);
    expect(text).toMatch(/snap-3 \| 2 min \| pending 42 %, 8 GiB \| eu-west-1|snap-3 \| 120 s/);
  });

  it("status shows what is open, what comes next, who has it, storms and what belongs to nobody", async () => {
    const text = await said(desk().ctx, "status");
    expect(text).toMatch(/1 incident open/);
    expect(text).toMatch(/shop-web \| fails its system status check, 4 min \| restart at 14:32 UTC \| nobody/);
    expect(text).toMatch(/Storm: 123456789012\/eu-west-1/);
    expect(text).toMatch(/Belongs to no service: billing-cpu \(3 ×/);
  });
  it("status without any case is a calm answer", async () => {
    expect(await said(desk({ first: undefined }).ctx, "status")).toMatch(/^Nothing is open/);
  });
  it("status of one service is its card without buttons", async () => {
    const { answer } = await runLine(desk().ctx, "status shop-web");
    expect(answer).toMatchObject({ buttons: [], menu: [] });
  });
  it("incident is the timeline", async () => {
    expect(await said(desk().ctx, "incident shop-web")).toMatch(
      /2026-11-21 14:25 UTC \| Incident opened: it fails its system status check/,
    );
  });
  it("digest is for everybody in the channel, everything else for the person", async () => {
    expect((await runLine(desk().ctx, "digest")).audience).toBe("channel");
    expect((await runLine(desk().ctx, "status")).audience).toBe("person");
  });
  it("help explains one verb, or all", async () => {
    expect(await said(desk().ctx, "help hold")).toMatch(
      /\/medic hold SERVICE \[30m\|4h\|08:00\].*Who may: an approver.*Orders: nothing/s,
    );
    expect(await said(desk().ctx, "help")).toMatch(/\/medic autopilot on\|off\|status/);
  });
  it("help fits one message whole: nothing of it is cut", async () => {
    const { answer } = await runLine(desk().ctx, "help");
    if ("title" in answer) throw new Error("help is text");
    expect(mrkdwn(answer).length).toBeLessThanOrEqual(blockLimits.sectionText);
  });
  it("answers are all taken by Slack", async () => {
    for (const line of [
      ...["status", "status shop-web", "incident shop-web", "digest", "ready", "ready shop-web", "snapshots shop-web"],
      ...["failover", "reprovision", "raise-max", "drill"].map((verb) => `${verb} shop-web`),
    ]) {
      const { answer } = await runLine(desk().ctx, line);
      if ("title" in answer)
        expect(validateBlocks(cardBlocks(answer), "message")).toEqual({ problems: [], tooLong: false });
    }
  });
});

describe("autopilot", () => {
  it("off and on are a person's word, and on also lets a storm end", async () => {
    const { ctx } = desk();
    expect(await said(ctx, "autopilot off")).toMatch(
      /Autopilot is off since 14:25 UTC; approvals and orders by people go on/,
    );
    expect(await said(ctx, "autopilot")).toMatch(/Autopilot is off/);
    expect(await said(ctx, "autopilot on")).toMatch(
      /Autopilot is on.*storm in 123456789012\/eu-west-1 ends when it has been quiet/,
    );
  });
});

describe("words", () => {
  it("are suggested only when they are near", () => {
    expect(nearest("stauts", ["status", "stop"])).toBe("status");
    expect(nearest("xyzzy", ["status", "stop"])).toBeUndefined();
  });
  it.each([
    ["30m", 30 * minute],
    ["4h", 240 * minute],
    ["14:30", 5 * minute],
    ["14:20", 24 * 60 * minute - 5 * minute],
    ["soon", undefined],
    ["0m", undefined],
  ])("that are lengths of time: %s", (word, ms) => expect(durationMs(word, now)).toBe(ms));
});
