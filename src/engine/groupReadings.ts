/**
 * What a group says about a service that lives on several machines: members in service against the wanted number, and every target
 * of its target groups. Members that come or go are unknown, not bad: the group is at work.
 */
import type { Reading } from "../domain/evidence.ts";
import type { Verdict } from "../domain/words.ts";
import { isIdle, type GroupView, type TargetHealth } from "../ports/scaling.ts";

/** Lifecycle states in which a member is on its way in or out. */
const onTheWay = /^(Pending|Terminating|Entering|Warmed|Detaching)/;

export function groupReading(group: GroupView | undefined, readAt: number): Reading {
  const say = (verdict: Verdict, detail: string): Reading => ({ kind: "ec2", verdict, readAt, detail });
  if (group === undefined) return say("bad", "the group does not exist");
  const serving = group.instances.filter((member) => member.lifecycle === "InService" && member.health === "Healthy");
  const ill = group.instances.filter((member) => member.lifecycle === "InService" && member.health !== "Healthy");
  const moving = group.instances.filter((member) => onTheWay.test(member.lifecycle));
  const detail = `${serving.length} of ${group.desired} in service${ill.length > 0 ? `, ${ill.length} unhealthy` : ""}`;
  if (serving.length >= group.desired && ill.length === 0) return say("good", detail);
  if (serving.length > 0 && moving.length > 0) return say("unknown", `${detail}, ${moving.length} coming or going`);
  return say("bad", detail);
}

const verdicts: Readonly<Record<string, Verdict>> = {
  healthy: "good",
  unhealthy: "bad",
  "unhealthy.draining": "unknown",
  unused: "bad",
};

/** Targets that no load balancer asks: such a target group is no evidence at all. */
export function nobodyAsks(targets: readonly TargetHealth[]): boolean {
  return targets.length > 0 && targets.every(isIdle);
}

/** One reading a target group: good when all that are asked answer, bad when one does not. */
export function targetsReading(registered: readonly TargetHealth[], readAt: number): Reading {
  const targets = registered.filter((each) => !isIdle(each));
  const of = (verdict: Verdict) => targets.filter((each) => (verdicts[each.state] ?? "unknown") === verdict).length;
  const all = targets.filter((each) => each.state !== "draining" && each.state !== "unhealthy.draining").length;
  const failOpen = all > 0 && of("bad") === all ? "; with none healthy an ALB sends requests to all of them" : "";
  const detail = `${of("good")} of ${all} targets healthy${failOpen}`;
  if (of("bad") > 0 || all === 0) return { kind: "target", verdict: "bad", readAt, detail };
  return { kind: "target", verdict: of("good") === all ? "good" : "unknown", readAt, detail };
}
