/**
 * What a person reads of a case without opening its body: the columns of the embedded store and the attributes in DynamoDB's
 * console. Derived from the body at each write, so that the two never differ; nothing decides by them.
 */
import type { ServiceCase } from "./serviceCase.ts";
import type { IncidentId, Pattern, ServiceName, Symptom } from "./words.ts";

export interface CaseColumns {
  readonly service: ServiceName;
  readonly rev: number;
  /** Of the body. */
  readonly schema: number;
  /** As medic.yaml said when the case was last decided on. */
  readonly pattern?: Pattern;
  readonly phase: ServiceCase["phase"]["kind"];
  /** Of the incident that the case names; all three are absent when it names none. */
  readonly symptom?: Symptom;
  readonly incident?: IncidentId;
  /** Epoch ms. */
  readonly opened?: number;
  /** When the due loop must look again, epoch ms. */
  readonly due?: number;
}

export function caseColumns({ service, rev, schema, pattern, phase, incident, due }: ServiceCase): CaseColumns {
  return {
    service,
    rev,
    schema,
    ...(pattern === undefined ? {} : { pattern }),
    phase: phase.kind,
    ...(incident === undefined ? {} : { symptom: incident.symptom, incident: incident.id, opened: incident.openedAt }),
    ...(due === undefined ? {} : { due }),
  };
}
