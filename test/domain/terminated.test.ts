import { describe, expect, it } from "vitest";
import { cardOf } from "../../src/domain/card.ts";
import { plain } from "../../src/domain/text.ts";
import { alarm, instance, minute, mira, rung, stage, type Stage } from "./stage.ts";

const said = "User initiated (2026-11-21 02:58:00 GMT)";

function broken(mode: "auto" | "approve"): Stage {
  const s = stage({ os: [rung(mode), rung(mode, { recovery: "stop-start" })] });
  s.send({ kind: "signal", signal: alarm("bad", s.now) });
  s.show();
  return s;
}

const terminated = (s: Stage): void =>
  void s.send({
    kind: "evidence",
    reading: s.current.readingCount,
    evidence: { readings: [], alarms: [], stoppedByPerson: true, terminated: said },
  });

describe("a terminated instance", () => {
  it.each(["auto", "approve"] as const)("is a person's business at once, whatever the rung says: %s", (mode) => {
    const s = broken(mode);
    terminated(s);
    expect(s.current.phase).toMatchObject({
      kind: "needs-person",
      reason: { code: "instance-terminated", args: { instance, said } },
    });
    s.pass(30 * minute);
    expect(s.phase()).toBe("needs-person");
  });

  it("is not started by an approval that came before it was seen", () => {
    const s = broken("approve");
    s.send({ kind: "approve", by: mira, proposal: s.current.proposalCount });
    expect(s.phase()).toBe("confirming");
    terminated(s);
    expect(s.phase()).toBe("needs-person");
  });

  it("is called terminated on the card, which says when, and offers no start of it", () => {
    const s = broken("auto");
    terminated(s);
    const card = cardOf({ current: s.current, service: undefined, now: s.now });
    const text = plain(card.summary);
    expect(text).toContain(`${instance} is terminated (EC2 says: ${said}); no restart can bring it back.`);
    expect(text).toContain("Other… lists what brings it back elsewhere");
    expect(JSON.stringify(card)).not.toMatch(/Approve starts it|A person stopped/);
    expect(card.buttons.map((button) => button.label)).not.toContain("Approve now");
  });

  it("of a group is the group's to replace", () => {
    const s = broken("approve");
    s.send({ kind: "placement", instanceId: instance, asgName: "shop-web" });
    terminated(s);
    expect(s.phase()).toBe("proposing");
  });
});
