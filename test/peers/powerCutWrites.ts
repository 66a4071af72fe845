/** What the writer of the power cut test writes, so that who reads it afterwards knows each byte. */
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import { sampleCase } from "../store/sampleCase.ts";

export const recordsOf = (service: string) => `timeline/${service}`;

/** From some hundred bytes to 20 KB, so that items share pages, fill them and overflow them. */
function padding(service: string, rev: number): string {
  const unit = `${service}/${rev}|`;
  return unit.repeat([4, 40, 200, 1_000][(rev + service.length) % 4] ?? 1);
}

export function caseOf(service: string, rev: number): ServiceCase {
  const due = rev % 5 === 0 ? {} : { due: rev };
  return sampleCase(service, { rev, seen: [{ key: padding(service, rev), at: rev }], ...due });
}

export function bodyOf(service: string, rev: number, recordRev: number): object {
  return { service, rev, recordRev, text: padding(service, rev + recordRev) };
}
