/** What a name means to a user now: the answer of a resolver that may still believe what it heard before. */
import { dnsKey } from "./dnsModel.ts";
import type { DnsWorld } from "./dnsModel.ts";

/** What a user's resolver says: addresses, or undefined when no zone knows the name. */
export function resolve(dns: DnsWorld, zoneId: string, name: string): readonly string[] | undefined {
  const wanted = name.endsWith(".") ? name : `${name}.`;
  for (const type of ["A", "AAAA", "CNAME"]) {
    const known = dns.believed.get(dnsKey(zoneId, wanted, type));
    if (known?.answer !== undefined) return known.answer.values;
  }
  return undefined;
}
