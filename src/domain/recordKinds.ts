/**
 * The kinds of record, by what a person looks for, and what is readable of each without opening its body: the attributes that
 * DynamoDB's console shows. They are derived from key and body at each write; nothing decides by them, the body is the truth.
 * docs/data-model.md describes every one; a test compares.
 */

/** `time`: epoch ms in the body, ISO 8601 in UTC as it is shown. */
export type ColumnType = "text" | "number" | "time";

export interface Column {
  readonly type: ColumnType;
  /** The first of these that is there: dotted names in the body, `@id` the record's id, `@of` what follows the collection's first part. */
  readonly from: readonly string[];
}

export interface RecordKind {
  /** First parts of collections: `run` stands for `run/shop-web`. */
  readonly collections: readonly string[];
  readonly columns: Readonly<Record<string, Column>>;
}

const text = (...from: string[]): Column => ({ type: "text", from });
const number = (...from: string[]): Column => ({ type: "number", from });
const time = (...from: string[]): Column => ({ type: "time", from });

export const recordKinds = {
  /** One line of a service's story. */
  timeline: {
    collections: ["timeline"],
    columns: { service: text("@of"), incident: text("incident"), what: text("reason.code"), at: time("at") },
  },
  /** A recovery being carried out, or how it ended. */
  run: {
    collections: ["run"],
    columns: {
      service: text("@of"),
      recovery: text("recovery"),
      why: text("order.why"),
      worker: text("worker"),
      outcome: text("ended.outcome.kind"),
      at: time("startedAt"),
      ended: time("ended.at"),
    },
  },
  /** An incident that is over. */
  closed: {
    collections: ["closed"],
    columns: {
      service: text("@of"),
      incident: text("@id"),
      symptom: text("symptom"),
      opened: time("openedAt"),
      closed: time("closedAt"),
    },
  },
  /** Who or which rule let the bot act. */
  audit: {
    collections: ["audit"],
    columns: {
      service: text("service"),
      incident: text("incident"),
      recovery: text("order.recovery"),
      by: text("order.by.person.name", "order.by.rule"),
      why: text("order.why"),
      run: text("runId"),
      at: time("at"),
    },
  },
  /** An answer that is owed to a lifecycle hook. */
  chore: {
    collections: ["chore"],
    columns: {
      service: text("service"),
      scope: text("scope"),
      recovery: text("definition"),
      worker: text("worker"),
      outcome: text("ended.outcome.kind", "unanswered.kind"),
      at: time("since"),
      ended: time("ended.at"),
    },
  },
  /** What came in and has no service yet. */
  signal: {
    collections: ["inbox", "unmatched"],
    columns: {
      service: text("service"),
      what: text("what", "parsed.kind"),
      why: text("why"),
      count: number("count"),
      at: time("lastAt", "receivedAt"),
    },
  },
  /** What people were told, so that they are told it once. */
  notice: {
    collections: ["mail", "thread", "digest", "announced-storm", "readiness-news"],
    columns: {
      service: text("service"),
      incident: text("incident"),
      why: text("why"),
      worker: text("worker"),
      at: time("at", "since"),
      sent: time("sentAt"),
    },
  },
  /** What an incident's card shows beside its case. */
  dossier: {
    collections: ["dossier"],
    columns: { incident: text("@id"), instance: text("instance.type"), at: time("at") },
  },
  /** One account and region: its storm and its permits. */
  scope: {
    collections: ["scope"],
    columns: { scope: text("@id"), storm: text("storm.why"), at: time("storm.since"), careful: time("carefulUntil") },
  },
  /** What is known of a service beside its case. */
  knowledge: {
    collections: ["inventory", "readiness", "blueprint", "handover", "estimate"],
    columns: {
      service: text("@of", "@id"),
      light: text("light"),
      instance: text("instanceId"),
      at: time("readAt", "at"),
    },
  },
  /** What a person has switched or silenced. */
  word: {
    collections: ["switch", "silence"],
    columns: { state: text("state"), by: text("by"), why: text("why"), at: time("at"), until: time("until") },
  },
  /** One record for all workers together. */
  fleet: { collections: ["fleet"], columns: { worker: text("worker"), at: time("at"), warm: time("warmUntil") } },
  /** Of a version that knows more than this one: kept and given back, nothing readable. */
  other: { collections: [], columns: {} },
} as const satisfies Readonly<Record<string, RecordKind>>;

export type RecordKindName = keyof typeof recordKinds;
export type ColumnValues = Readonly<Record<string, string | number>>;

export const recordKindNames = Object.keys(recordKinds) as RecordKindName[];

const kindByHead = new Map<string, RecordKindName>(
  recordKindNames.flatMap((name) => recordKinds[name].collections.map((head) => [head, name] as const)),
);

/** `run` of `run/shop-web`. */
export function headOf(collection: string): string {
  const end = collection.indexOf("/");
  return end < 0 ? collection : collection.slice(0, end);
}

export function kindOf(collection: string): RecordKindName {
  return kindByHead.get(headOf(collection)) ?? "other";
}

/** Longer ones are cut: a column is for reading, and a sentence of AWS would cost a write unit of its own. */
const columnCharsMax = 120;

/** What is readable of this record; a part that is absent or of another type is left out. `body` as it is stored. */
export function recordColumns(collection: string, id: string, body: unknown): ColumnValues {
  const { columns }: RecordKind = recordKinds[kindOf(collection)];
  const values: Record<string, string | number> = {};
  for (const [name, { type, from }] of Object.entries(columns)) {
    const value = firstOf(from, { collection, id, body }, type === "text" ? "string" : "number");
    if (typeof value === "string") values[name] = wellFormed(value.slice(0, columnCharsMax));
    else if (value !== undefined) values[name] = type === "time" ? timeText(value) : value;
  }
  return values;
}

/** Foreign text that was cut may end in half a character, which DynamoDB would refuse together with the whole item. */
function wellFormed(value: string): string {
  return value.replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** ISO 8601 in UTC, to the second; the number itself where it is no time that a calendar knows. */
export function timeText(ms: number): string {
  const at = new Date(ms);
  return Number.isNaN(at.getTime()) ? String(ms) : `${at.toISOString().slice(0, -5)}Z`;
}

interface Source {
  readonly collection: string;
  readonly id: string;
  readonly body: unknown;
}

function firstOf(names: readonly string[], source: Source, type: "string" | "number"): string | number | undefined {
  for (const name of names) {
    const value = valueAt(name, source);
    if (type === "string" ? typeof value === "string" && value !== "" : Number.isFinite(value))
      return value as string | number;
  }
  return undefined;
}

function valueAt(name: string, { collection, id, body }: Source): unknown {
  if (name === "@id") return id;
  if (name === "@of") return collection.slice(headOf(collection).length + 1);
  return name
    .split(".")
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | null | undefined)?.[part], body);
}
