/** What one service needs beside its shape: a place to be, a channel, a target that fits its pattern, people. */
import type { Target } from "../domain/service.ts";
import type { Pattern } from "../domain/words.ts";
import { parseDuration } from "./duration.ts";
import { servicePath } from "./findings.ts";
import type { CheckedService, Finding } from "./findings.ts";

export function checkService(service: CheckedService, controlUrl: string | undefined): Finding[] {
  return [...placeFindings(service), ...probeFindings(service, controlUrl), ...peopleFindings(service)];
}

const groupPatterns: readonly Pattern[] = ["asg", "asg-ebs", "alb-asg"];

function placeFindings(service: CheckedService): Finding[] {
  const { definition, broken } = service;
  const findings: Finding[] = [];
  if (definition.region === "" && !broken.has("region"))
    findings.push({
      severity: "error",
      path: servicePath(service, "region"),
      message: "is missing; needed: the AWS region where the service lives",
      fix: "Add `region: eu-west-1` to the service or to defaults.",
    });
  if (!broken.has("target") && !broken.has("pattern") && !fits(definition.target, definition.pattern)) {
    const group = groupPatterns.includes(definition.pattern);
    const found = { instance: "an instance", tag: "a tag of instances", asg: "an Auto Scaling group" };
    findings.push({
      severity: "error",
      path: servicePath(service, "target", definition.target.kind),
      message: `found ${found[definition.target.kind]} under pattern ${definition.pattern}; needed: ${group ? "the group's name" : "an instance or a tag"}`,
      fix: group
        ? "Write `target: { asg: name-of-the-group }`, or correct the pattern."
        : "Write `target: { tag: Name=… }` or `{ instance: i-… }`, or correct the pattern to asg, asg-ebs or alb-asg.",
    });
  }
  return findings;
}

function fits(target: Target, pattern: Pattern): boolean {
  return (target.kind === "asg") === groupPatterns.includes(pattern);
}

function probeFindings(service: CheckedService, controlUrl: string | undefined): Finding[] {
  const { raw, definition } = service;
  const { probe } = raw;
  if (probe === undefined) return [];
  const findings: Finding[] = [];
  const error = (key: string, message: string, fix: string) =>
    findings.push({ severity: "error", path: servicePath(service, "probe", key), message, fix });
  if (probe.url !== undefined && !URL.canParse(probe.url))
    error(
      "url",
      `found "${probe.url}"; needed: a complete URL`,
      "For example `url: https://shop.example.com/healthz`.",
    );
  if (definition.probe?.kind === "tcp") {
    if (definition.probe.port < 1 || definition.probe.port > 65535)
      error(
        "tcp",
        `found port ${definition.probe.port}; needed: 1 to 65535`,
        "For example `tcp: db.example.com:5432`.",
      );
    for (const key of ["status", "text"] as const)
      if (probe[key] !== undefined)
        error(key, `${key} means nothing for a TCP probe, which only opens a connection`, "Remove it, or use url.");
  }
  if (definition.probe?.kind === "http") {
    const { statusMin, statusMax } = definition.probe;
    if (statusMin < 100 || statusMax > 599 || statusMin > statusMax)
      error(
        "status",
        `found ${probe.status}; needed: from 100 to 599, smaller one first`,
        "For example `status: 200-399`.",
      );
  }
  const timeoutMs = probe.timeout === undefined ? undefined : parseDuration(probe.timeout);
  if (timeoutMs !== undefined && (timeoutMs < 1000 || timeoutMs > 30_000))
    error("timeout", `found "${probe.timeout}"; needed: from 1s to 30s`, "For example `timeout: 5s`.");
  if (controlUrl === undefined)
    findings.push({
      severity: "warning",
      path: servicePath(service, "probe"),
      message: "without controlUrl a bad probe cannot be told from a bot that is itself offline",
      fix: "Add `controlUrl: https://…` at the top level: something outside your own services that is always up.",
    });
  return findings;
}

function peopleFindings(service: CheckedService): Finding[] {
  const { definition, broken } = service;
  const findings: Finding[] = [];
  const { users, groups } = definition.approvers;
  const waits = Object.values(definition.ladders).some((rungs) => rungs.some((rung) => rung.mode === "approve"));
  // Rungs that wait for an approval say so themselves, as an error.
  if (users.length + groups.length === 0 && !broken.has("approvers") && !waits)
    findings.push({
      severity: "warning",
      path: servicePath(service),
      message: "no approvers: no button and no order works for this service, not even Hold",
      fix: "Add `approvers: { users: [U0123456789] }` (or groups) to the service or to defaults.",
    });
  if (definition.secondChannel !== undefined && definition.secondChannel === definition.channel)
    findings.push({
      severity: "warning",
      path: servicePath(service, "secondChannel"),
      message: "secondChannel is the same as channel: an escalation would reach nobody new",
      fix: "Name another channel, or remove it.",
    });
  return findings;
}
