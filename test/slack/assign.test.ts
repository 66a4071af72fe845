import { describe, expect, it } from "vitest";
import { channelIds } from "../../sandbox/slack/workspace-state.ts";
import { unmatchedCard } from "../../src/engine/announce.ts";
import { assignUnmatched } from "../../src/engine/assignUnmatched.ts";
import { listUnmatched, unmatchedList, type UnmatchedItem } from "../../src/engine/unmatched.ts";
import { memoryStore } from "../../src/memory/memoryStore.ts";
import { now, states } from "../card/cases.ts";
import { openOffice, type Office } from "./office.ts";

const channel = channelIds.opsAlerts;
const item: UnmatchedItem = {
  key: "alarm 123456789012/eu-west-1 billing-queue-age",
  cls: "alarm",
  what: "billing-queue-age",
  isAlarming: true,
  reason: "Threshold Crossed: 1 datapoint [912.0 (21/11/26 14:21:00)] was greater than the threshold (600.0).",
  where: "123456789012/eu-west-1",
  why: "no service names this alarm",
  count: 1,
  firstAt: now,
  lastAt: now,
};

async function settle({ workspace }: Office): Promise<void> {
  for (let turns = 0; turns < 50 || workspace.inFlight() > 0; turns += 1)
    await new Promise((resolve) => setImmediate(resolve));
}

async function asked() {
  const { records } = memoryStore();
  await listUnmatched(records, item, "change-1");
  const first = states["auto, clock running"]?.current;
  if (first === undefined) throw new Error("no such state");
  const office = await openOffice({ first, now: () => now, assign: (choice) => assignUnmatched(records, choice) });
  const { ts } = await office.chat.post("#ops-alerts", unmatchedCard(item));
  /** Presses the button, chooses the service and sends the window. */
  const assign = async (user: string): Promise<string> => {
    await office.workspace.act.click({ user, channel, ts, actionId: "medic.assign" });
    await settle(office);
    const view = office.workspace.modals(user).at(-1);
    const shown = JSON.stringify(view);
    await office.workspace.act.submitView({
      user,
      viewId: view?.id ?? "",
      state: { service: { v: { type: "static_select", selected_option: { value: "shop-web" } } } },
    });
    await settle(office);
    return shown;
  };
  return { office, records, assign };
}

describe("Which service is this?", () => {
  it("takes the alarm off the list and says which line of medic.yaml makes that last", async () => {
    const { office, records, assign } = await asked();
    const window = await assign("U0MIRA");
    expect(window).toContain("*billing-queue-age* matched no service");
    expect(office.answer("U0MIRA")).toMatch(/billing-queue-age belongs to shop-web/);
    expect(office.answer("U0MIRA")).toMatch(/services\.shop-web\.alarms/);
    expect(await unmatchedList(records, 10)).toEqual([]);
  });

  it("asked twice says that somebody was first", async () => {
    const { office, assign } = await asked();
    await assign("U0MIRA");
    await assign("U0NOOR");
    expect(office.answer("U0NOOR")).toMatch(/no longer in the list/);
  });

  it("answered by a stranger changes nothing and says why", async () => {
    const { office, records, assign } = await asked();
    await assign("U0SAM");
    expect(office.answer("U0SAM")).toMatch(/Not allowed/);
    expect(await unmatchedList(records, 10)).toHaveLength(1);
  });
});
