import { describe, expect, it } from "vitest";
import { cardSources } from "../../src/engine/cardSources.ts";
import { progressUpdatesPerMinute, updatesPerMinute } from "../../src/engine/pace.ts";
import { createSender, type Sender } from "../../src/engine/sender.ts";
import { makeFileEntries } from "../../src/engine/timeline.ts";
import {
  memoryChat,
  type ChatFault,
  type ChatOperation,
  type MemoryChat,
  type MemoryChatOptions,
} from "../../src/memory/memoryChat.ts";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import { createVirtualClock, type VirtualClock } from "../../src/memory/virtualClock.ts";
import { decide } from "../../src/domain/decide.ts";
import { newCase } from "../../src/domain/newCase.ts";
import { reason, type ReasonCode } from "../../src/domain/reasons.ts";
import { replyOf } from "../../src/engine/threadLines.ts";
import { plain } from "../../src/domain/text.ts";
import type { CaseEvent } from "../../src/domain/event.ts";
import type { Facts } from "../../src/domain/facts.ts";
import type { ServiceDefinition } from "../../src/domain/service.ts";
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Settings } from "../../src/domain/settings.ts";
import type { ServiceName } from "../../src/domain/words.ts";
import { silentLog } from "../../src/ports/log.ts";
import { silentMetrics } from "../../src/ports/metrics.ts";
import type { Handle } from "../../src/ports/handle.ts";
import type { Store } from "../../src/ports/store.ts";
import { minute, service, settings as one, t0 } from "../card/cases.ts";

const second = 1_000;
const asker = { id: "U0MIRA", name: "Mira Okafor", allowed: true };

interface Bench {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly chat: MemoryChat;
  readonly settings: Settings;
  readonly handle: Handle;
  readonly errors: string[];
  start(worker?: string): { readonly sender: Sender; stop(): Promise<void>; kill(): void };
  alarm(name: string): Promise<void>;
  fault: (operation: ChatOperation, about: string) => ChatFault | undefined;
}

function bench(options: Partial<MemoryChatOptions> & { services?: number; channel?: string } = {}): Bench {
  const clock = createVirtualClock({ startAt: t0 });
  const store = memoryStore();
  const names = Array.from(
    { length: options.services ?? 1 },
    (_, n) => (n === 0 ? "shop-web" : `svc-${n}`) as ServiceName,
  );
  const services = new Map<ServiceName, ServiceDefinition>(
    names.map((name) => [name, { ...service, name, channel: options.channel ?? service.channel }]),
  );
  const settings: Settings = { ...one, services, defaultChannel: "C0DEFAULT" };
  const holder: { fault: Bench["fault"] } = { fault: () => undefined };
  const chat = memoryChat({
    now: () => clock.now(),
    fault: (operation, about) => holder.fault(operation, about),
    ...options,
  });
  const senders = new Set<Sender>();
  const errors: string[] = [];
  const file = makeFileEntries(store.records);
  const handle: Handle = async (name, event) => {
    const before = (await store.cases.load(name)) ?? newCase(name, { scope: service.scope, region: "eu-west-1" });
    const definition = services.get(name);
    const facts: Facts = {
      service: definition,
      timing: settings.timing,
      autopilot: { state: "on", readAt: clock.now() },
      storm: { active: false, readAt: clock.now() },
      warmUntil: 0,
      mailConfigured: false,
    };
    const decision = decide(before, event, facts, clock.now());
    if (decision.kind === "ignored") return decision;
    if ((await store.cases.write(decision.next, before.rev)) !== "written") throw new Error("conflict");
    for (const sender of senders) sender.offer(decision.next);
    return { kind: "changed", current: decision.next, ...(decision.answer ? { answer: decision.answer } : {}) };
  };
  return {
    clock,
    store,
    chat,
    settings,
    handle,
    errors,
    set fault(fault) {
      holder.fault = fault;
    },
    get fault() {
      return holder.fault;
    },
    start(worker = "w1") {
      const sender = createSender({
        chat,
        handle,
        sources: cardSources(store.records),
        settings: () => settings,
        clock,
        log: { ...silentLog, error: (code) => errors.push(code) },
        metrics: silentMetrics,
        cases: store.cases,
        records: store.records,
        leases: store.leases,
        worker,
      });
      senders.add(sender);
      const end = new AbortController();
      const done = sender.run(end.signal);
      return {
        sender,
        async stop() {
          senders.delete(sender);
          end.abort();
          await done;
        },
        /** Gone without giving anything back: it hears nothing and its lease runs out. */
        kill() {
          senders.delete(sender);
        },
      };
    },
    async alarm(name) {
      await handle(name as ServiceName, signal(name, clock.now()));
      const current = await store.cases.load(name as ServiceName);
      if (current) await file(current);
    },
  };
}

