/**
 * AWS Health: something is wrong or planned at AWS. Old and new shape.
 *
 *   {"source":"aws.health","detail-type":"AWS Health Event","time":"2018-11-01T22:00:00Z","region":"us-east-1","resources":["i-00ddbf07ce6372082"],
 *    "detail":{"eventArn":"arn:aws:health:us-east-1::event/EC2/…","service":"EC2","eventTypeCode":"AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED",
 *     "eventTypeCategory":"scheduledChange","startTime":"Thu, 1 Nov 2018 22:00:00 GMT","affectedEntities":[{"entityValue":"i-00ddbf07ce6372082"}],
 *     "statusCode":"open","eventScopeCode":"PUBLIC","eventDescription":[{"language":"en_US","latestDescription":"…"}]}}
 *
 * Traps: startTime is RFC 1123, sometimes with a wrong weekday; PUBLIC events name nothing; an entity may be an id or an ARN.
 */
import { lastPart } from "../arn.ts";
import { commonOf, knownOfEvent } from "../common.ts";
import { instantOf } from "../instant.ts";
import type { HealthEvent, Resources } from "../parsed.ts";
import { listAt, recordAt, textAt, textOf, valueAt } from "../read.ts";
import type { JsonRecord } from "../read.ts";
import { instanceIdOf, instancesAs, volumeIdOf } from "../resources.ts";
import type { Carried } from "../unwrap.ts";

/** Health puts at most 100 entities on a page; more is not from AWS. */
const ENTITIES_MAX = 1_000;

export function parseHealth(event: JsonRecord, carried: Carried): HealthEvent | null {
  const detail = recordAt(event, "detail");
  const eventTypeCode = textAt(detail, "eventTypeCode");
  if (detail === null || eventTypeCode === null) return null;
  const entities = entitiesOf(event, detail);
  const when = (key: string): number | null => instantOf(valueAt(detail, key));
  return {
    cls: "health",
    eventTypeCode,
    category: textAt(detail, "eventTypeCategory"),
    statusCode: textAt(detail, "statusCode"),
    scope: textAt(detail, "eventScopeCode"),
    ...commonOf({
      ...knownOfEvent(event, carried),
      at: instantOf(valueAt(event, "time")),
      resources: resourcesOfEntities(entities),
      incident: true,
    }),
    service: textAt(detail, "service"),
    eventArn: textAt(detail, "eventArn"),
    eventRegion: textAt(detail, "eventRegion"),
    affectedAccount: textAt(detail, "affectedAccount"),
    entities,
    startTime: when("startTime"),
    endTime: when("endTime"),
    lastUpdatedTime: when("lastUpdatedTime"),
    description: descriptionOf(detail),
  };
}

/** From `affectedEntities`, else from the event's `resources`, which repeat them. */
function entitiesOf(event: JsonRecord, detail: JsonRecord): readonly string[] {
  const listed = listAt(detail, "affectedEntities").map((entity) => textAt(entity, "entityValue"));
  const named = listed.some((value) => value !== null) ? listed : listAt(event, "resources").map(textOf);
  const entities = named.filter((value) => value !== null).slice(0, ENTITIES_MAX);
  return [...new Set(entities)];
}

function resourcesOfEntities(entities: readonly string[]): Resources {
  const ids = entities.map((entity) => lastPart(entity));
  const volumes = new Set(ids.map(volumeIdOf).filter((id) => id !== null));
  const [volumeId] = volumes;
  const instances = ids.map(instanceIdOf).filter((id) => id !== null);
  return { ...instancesAs(instances, false), ...(volumes.size === 1 && volumeId !== undefined ? { volumeId } : {}) };
}

/** In English when there is a choice. */
function descriptionOf(detail: JsonRecord): string | null {
  const texts = listAt(detail, "eventDescription");
  const english = texts.find((text) => textAt(text, "language")?.startsWith("en") === true) ?? texts[0];
  return textAt(english, "latestDescription");
}
