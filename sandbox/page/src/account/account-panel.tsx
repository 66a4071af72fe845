import { useState, type ReactNode } from "react";
import type {
  AccountView,
  AlarmView,
  ClockSpeed,
  FaultView,
  InstanceView,
  ServiceView,
} from "../../../page-protocol.ts";
import type { PageRequest } from "../connection.ts";
import { Faults } from "./faults.tsx";
import { durationText } from "./durations.ts";
import { InstanceRow } from "./instance-row.tsx";
import { ServiceCard } from "./service-card.tsx";

const speeds: readonly ClockSpeed[] = [1, 10, 60];

/** The order of the page, from the plainest to the most made up. */
const patternTitles: readonly (readonly [pattern: string, title: string])[] = [
  ["instance", "One machine"],
  ["standby", "A standby behind an address"],
  ["dns-pair", "Two machines and a record"],
  ["alb-asg", "A group behind a load balancer"],
  ["asg", "A group of one with an address"],
  ["asg-ebs", "A group of one with a volume"],
];

/** The simulated AWS account: what there is, how it does, how to break it. */
export function AccountPanel(props: {
  readonly account: AccountView;
  readonly now: number;
  readonly send: (request: PageRequest) => Promise<unknown>;
  readonly toast: (text: string) => void;
}): ReactNode {
  const { account, now } = props;
  const ask = (request: PageRequest): void => {
    props.send(request).catch((error: unknown) => props.toast(error instanceof Error ? error.message : String(error)));
  };
  const acts = {
    onBreak: (fault: FaultView) => ask({ type: "break", what: fault.what, target: fault.target }),
    onMend: (fault: FaultView) => ask({ type: "mend", what: fault.what, target: fault.target }),
  };
  const names = new Set(account.services.map((service) => service.name));
  const isHere = (each: InstanceView): boolean => each.region === account.region;
  const others = account.instances.filter(
    (each) => isHere(each) && (each.service === null || !names.has(each.service)),
  );
  const there = account.instances.filter((each) => !isHere(each));
  const targets = new Set([...account.instances.map((each) => each.id), ...names, account.drRegion]);
  const general = account.faults.filter((fault) => !targets.has(fault.target));
  const rows = (instances: readonly InstanceView[]): ReactNode =>
    instances.map((instance) => (
      <InstanceRow
        key={instance.id}
        instance={instance}
        carries={account.services.some((service) => service.instanceId === instance.id)}
        faults={account.faults.filter((fault) => fault.target === instance.id)}
        {...acts}
      />
    ));
  return (
    <section className="account" aria-label="The account" data-testid="account">
      <AccountHead account={account} now={now} ask={ask} />
      {account.storm !== null && (
        <div className="storm" role="alert" data-testid="storm">
          <span aria-hidden="true">🌪️</span> {account.storm}
        </div>
      )}
      <div className="account-scroll" tabIndex={0} role="region" aria-label="Services, alarms, addresses">
        {account.notes.map((note) => (
          <p key={note} className="note">
            {note}
          </p>
        ))}
        {byPattern(account.services).map(({ title, services }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            {services.map((service) => (
              <ServiceCard key={service.name} account={account} service={service} now={now} {...acts} />
            ))}
          </section>
        ))}
        {others.length > 0 && <h3>Other instances</h3>}
        {rows(others)}
        <section aria-label={account.drRegion} data-testid="dr-region">
          <h3>
            The other region <span className="region">{account.drRegion}</span>
          </h3>
          {there.length === 0 && <p className="quiet">Nothing runs here until something is built anew.</p>}
          {rows(there)}
          <Faults faults={account.faults.filter((fault) => fault.target === account.drRegion)} {...acts} />
        </section>
        <h3>Whole account and Slack</h3>
        <Faults faults={general} {...acts} />
        <h3>Alarms</h3>
        <ul className="alarms">
          {[...account.alarms].sort(worstFirst).map((alarm) => (
            <Alarm key={alarm.name} alarm={alarm} now={now} />
          ))}
        </ul>
      </div>
      <div className="account-log">
        <h3>What happened</h3>
        <ol className="log" data-testid="log" aria-label="What happened, newest first">
          {account.log.toReversed().map((line) => (
            <li key={line.n} className={`log-line log-${line.level}`}>
              <time>{new Date(line.at).toLocaleTimeString(undefined, { hour12: false })}</time>
              <b>{line.who}</b>
              <span>{line.text}</span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

/** In the page's order; a pattern that it does not know comes last, under its own name. */
function byPattern(
  services: readonly ServiceView[],
): readonly { readonly title: string; readonly services: readonly ServiceView[] }[] {
  const known = new Set(patternTitles.map(([pattern]) => pattern));
  const unknown = services
    .filter((each) => !known.has(each.pattern))
    .map((each) => [each.pattern, each.pattern] as const);
  return [...patternTitles, ...new Map(unknown)]
    .map(([pattern, title]) => ({ title, services: services.filter((each) => each.pattern === pattern) }))
    .filter((each) => each.services.length > 0);
}

function AccountHead(props: {
  readonly account: AccountView;
  readonly now: number;
  readonly ask: (request: PageRequest) => void;
}): ReactNode {
  const { account, ask } = props;
  const [isSure, setSure] = useState(false);
  return (
    <header className="account-head">
      <div className="account-title">
        <h2>The account</h2>
        <span className="region">{account.region}</span>
        <time className="account-clock" data-testid="account-clock">
          {new Date(props.now).toLocaleTimeString(undefined, { hour12: false })}
        </time>
      </div>
      <div className="account-controls">
        <div className="speeds" role="radiogroup" aria-label="Clock speed">
          {speeds.map((speed) => (
            <button
              key={speed}
              type="button"
              role="radio"
              aria-checked={account.speed === speed}
              data-testid={`speed-${speed}`}
              onClick={() => ask({ type: "speed", speed })}
            >
              ×{speed}
            </button>
          ))}
        </div>
        <button
          type="button"
          className={isSure ? "reset reset-sure" : "reset"}
          data-testid="reset"
          onBlur={() => setSure(false)}
          onClick={() => {
            if (isSure) ask({ type: "reset" });
            setSure(!isSure);
          }}
        >
          {isSure ? "Reset everything?" : "Reset"}
        </button>
      </div>
    </header>
  );
}

const rank = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 } as const;

function worstFirst(a: AlarmView, b: AlarmView): number {
  return rank[a.state] - rank[b.state] || a.name.localeCompare(b.name);
}

function Alarm({ alarm, now }: { readonly alarm: AlarmView; readonly now: number }): ReactNode {
  return (
    <li className="alarm" data-testid={`alarm-${alarm.name}`} data-state={alarm.state}>
      <span className={`pill alarm-${alarm.state}`}>
        {alarm.state === "INSUFFICIENT_DATA" ? "NO DATA" : alarm.state}
      </span>
      <span className="alarm-name">{alarm.name}</span>
      <span className="since">{durationText(now - alarm.since)}</span>
      {alarm.state !== "OK" && alarm.reason !== "" && <span className="alarm-reason">{alarm.reason}</span>}
    </li>
  );
}