function signal(name: string, at: number, verdict: "bad" | "good" = "bad"): CaseEvent {
  return {
    kind: "signal",
    signal: {
      key: `${name}/${at}/${verdict}`,
      source: "sns",
      kind: "alarm",
      subject: `${name}-check`,
      verdict,
      symptom: "host",
      evidenceKind: "ec2",
      at,
      reason: "two datapoints over the threshold",
    },
  };
}

const load = async ({ store }: Bench, name = "shop-web"): Promise<ServiceCase> => {
  const current = await store.cases.load(name as ServiceName);
  if (current === undefined) throw new Error("no case");
  return current;
};

describe("the first card", () => {
  it("goes out in the turn in which the case was committed, without a read, and starts the veto window", async () => {
    const b = bench();
    b.start();
    await b.clock.advance(10 * second);
    await b.alarm("shop-web");
    await b.clock.quiet();
    expect(b.chat.calls().map(({ operation }) => operation)[0]).toBe("post");
    const [message] = b.chat.messages();
    expect(message?.postedAt).toBe(t0 + 10 * second);
    const current = await load(b);
    expect(current.incident?.toldAt).toBe(t0 + 10 * second);
    expect(current.phase).toMatchObject({ proposal: { vetoUntil: t0 + 10 * second + 5 * minute } });
  });

  it("is followed by one update with the time of the automatic run, and one mention of the group", async () => {
    const b = bench();
    b.start();
    await b.clock.advance(10 * second);
    await b.alarm("shop-web");
    await b.clock.advance(30 * second);
    const [message] = b.chat.messages();
    expect(message?.updates).toBe(1);
    expect(message?.card.notes.map(plain)[0]).toMatch(/Runs by itself at 14:26 UTC/);
    expect(message?.replies.map(({ text }) => plain(text))).toEqual([
      expect.stringMatching(/^@S0ONCALL shop-web fails/),
    ]);
    expect((await load(b)).shown?.version).toBe((await load(b)).cardVersion);
  });
});

describe("an update", () => {
  it("is not sent when the card would look the same, and the case hears that it is shown all the same", async () => {
    const b = bench();
    b.start();
    await b.clock.advance(10 * second);
    await b.alarm("shop-web");
    await b.clock.advance(30 * second);
    const hold = { kind: "hold", by: asker } as const;
    await b.handle("shop-web" as ServiceName, { ...hold, forMs: 40 * minute });
    await b.clock.advance(10 * second);
    const updates = b.chat.messages()[0]?.updates;
    const before = (await load(b)).cardVersion;
    // The same end, asked for again: nothing that a person would see.
    await b.handle("shop-web" as ServiceName, { ...hold, forMs: 40 * minute - 10 * second });
    await b.clock.advance(10 * second);
    const after = await load(b);
    expect(after.cardVersion).toBeGreaterThan(before);
    expect(after.shown?.version).toBe(after.cardVersion);
    expect(b.chat.messages()[0]?.updates).toBe(updates);
  });
});

