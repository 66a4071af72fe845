/** One incident as the store sees it, write by write: signal kept, proposed, held, approved, run, resolved. */
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { Lease, RecordKey, Store } from "../../src/ports/store.ts";
import { named, sampleCase } from "../store/sampleCase.ts";

const service = "shop-web";
const times = { leaseMs: 30_000, takeoverMs: 5_000 };

/** What each key holds: revision or fence, and the body where there is one; absent = nothing. */
export type Held = Readonly<Record<string, string>>;

export interface Step {
  readonly name: string;
  /** True: the store said that it is done. False: it said that the condition is not met. */
  write(store: Store): Promise<boolean>;
  /** The key that it is about, and what that holds afterwards; undefined = nothing. */
  readonly key: string;
  readonly after: string | undefined;
}

const caseAt = (rev: number, note: string): ServiceCase =>
  sampleCase(service, { rev, seen: [{ key: `${note} ${"x".repeat(2_500)}`, at: rev }], due: rev * 1_000 });

function caseStep(rev: number, note: string): Step {
  const current = caseAt(rev, note);
  return {
    name: `case: ${note}`,
    key: "case",
    after: JSON.stringify(current),
    write: async (store) => (await store.cases.write(current, rev - 1)) === "written",
  };
}

const keyOf = ({ collection, id }: RecordKey) => `${collection} ${id}`;
const inbox: RecordKey = { collection: "inbox", id: "signal-1" };
const journal: RecordKey = { collection: `run/${service}`, id: "run-1" };
const line = (id: string): RecordKey => ({ collection: `timeline/${service}`, id });
const recordsRead = [inbox, journal, line("1"), line("2"), line("3"), { collection: "audit/2026-12", id: "run-1" }];

function putStep(name: string, key: RecordKey, bytes = 300): Step {
  const body = { name, text: "y".repeat(bytes) };
  return {
    name,
    key: keyOf(key),
    after: `1 ${JSON.stringify(body)}`,
    write: (store) => store.records.putIfAbsent(key, body),
  };
}

function replaceStep(name: string, key: RecordKey, rev: number): Step {
  const body = { name };
  return {
    name,
    key: keyOf(key),
    after: `${rev + 1} ${JSON.stringify(body)}`,
    write: (store) => store.records.replace(key, body, rev),
  };
}

const lease: Lease = { name: `run/${service}`, owner: "worker-1", fence: 1, until: 31_000 };
const leaseText = (fence: number, until: number) => `${fence} worker-1 ${until}`;

export const story: readonly Step[] = [
  putStep("signal kept", inbox, 1_500),
  caseStep(1, "proposed"),
  putStep("told", line("1")),
  caseStep(2, "held"),
  putStep("hold told", line("2")),
  caseStep(3, "approved"),
  {
    name: "run leased",
    key: "lease",
    after: leaseText(1, 31_000),
    write: async (store) =>
      (await store.leases.acquire(lease.name, lease.owner, { now: 1_000, ...times }))?.fence === lease.fence,
  },
  putStep("run begun", journal, 6_000),
  replaceStep("reboot begun", journal, 1),
  {
    name: "lease renewed",
    key: "lease",
    after: leaseText(1, 41_000),
    write: async (store) => (await store.leases.renew(lease, { now: 11_000, leaseMs: times.leaseMs })) !== undefined,
  },
  replaceStep("reboot done", journal, 2),
  caseStep(4, "resolved"),
  putStep("audited", { collection: "audit/2026-12", id: "run-1" }),
  putStep("resolved told", line("3")),
  {
    name: "signal taken out of the inbox",
    key: keyOf(inbox),
    after: undefined,
    write: async (store) => {
      await store.records.remove(inbox);
      return true;
    },
  },
];

/** All that the store holds of the story, strongly read. */
export async function heldBy(store: Store): Promise<Held> {
  const held: Record<string, string> = {};
  const current = await store.cases.load(named(service));
  if (current) held["case"] = JSON.stringify(current);
  for (const key of recordsRead) {
    const record = await store.records.get(key);
    if (record) held[keyOf(key)] = `${record.rev} ${JSON.stringify(record.body)}`;
  }
  const leased = await store.leases.read(lease.name);
  if (leased) held["lease"] = leaseText(leased.fence, leased.until);
  return held;
}
