/** What a rung needs written down beside itself: found and needed, so that it is known before the night it is wanted. */
import type { Recovery } from "../domain/words.ts";
import type { CheckedService, Finding } from "./findings.ts";

type RungPath = Finding["path"];

/** One rung may lack several things; each is said. What is there and wrong is not called missing as well. */
export function needsOf(service: CheckedService, recovery: Recovery, path: RungPath): Finding[] {
  const { definition, broken } = service;
  const lacks = (key: keyof CheckedService["raw"], message: string, fix: string): Finding[] =>
    service.raw[key] !== undefined || broken.has(key) ? [] : [{ severity: "error", path, message, fix }];
  switch (recovery) {
    case "reprovision":
      return lacks(
        "reprovision",
        "reprovision needs to know its snapshots: found no `reprovision` in this service",
        "Add `reprovision: { snapshotTag: Key=Value }`, the tag of its snapshots or AMIs; or remove this rung.",
      );
    case "reprovision-dr":
      return [
        ...lacks(
          "dr",
          "reprovision-dr needs a prepared region: found no `dr` in this service",
          "Add `dr: { region: …, subnets: […], securityGroups: […], types: […] }`; or remove this rung.",
        ),
        ...lacks(
          "dns",
          "reprovision-dr needs the record that people come by, because an Elastic IP stays in its region: found no `dns` in this service",
          "Add `dns: { zone: Z…, name: shop.example.com, type: A }`; or remove this rung.",
        ),
      ];
    case "failover":
      if (definition.pattern !== "standby") return [];
      return lacks(
        "elasticIp",
        "failover moves the service's Elastic IP: found no `elasticIp` in this service",
        "Add `elasticIp: eipalloc-…`, or use pattern dns-pair when a record moves instead.",
      );
    default:
      return [];
  }
}

/** Building anew loses what is younger than the snapshot; nobody but the owner knows how much of that is bearable. */
export function lossFindings(service: CheckedService, recovery: Recovery, path: RungPath): Finding[] {
  if (recovery !== "reprovision" && recovery !== "reprovision-dr") return [];
  if (service.definition.rpoMaxMs !== undefined || service.broken.has("rpoMax")) return [];
  return [
    {
      severity: "error",
      path,
      message: `an automatic ${recovery} loses what was written since the last snapshot: found no rpoMax; needed: how much may be lost`,
      fix: `Add \`rpoMax: 1h\` to ${service.definition.name} (a younger snapshot then runs by itself, an older one asks); or set mode: approve.`,
    },
  ];
}
