/** Does the record fit what is done with it: one of a pair that fails over, or the one that is pointed at the DR region? */
import { servicePath } from "./findings.ts";
import type { CheckedService, Finding } from "./findings.ts";

/** An ARC cluster has five endpoints, in five regions; any of them may be the one that is down. */
const routingEndpoints = 5;

export function checkDns(service: CheckedService): Finding[] {
  const { definition, raw, broken } = service;
  if (broken.has("pattern") || broken.has("dns")) return [];
  const { pattern, dns } = definition;
  if (dns === undefined || raw.dns === undefined) {
    if (pattern !== "dns-pair") return [];
    const message = "is missing; needed: the record that pattern dns-pair moves";
    const fix =
      "Add `dns: { zone: Z…, name: shop.example.com, type: A, primarySet: …, standbySet: … }`; when an Elastic IP moves instead, use pattern standby.";
    return [error(service, [], message, fix)];
  }
  if (pattern === "dns-pair") return [...setFindings(service), ...routingFindings(service)];
  return (["primarySet", "standbySet", "invertHealthCheck", "routing"] as const).flatMap((key): Finding[] => {
    if (raw.dns?.[key] === undefined) return [];
    const message = `${key} is for pattern dns-pair; ${pattern} has one record, which DR points at the other region`;
    return [error(service, [key], message, "Remove it, or correct the pattern.")];
  });
}

function error(service: CheckedService, rest: readonly string[], message: string, fix: string): Finding {
  return { severity: "error", path: servicePath(service, "dns", ...rest), message, fix };
}

function setFindings(service: CheckedService): Finding[] {
  const { primarySet, standbySet } = service.raw.dns ?? {};
  const findings: Finding[] = [];
  for (const [key, value] of [
    ["primarySet", primarySet],
    ["standbySet", standbySet],
  ] as const)
    if (value === undefined) {
      const message = "is missing; needed: the SetIdentifier by which the two records of one name are told apart";
      findings.push(error(service, [key], message, `Add \`${key}: …\`, as Route 53 shows it ("Record ID").`));
    }
  if (primarySet !== undefined && primarySet === standbySet)
    findings.push(
      error(
        service,
        ["standbySet"],
        `found "${standbySet}" for both records; needed: two different SetIdentifiers`,
        "Write the SetIdentifier of the standby's record.",
      ),
    );
  return findings;
}

function routingFindings(service: CheckedService): Finding[] {
  const { routing, invertHealthCheck } = service.raw.dns ?? {};
  if (routing === undefined) return [];
  const findings: Finding[] = [];
  if (invertHealthCheck !== undefined)
    findings.push(
      error(
        service,
        ["routing"],
        "found routing and invertHealthCheck; needed: one way to fail over",
        "Keep the one that the records' health checks are built on.",
      ),
    );
  if (routing.primaryControl === routing.standbyControl)
    findings.push(
      error(
        service,
        ["routing", "standbyControl"],
        "found the primary's control for the standby; needed: a control for each side",
        "Write the ARN of the standby's routing control.",
      ),
    );
  if (routing.endpoints.length < routingEndpoints)
    findings.push({
      severity: "warning",
      path: servicePath(service, "dns", "routing", "endpoints"),
      message: `found ${routing.endpoints.length} endpoints; a cluster has ${routingEndpoints}, and any one may be down when it counts`,
      fix: "List all of them: aws route53-recovery-control-config describe-cluster shows them.",
    });
  return findings;
}
