import type { ReactNode } from "react";
import type { AccountView, MemberView, ServiceView } from "../../../page-protocol.ts";
import { Breaks, type FaultActs } from "./faults.tsx";
import { InstanceRow } from "./instance-row.tsx";
import { ServiceFacts } from "./service-facts.tsx";
import { durationText } from "./durations.ts";

const answersWords = { yes: "answers", no: "does not answer", unknown: "state unknown" } as const;

/** One service: does it answer, what leads people to it, which instances carry it, how to break them. */
export function ServiceCard(
  props: FaultActs & { readonly account: AccountView; readonly service: ServiceView; readonly now: number },
): ReactNode {
  const { account, service } = props;
  const instances = account.instances.filter(
    (each) =>
      each.service === service.name && each.region === account.region && isInSight(each.state, service, each.id),
  );
  return (
    <div
      className={`service service-${service.answers}`}
      data-testid={`service-${service.name}`}
      data-answers={service.answers}
    >
      <div className="service-head">
        <span className={`lamp lamp-${service.answers}`} aria-hidden="true" />
        <b>{service.name}</b>
        <span className="service-answer" data-testid="service-answer">
          <span className="visually-hidden">{answersWords[service.answers]}: </span>
          {service.answer}
        </span>
      </div>
      <div className="service-description">
        {service.description === "" ? "" : `${service.description} · `}
        {answersWords[service.answers]} for {durationText(props.now - service.since)}
      </div>
      <ServiceFacts account={account} service={service} now={props.now} />
      {account.alarms
        .filter((alarm) => alarm.service === service.name && alarm.state === "ALARM")
        .map((alarm) => (
          <div key={alarm.name} className="service-alarm" title={alarm.reason}>
            <span className="pill alarm-ALARM">ALARM</span> {alarm.name}
          </div>
        ))}
      <Breaks
        label={service.name}
        faults={account.faults.filter((fault) => fault.target === service.name)}
        onBreak={props.onBreak}
        onMend={props.onMend}
      />
      {instances.map((instance) => {
        const isCarrier = service.group === null && instance.id === service.instanceId;
        return (
          <InstanceRow
            key={instance.id}
            instance={instance}
            carries={isCarrier && instances.length > 1}
            member={memberOf(service, instance.id)}
            // The machine that serves is broken by the service's own buttons.
            faults={isCarrier ? [] : account.faults.filter((fault) => fault.target === instance.id)}
            onBreak={props.onBreak}
            onMend={props.onMend}
          />
        );
      })}
    </div>
  );
}

/** What a group threw away is only in the way; a service's own machine stays in sight even when it is gone. */
function isInSight(state: string, { group }: ServiceView, instanceId: string): boolean {
  if (state !== "terminated" || group === null) return true;
  return group.members.some((member) => member.instanceId === instanceId);
}

function memberOf({ group }: ServiceView, instanceId: string): MemberView | undefined {
  return group?.members.find((member) => member.instanceId === instanceId);
}
