import type { ServiceName } from "../domain/words.ts";

export const casePrefix = "case#";
export const caseSortKey = "case";

export function caseKey(service: string): string {
  return `${casePrefix}${service}`;
}

export function serviceOf(partitionKey: string): ServiceName {
  return partitionKey.slice(casePrefix.length) as ServiceName;
}
