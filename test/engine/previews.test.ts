import { describe, expect, it } from "vitest";
import { newCase } from "../../src/domain/newCase.ts";
import { RecoveryRefused, Throttled } from "../../src/domain/errors.ts";
import type { Preview } from "../../src/domain/preview.ts";
import type { Proposal, ServiceCase } from "../../src/domain/serviceCase.ts";
import { defaultTiming } from "../../src/domain/timing.ts";
import type { CaseEvent } from "../../src/domain/event.ts";
import type { IncidentId, RunId } from "../../src/domain/words.ts";
import { cardSources } from "../../src/engine/cardSources.ts";
import { dossierKey, type StoredDossier } from "../../src/engine/dossiers.ts";
import { estimateOf, learnLength } from "../../src/engine/estimates.ts";
import { makePreviews } from "../../src/engine/previews.ts";
import { makePreviewWishes } from "../../src/engine/previewWishes.ts";
import type { PortsFor } from "../../src/engine/recoveryPorts.ts";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import { createVirtualClock } from "../../src/memory/virtualClock.ts";
import { silentLog } from "../../src/ports/log.ts";
import { failoverPreview, incident, incidentId, now, proposal, settings, shopWeb, service } from "../card/cases.ts";

const minute = 60_000;
const atHome = newCase(shopWeb, { scope: service.scope, region: service.region });

function proposed(more: Partial<Proposal> = {}): ServiceCase {
  return {
    ...atHome,
    incident,
    phase: { kind: "proposing", since: now, proposal: { ...proposal, recovery: "failover", madeAt: now, ...more } },
  };
}

function wishing(read: () => Promise<Preview>) {
  const clock = createVirtualClock({ startAt: now });
  const { records } = memoryStore();
  const events: CaseEvent[] = [];
  let reads = 0;
  const wishes = makePreviewWishes({
    ...{ records, clock, log: silentLog, timing: defaultTiming },
    handle: async (_service, event) => {
      events.push(event);
      return { kind: "changed", current: atHome };
    },
    previews: {
      read: () => {
        reads += 1;
        return read();
      },
    },
  });
  const stored = async () => (await records.get<StoredDossier>(dossierKey(incidentId)))?.body;
  return { wishes, clock, records, events, stored, reads: () => reads };
}

describe("the preview of what is proposed", () => {
  it("is read once, kept in the dossier beside what is there, and the card hears of it", async () => {
    const desk = wishing(async () => failoverPreview);
    await desk.records.putIfAbsent(dossierKey(incidentId), { at: 1, blastRadius: ["3 of 4 stay"] });
    desk.wishes.want(proposed());
    desk.wishes.want(proposed());
    await desk.wishes.idle();
    desk.wishes.want(proposed());
    await desk.wishes.idle();
    expect(desk.reads()).toBe(1);
    expect(await desk.stored()).toEqual({
      at: 1,
      blastRadius: ["3 of 4 stay"],
      previews: { failover: failoverPreview },
    });
    expect(desk.events).toMatchObject([{ kind: "previewed", incident: incidentId, at: failoverPreview.readAt }]);
  });

  it("is read anew when its facts are old, and for another proposal", async () => {
    const desk = wishing(async () => ({ ...failoverPreview, readAt: desk.clock.now() }));
    desk.wishes.want(proposed());
    await desk.wishes.idle();
    await desk.clock.advance(defaultTiming.proposalFactsMs);
    desk.wishes.want(proposed());
    await desk.wishes.idle();
    expect(desk.reads()).toBe(2);
    desk.wishes.want(proposed({ madeAt: desk.clock.now() + 1 }));
    await desk.wishes.idle();
    expect(desk.reads()).toBe(3);
  });

  it("does not take a good one's place because AWS does not answer now", async () => {
    const answers: Preview[] = [
      failoverPreview,
      { ...failoverPreview, headline: "", refused: { code: "unread", why: "x", remedy: "y", unread: true } },
    ];
    const desk = wishing(async () => answers.shift() ?? failoverPreview);
    desk.wishes.want(proposed());
    await desk.wishes.idle();
    await desk.clock.advance(defaultTiming.proposalFactsMs);
    desk.wishes.want(proposed());
    await desk.wishes.idle();
    expect((await desk.stored())?.previews?.failover).toEqual(failoverPreview);
    expect(desk.events).toHaveLength(1);
  });

  it("is not wanted of a plan that has nothing to look at, nor while nothing is proposed", async () => {
    const desk = wishing(async () => ({ ...failoverPreview, address: "", data: "", mind: [] }));
    desk.wishes.want(proposed());
    desk.wishes.want({ ...proposed(), phase: { kind: "idle" } });
    await desk.wishes.idle();
    expect(desk.events).toEqual([]);
    expect(await desk.stored()).toBeUndefined();
  });
});

