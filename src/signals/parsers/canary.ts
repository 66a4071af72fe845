/**
 * A Synthetics canary ran, or was started, stopped, changed.
 *
 *   {"source":"aws.synthetics","detail-type":"Synthetics Canary TestRun Failure","time":"2021-02-09T22:24:27Z","region":"us-east-1","resources":[],
 *    "detail":{"canary-name":"events-bb-1","canary-run-id":"0df3823e-…","test-run-status":"FAILED","state-reason":"\"Error: net::ERR_NAME_NOT_RESOLVED \""}}
 *   {…,"detail-type":"Synthetics Canary TestRun Successful","detail":{…,"test-run-status":"PASSED","state-reason":"null"}}
 *   {…,"detail-type":"Synthetics Canary Status Change","detail":{"canary-name":"…","current-state":"STOPPED","previous-state":"UPDATING"}}
 *
 * Traps: the reason is a quoted string inside the string, or the word null; `resources` is empty.
 */
import { commonOf, knownOfEvent } from "../common.ts";
import { instantOf } from "../instant.ts";
import type { CanaryEvent, IncidentHint } from "../parsed.ts";
import { jsonOf, recordAt, textAt, valueAt } from "../read.ts";
import type { JsonRecord } from "../read.ts";
import type { Carried } from "../unwrap.ts";

export function parseCanary(event: JsonRecord, carried: Carried): CanaryEvent | null {
  const name = textAt(event, "detail-type");
  const detail = recordAt(event, "detail");
  if (name === null || detail === null) return null;
  const canary = textAt(detail, "canary-name");
  const failed = failedOf(name, textAt(detail, "test-run-status"));
  return {
    cls: "canary",
    event: name,
    failed,
    ...commonOf({
      ...knownOfEvent(event, carried),
      accountId: valueAt(event, "account") ?? valueAt(detail, "account-id"),
      at: instantOf(valueAt(event, "time")),
      reason: unquoted(textAt(detail, "state-reason")),
      resources: canary === null ? {} : { canary },
      incident: incidentOf(failed),
    }),
    currentState: textAt(detail, "current-state"),
    previousState: textAt(detail, "previous-state"),
    canaryRunId: textAt(detail, "canary-run-id"),
  };
}

/** Null when it was no test run: a canary that was stopped or could not be changed says nothing about the service. */
function failedOf(name: string, status: string | null): boolean | null {
  if (!name.includes("TestRun")) return null;
  return / Failure$/.test(name) || status === "FAILED";
}

function incidentOf(failed: boolean | null): IncidentHint {
  return failed === null ? false : failed || "resolve";
}

function unquoted(text: string | null): string | null {
  if (text === null || /^null$/i.test(text.trim())) return null;
  const inner = text.startsWith('"') ? jsonOf(text) : text;
  return typeof inner === "string" ? inner || null : text;
}
