import type { ReactNode } from "react";
import type { AccountView, GroupView, RecordRow, ServiceView, SnapshotRow } from "../../../page-protocol.ts";
import { durationText } from "./durations.ts";

/** What leads people to a service and what it could be built from: its address, records, group and snapshots. */
export function ServiceFacts(props: {
  readonly account: AccountView;
  readonly service: ServiceView;
  readonly now: number;
}): ReactNode {
  const { account, service, now } = props;
  const { address, group, records, snapshots } = service;
  const who = (id: string | null): string => (id === null ? "nobody" : nameOf(account, id));
  if (address === null && group === null && records.length === 0 && snapshots.length === 0) return null;
  return (
    <dl className="facts">
      {address !== null && (
        <Fact name="Address">
          <code>{address.publicIp}</code> <Held by={who(address.heldBy)} isHeld={address.heldBy !== null} />
        </Fact>
      )}
      {records.map((record) => (
        <Fact key={`${record.name} ${record.set ?? ""}`} name="Record">
          <RecordLine record={record} who={who} />
        </Fact>
      ))}
      {group !== null && (
        <Fact name="Group">
          <GroupLine group={group} />
        </Fact>
      )}
      {snapshots.length > 0 && (
        <Fact name="Snapshots">
          {regionsOf(account).map((region) => (
            <SnapshotLine key={region} region={region} rows={snapshots} now={now} />
          ))}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="fact" data-testid={`fact-${name.toLowerCase()}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Held({ by, isHeld }: { readonly by: string; readonly isHeld: boolean }): ReactNode {
  return (
    <span className={isHeld ? "held" : "held held-nobody"}>
      <span aria-hidden="true">→ </span>
      <span className="visually-hidden">held by </span>
      {by}
    </span>
  );
}

function RecordLine(props: { readonly record: RecordRow; readonly who: (id: string | null) => string }): ReactNode {
  const { record, who } = props;
  const notes = [
    record.type,
    ...(record.set === null ? [] : [record.set]),
    ...(record.weight === null ? [] : [`weight ${record.weight}`]),
    ...(record.ttl === null ? [] : [`TTL ${record.ttl} s`]),
  ];
  return (
    <span className={record.weight === 0 ? "record record-idle" : "record"}>
      {notes.join(" · ")} <code>{record.value}</code> <Held by={who(record.heldBy)} isHeld={record.heldBy !== null} />
    </span>
  );
}

function GroupLine({ group }: { readonly group: GroupView }): ReactNode {
  const inService = group.members.filter((member) => member.lifecycle === "InService").length;
  return (
    <>
      {inService} in service, {group.desired} wanted, {group.max} at the most
      {group.load !== null && ` · load ${group.load} % of one`}
      {group.suspended.length > 0 && <span className="tag tag-mark">suspended: {group.suspended.join(", ")}</span>}
    </>
  );
}

function SnapshotLine(props: {
  readonly region: string;
  readonly rows: readonly SnapshotRow[];
  readonly now: number;
}): ReactNode {
  const here = props.rows.filter((row) => row.region === props.region);
  const [newest] = here;
  if (newest === undefined) return <span className="snapshots held-nobody">none in {props.region}</span>;
  const state = newest.state === "completed" ? "" : ` (${newest.state})`;
  return (
    <span className="snapshots">
      {durationText(props.now - newest.takenAt)} old{state} in {props.region}
      {here.length > 1 && `, ${here.length} in all`}
    </span>
  );
}

function regionsOf(account: AccountView): readonly string[] {
  return [account.region, account.drRegion];
}

/** Its name, and which one when several bear it. */
function nameOf(account: AccountView, id: string): string {
  const found = account.instances.find((each) => each.id === id);
  if (found === undefined || found.name === "") return id;
  const isOnly = account.instances.filter((each) => each.name === found.name).length === 1;
  return isOnly ? found.name : `${found.name} (…${id.slice(-5)})`;
}