describe("a preview that a person asks for", () => {
  const asking = (portsFor: PortsFor) => {
    const clock = createVirtualClock({ startAt: now });
    const previews = makePreviews({
      ...{ settings, clock, portsFor },
      loadCase: async () => undefined,
      remembered: async () => undefined,
      caseToBe: () => atHome,
    });
    return { clock, previews };
  };
  const failing =
    (error: Error): PortsFor =>
    () => {
      throw error;
    };

  it("says what the plan refuses, as something that cannot run", async () => {
    const { previews } = asking(failing(new RecoveryRefused("no-address", "no Elastic IP is ours", "Name one.")));
    expect((await previews.preview(shopWeb, "restart")).refused).toEqual({
      code: "no-address",
      why: "no Elastic IP is ours",
      remedy: "Name one.",
    });
  });

  it("says what could not be read, as something that nobody knows", async () => {
    const throttled = asking(failing(new Throttled("DescribeInstances"))).previews;
    expect((await throttled.preview(shopWeb, "restart")).refused).toMatchObject({ code: "throttled", unread: true });
    const broken = asking(failing(new TypeError("x is not a function"))).previews;
    expect((await broken.preview(shopWeb, "restart")).refused).toMatchObject({ unread: true });
  });

  it("comes back in time although AWS does not", async () => {
    const { clock, previews } = asking(
      () => new Proxy({} as ReturnType<PortsFor>, { get: () => () => new Promise(() => undefined) }),
    );
    // Whatever this plan reads first, it never comes.
    const asked = previews.preview(shopWeb, "reprovision");
    await clock.advance(10_000);
    expect((await asked).refused).toBeDefined();
  });

  it("lists what the pattern knows", () => {
    const { previews } = asking(failing(new Error("never asked")));
    expect(previews.choices(shopWeb)).toEqual(expect.arrayContaining(["restart", "reboot"]));
    expect(previews.choices(shopWeb)).not.toContain("scale-out");
    expect(previews.choices("gone" as typeof shopWeb)).toEqual([]);
  });
});

describe("the length of runs", () => {
  const ended = (n: number, ms: number, kind: "done" | "failed" = "done") => ({
    ...{ service: shopWeb, runId: `shop-web/${n}` as RunId, order: { recovery: "failover" as const } },
    ...{ startedAt: now, ended: { at: now + ms, outcome: { kind } } },
  });

  it("is the middle of the last five that went to their end, each counted once", async () => {
    const { records } = memoryStore();
    expect(await estimateOf(records, shopWeb, "failover")).toBeUndefined();
    for (const [index, minutes] of [90, 1, 2, 3, 4, 50].entries()) {
      await learnLength({ records, log: silentLog }, ended(index, minutes * minute));
      await learnLength({ records, log: silentLog }, ended(index, minutes * minute));
    }
    await learnLength({ records, log: silentLog }, ended(9, 1, "failed"));
    expect(await estimateOf(records, shopWeb, "failover")).toEqual({ ms: 3 * minute, runs: 5 });
  });

  it("stands on the card of the next one, also before anything else was read for it", async () => {
    const { records } = memoryStore();
    await learnLength({ records, log: silentLog }, ended(1, 2 * minute));
    expect(await cardSources(records).dossier(proposed())).toEqual({ estimate: { ms: 2 * minute, runs: 1 } });
    const idle: ServiceCase = {
      ...proposed(),
      phase: { kind: "idle" },
      incident: { ...incident, id: "x" as IncidentId },
    };
    expect(await cardSources(records).dossier(idle)).toBeUndefined();
  });
});
