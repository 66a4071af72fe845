import type { ReactNode } from "react";
import type { AccountView, FaultView, InstanceView, ServiceView } from "../../../page-protocol.ts";
import { Faults } from "./faults.tsx";

const answersWords = { yes: "answers", no: "does not answer", unknown: "state unknown" } as const;

interface FaultActs {
  readonly onBreak: (fault: FaultView) => void;
  readonly onMend: (fault: FaultView) => void;
}

/** One service: does it answer, which instances carry it, how to break them. */
export function ServiceCard(
  props: FaultActs & { readonly account: AccountView; readonly service: ServiceView; readonly now: number },
): ReactNode {
  const { account, service } = props;
  const instances = account.instances.filter((each) => each.service === service.name);
  return (
    <div
      className={`service service-${service.answers}`}
      data-testid={`service-${service.name}`}
      data-answers={service.answers}
    >
      <div className="service-head">
        <span className={`lamp lamp-${service.answers}`} aria-hidden="true" />
        <b>{service.name}</b>
        <span className="tag">{service.pattern}</span>
        <span className="service-answer" data-testid="service-answer">
          <span className="visually-hidden">{answersWords[service.answers]}: </span>
          {service.answer}
        </span>
      </div>
      <div className="service-description">
        {service.description === "" ? "" : `${service.description} · `}
        {answersWords[service.answers]} for {durationText(props.now - service.since)}
      </div>
      <Faults
        faults={account.faults.filter((fault) => fault.target === service.name)}
        onBreak={props.onBreak}
        onMend={props.onMend}
      />
      {account.alarms
        .filter((alarm) => alarm.service === service.name && alarm.state === "ALARM")
        .map((alarm) => (
          <div key={alarm.name} className="service-alarm" title={alarm.reason}>
            <span className="pill alarm-ALARM">ALARM</span> {alarm.name}
          </div>
        ))}
      {instances.map((instance) => (
        <InstanceRow
          key={instance.id}
          instance={instance}
          carries={instances.length > 1 && instance.id === service.instanceId}
          faults={account.faults.filter((fault) => fault.target === instance.id)}
          onBreak={props.onBreak}
          onMend={props.onMend}
        />
      ))}
    </div>
  );
}

export function InstanceRow(
  props: FaultActs & {
    readonly instance: InstanceView;
    readonly carries: boolean;
    readonly faults: readonly FaultView[];
  },
): ReactNode {
  const { instance } = props;
  return (
    <div className="instance" data-testid={`instance-${instance.id}`} data-state={instance.state}>
      <div className="instance-head">
        <span className="instance-name">{instance.name === "" ? instance.id : instance.name}</span>
        <span className={`pill state-${instance.state}`} data-testid="instance-state">
          {instance.state}
        </span>
        <Check name="system" state={instance.systemCheck} />
        <Check name="instance" state={instance.instanceCheck} />
      </div>
      <div className="instance-facts">
        <code>{instance.id}</code>
        <span>
          {[instance.type, instance.az, instance.address ?? "no address"].filter((each) => each !== "").join(" · ")}
        </span>
        {props.carries && <span className="tag">carries the service</span>}
      </div>
      <Faults faults={props.faults} onBreak={props.onBreak} onMend={props.onMend} />
    </div>
  );
}

function Check({ name, state }: { readonly name: string; readonly state: InstanceView["systemCheck"] }): ReactNode {
  if (state === "none") return null;
  const mark = { ok: "✓", impaired: "✗", initializing: "…" }[state];
  return (
    <span className={`check check-${state}`} title={`${name} status check: ${state}`}>
      <span aria-hidden="true">{mark}</span> {name}
      <span className="visually-hidden"> check {state}</span>
    </span>
  );
}

/** "3 min", "2 h 5 min", "14 days"; never negative. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}