describe("pace", () => {
  it("is one post a second in a channel, and 40 updates in any minute, whatever happens", async () => {
    const b = bench({ services: 90 });
    b.start();
    await b.clock.advance(10 * second);
    await Promise.all([...b.settings.services.keys()].map((name) => b.alarm(name)));
    for (let tick = 0; tick < 40; tick += 1) {
      await b.clock.advance(5 * second);
      for (const name of [...b.settings.services.keys()].slice(0, 50)) {
        await b.handle(name, {
          kind: "evidence",
          reading: 0,
          evidence: {
            readings: [{ kind: "ec2", verdict: "bad", readAt: b.clock.now(), detail: `tick ${tick}` }],
            alarms: [],
          },
        });
      }
    }
    await b.clock.advance(10 * minute);
    const calls = b.chat.calls();
    const posts = calls.filter(
      ({ operation, channel }) => (operation === "post" || operation === "reply") && channel === "C0OPSALERTS",
    );
    posts.forEach((call, index) => {
      if (index > 0) expect(call.at - (posts[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
    });
    const updates = calls.filter(({ operation }) => operation === "update");
    updates.forEach((call, index) => {
      const minuteAgo = updates.slice(0, index).filter(({ at }) => at > call.at - minute);
      expect(minuteAgo.length).toBeLessThan(updatesPerMinute);
    });
    expect(progressUpdatesPerMinute).toBeLessThan(updatesPerMinute);
    expect(b.chat.messages()).toHaveLength(90);
    for (const name of b.settings.services.keys()) {
      const current = await load(b, name);
      expect(current.shown?.version).toBe(current.cardVersion);
    }
  });

  it("shows new incidents before the story of old ones", async () => {
    const b = bench({ services: 30 });
    b.start();
    await b.clock.advance(10 * second);
    await Promise.all([...b.settings.services.keys()].map((name) => b.alarm(name)));
    await b.clock.advance(29 * second);
    expect(b.chat.messages()).toHaveLength(30);
    expect(b.chat.calls().some(({ operation }) => operation === "reply")).toBe(false);
  });
});

describe("when Slack does not play along", () => {
  it("a 429 pauses one channel and no other", async () => {
    const b = bench({ services: 2 });
    (b.settings.services as Map<ServiceName, ServiceDefinition>).set("svc-1" as ServiceName, {
      ...service,
      name: "svc-1" as ServiceName,
      channel: "C0OTHER",
    });
    b.start();
    await b.clock.advance(10 * second);
    let limited = true;
    b.fault = (operation, about) => {
      if (operation !== "post" || about !== "C0OPSALERTS" || !limited) return undefined;
      limited = false;
      return "limited";
    };
    await b.alarm("shop-web");
    await b.alarm("svc-1");
    await b.clock.quiet();
    expect(b.chat.messages().map(({ channel }) => channel)).toEqual(["C0OTHER"]);
    await b.clock.advance(2 * second);
    expect(b.chat.messages().map(({ channel }) => channel)).toEqual(["C0OTHER", "C0OPSALERTS"]);
  });

  it.each(["lost-after", "lost-before"] as const)("an answer that is %s makes exactly one card", async (kind) => {
    const b = bench();
    b.start();
    await b.clock.advance(10 * second);
    let once = true;
    b.fault = (operation) => {
      if (operation !== "post" || !once) return undefined;
      once = false;
      return kind;
    };
    await b.alarm("shop-web");
    await b.clock.advance(minute);
    expect(b.chat.messages()).toHaveLength(1);
    expect((await load(b)).shown?.ts).toBe(b.chat.messages()[0]?.ts);
  });

  it("an hour of outage blocks nothing, nobody counts as told, and cards are right afterwards", async () => {
    const b = bench({ services: 5 });
    b.start();
    await b.clock.advance(10 * second);
    b.fault = () => "down";
    await Promise.all([...b.settings.services.keys()].map((name) => b.alarm(name)));
    await b.clock.advance(60 * minute);
    expect((await load(b)).incident?.toldAt).toBeUndefined();
    await b.handle("shop-web" as ServiceName, { kind: "ack", by: asker });
    b.fault = () => undefined;
    await b.clock.advance(40 * second);
    expect(b.chat.messages()).toHaveLength(5);
    for (const name of b.settings.services.keys()) {
      const current = await load(b, name);
      expect(current.shown?.version).toBe(current.cardVersion);
    }
    expect(b.errors.filter((code) => code === "chat-down")).toHaveLength(1);
  });

  it("calls nobody about what ended while Slack was away", async () => {
    const b = bench();
    b.start();
    await b.clock.advance(10 * second);
    b.fault = () => "down";
    await b.alarm("shop-web");
    await b.clock.advance(20 * minute);
    await b.handle("shop-web" as ServiceName, signal("shop-web", b.clock.now(), "good"));
    expect((await load(b)).phase.kind).toBe("resolved");
    b.fault = () => undefined;
    await b.clock.advance(minute);
    const [message] = b.chat.messages();
    expect(message?.card.tone).toBe("good");
    const replies = message?.replies.map(({ text }) => plain(text)).join("\n") ?? "";
    expect(replies).toMatch(/Cleared by itself/);
    expect(replies).not.toMatch(/@S0ONCALL|[Nn]obody has reacted|Still bad/);
  });

  it("still calls the group when it is as bad as before", async () => {
    const b = bench();
    b.start();
    await b.clock.advance(10 * second);
    b.fault = () => "down";
    await b.alarm("shop-web");
    await b.clock.advance(20 * minute);
    b.fault = () => undefined;
    await b.clock.advance(minute);
    const replies = b.chat.messages()[0]?.replies.map(({ text }) => plain(text)) ?? [];
    expect(replies[0]).toMatch(/^@S0ONCALL shop-web fails its system status check; restart runs by itself/);
  });

  it("an archived channel gives way to the default one, told once", async () => {
    const b = bench({ services: 3 });
    b.start();
    await b.clock.advance(10 * second);
    b.fault = (_operation, about) => (about === "C0OPSALERTS" ? "refused" : undefined);
    await Promise.all([...b.settings.services.keys()].map((name) => b.alarm(name)));
    await b.clock.advance(minute);
    expect(b.chat.messages().map(({ channel }) => channel)).toEqual(["C0DEFAULT", "C0DEFAULT", "C0DEFAULT"]);
    expect(b.errors.filter((code) => code === "channel-refused")).toHaveLength(1);
  });

  it("a deleted card is posted anew", async () => {
    const b = bench();
    b.start();
    await b.clock.advance(10 * second);
    await b.alarm("shop-web");
    await b.clock.advance(minute);
    const [first] = b.chat.messages();
    if (first) b.chat.remove(first);
    await b.handle("shop-web" as ServiceName, { kind: "ack", by: asker });
    await b.clock.advance(minute);
    expect(b.chat.messages()).toHaveLength(1);
    expect(b.chat.messages()[0]?.ts).not.toBe(first?.ts);
  });
});

describe("a crash", () => {
  it("after the post and before the store heard of it doubles no card", async () => {
    const b = bench();
    const first = b.start("w1");
    await b.clock.advance(10 * second);
    // Dies with the answer in its hand: Slack has the card, the case does not know.
    b.fault = (operation) => (operation === "post" ? "lost-after" : undefined);
    await b.alarm("shop-web");
    await b.clock.quiet();
    await first.stop();
    b.fault = () => undefined;
    expect(b.chat.messages()).toHaveLength(1);
    expect((await load(b)).shown).toBeUndefined();
    b.start("w2");
    await b.clock.advance(minute);
    expect(b.chat.messages()).toHaveLength(1);
    expect((await load(b)).shown?.version).toBe((await load(b)).cardVersion);
  });

  it("says nothing twice in the thread", async () => {
    const b = bench();
    const first = b.start("w1");
    await b.clock.advance(10 * second);
    await b.alarm("shop-web");
    await b.clock.advance(minute);
    await b.handle("shop-web" as ServiceName, { kind: "hold", by: asker });
    await b.clock.advance(minute);
    const before = b.chat.messages()[0]?.replies.length;
    await first.stop();
    await b.store.records.remove({ collection: "thread", id: "shop-web" });
    b.start("w2");
    await b.clock.advance(minute);
    expect(b.chat.messages()[0]?.replies).toHaveLength(before ?? 0);
  });

  it("without history leaves one duplicate at most", async () => {
    const b = bench({ blind: true });
    const first = b.start("w1");
    await b.clock.advance(10 * second);
    b.fault = (operation) => (operation === "post" ? "lost-after" : undefined);
    await b.alarm("shop-web");
    await b.clock.quiet();
    await first.stop();
    b.fault = () => undefined;
    b.start("w2");
    await b.clock.advance(minute);
    expect(b.chat.messages().length).toBeLessThanOrEqual(2);
  });
});

describe("two workers", () => {
  it("never speak at once; the second takes over when the lease has run out", async () => {
    const b = bench();
    const first = b.start("w1");
    await b.clock.quiet();
    const second = b.start("w2");
    await b.clock.advance(minute);
    expect([first.sender.holds(), second.sender.holds()]).toEqual([true, false]);
    await expect(
      second.sender.send({ channel: "C0DEFAULT", card: card("digest/1"), priority: "digest" }),
    ).rejects.toMatchObject({ code: "not-the-sender" });
    await first.stop();
    await b.clock.advance(minute);
    expect(second.sender.holds()).toBe(true);
    await b.alarm("shop-web");
    await b.clock.quiet();
    expect(b.chat.messages()).toHaveLength(1);
  });
});

describe("the thread", () => {
  it("tells what people did and what came of it, quietly", async () => {
    const b = bench();
    b.start();
    await b.clock.advance(10 * second);
    await b.alarm("shop-web");
    await b.clock.advance(10 * second);
    await b.handle("shop-web" as ServiceName, { kind: "hold", by: asker, why: "deploy" });
    await b.clock.advance(10 * second);
    const { proposalCount } = await load(b);
    await b.handle("shop-web" as ServiceName, { kind: "no", by: asker, proposal: proposalCount, why: "not now" });
    await b.clock.advance(10 * second);
    const replies = b.chat.messages()[0]?.replies ?? [];
    expect(replies.map(({ text, broadcast }) => [plain(text).replace(/^\d\d:\d\d UTC /, ""), broadcast])).toEqual([
      [expect.stringMatching(/^@S0ONCALL/), false],
      [expect.stringMatching(/^Held by Mira Okafor until 14:51 UTC: deploy/), false],
      [expect.stringMatching(/Mira Okafor said no: not now/), false],
    ]);
  });
});

describe("what is said", () => {
  const entry = (n: number, code: ReasonCode) => ({
    n,
    at: t0,
    reason: reason(code, { by: "Mira", recovery: "restart", detail: "stuck", step: "stop" }),
  });
  it("is one reply for what has happened since the last, without the bot's own notes", () => {
    const reply = replyOf([
      entry(1, "step-begun"),
      entry(2, "approved"),
      entry(3, "told-people"),
      entry(4, "run-started"),
    ]);
    expect(reply).toMatchObject({ first: 2, last: 4, broadcast: false });
    expect(plain(reply?.text ?? [])).toBe("14:21 UTC Approved by Mira\n14:21 UTC Restart started");
    expect(replyOf([entry(1, "step-begun"), entry(2, "told-people")])).toBeUndefined();
  });
  it("leaves out calls to people once it is over", () => {
    const story = [entry(1, "escalated"), entry(2, "reminded"), entry(3, "recovered")];
    expect(replyOf(story, { seemsOver: true })).toMatchObject({ first: 3, escalated: false, reminded: false });
    expect(replyOf(story)).toMatchObject({ first: 1, escalated: true, reminded: true });
  });
  it("is loud when something failed, and whatever the reason is for which a person is needed", () => {
    expect(replyOf([entry(1, "run-failed")])?.broadcast).toBe(true);
    expect(replyOf([entry(1, "blocked-cap")])?.broadcast).toBe(false);
    expect(replyOf([entry(1, "blocked-cap")], { needs: "blocked-cap" })?.broadcast).toBe(true);
  });
});

describe("cards of no service", () => {
  it("are sent once, and the newest wish for one key wins while it waits", async () => {
    const b = bench();
    const { sender } = b.start();
    await b.clock.quiet();
    await b.clock.advance(second);
    const sent = await Promise.all([
      sender.send({ channel: "C0DEFAULT", card: card("unmatched/a"), priority: "prompt" }),
      b.clock.advance(2 * second).then(() => undefined),
    ]);
    expect(sent[0]).toMatchObject({ channel: "C0DEFAULT" });
    const again = sender.send({
      channel: "C0DEFAULT",
      card: card("unmatched/a", 2),
      priority: "prompt",
      mayStand: true,
    });
    await b.clock.advance(2 * second);
    expect((await again).ts).toBe(sent[0].ts);
    expect(b.chat.messages()).toHaveLength(1);
    expect(b.chat.messages()[0]?.card.version).toBe(2);
  });
});

function card(key: string, version = 1) {
  return {
    key,
    version,
    tone: "quiet" as const,
    title: key,
    summary: ["x"],
    facts: [],
    notes: [],
    buttons: [],
    menu: [],
  };
}
