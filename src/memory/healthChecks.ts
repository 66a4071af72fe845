/** Route 53's health checks: they look from outside, at their own pace, and need several looks to change their mind. */
import type { DnsWorld, HealthCheck, HealthCheckDefinition } from "./dnsModel.ts";
import { answerAtAddress, answerOfInstance } from "./sites.ts";

const intervalMsDefault = 30_000;
const thresholdDefault = 3;

export function healthCheckFrom(definition: HealthCheckDefinition): HealthCheck {
  const { inverted = false, disabled = false } = definition;
  return {
    id: definition.id,
    watches: definition.watches,
    intervalMs: definition.intervalMs ?? intervalMsDefault,
    threshold: definition.threshold ?? thresholdDefault,
    version: 1,
    inverted,
    disabled,
    effective: { inverted, disabled },
    healthy: true,
    against: 0,
  };
}

export function watchHealth(dns: DnsWorld, changed: () => void): void {
  for (const check of dns.checks.values()) {
    const first = check.watches.kind === "control";
    if (first) check.healthy = lookNow(dns, check);
    const next = (): void => {
      dns.agenda.at(dns.agenda.now() + check.intervalMs, () => {
        if (look(dns, check)) changed();
        next();
      });
    };
    next();
  }
}

/** True when it has changed its mind. */
function look(dns: DnsWorld, check: HealthCheck): boolean {
  const seen = lookNow(dns, check);
  check.against = seen === check.healthy ? 0 : check.against + 1;
  if (check.against < check.threshold) return false;
  check.healthy = seen;
  check.against = 0;
  return true;
}

export function lookNow(dns: DnsWorld, check: HealthCheck): boolean {
  const { watches } = check;
  if (watches.kind === "control") return dns.routing.controls.get(watches.arn) === "On";
  const answer =
    watches.kind === "address"
      ? answerAtAddress(dns.worlds, watches.ip)
      : answerOfInstance(dns.worlds, watches.instanceId);
  return answer.kind === "answers" && answer.status < 400;
}

/** Routing controls reach the name servers within seconds, without looks in a row. */
export function controlsChanged(dns: DnsWorld, changed: () => void): void {
  dns.agenda.at(dns.agenda.now() + controlMs, () => {
    for (const check of dns.checks.values()) if (check.watches.kind === "control") check.healthy = lookNow(dns, check);
    changed();
  });
}
const controlMs = 5_000;

/** An update of a check is in force a little later. */
export function updateReaches(dns: DnsWorld, check: HealthCheck, changed: () => void): void {
  dns.agenda.at(dns.agenda.now() + updateMs, () => {
    check.effective = { inverted: check.inverted, disabled: check.disabled };
    changed();
  });
}
const updateMs = 10_000;
