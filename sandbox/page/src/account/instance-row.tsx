import type { ReactNode } from "react";
import type { FaultView, InstanceView, MemberView } from "../../../page-protocol.ts";
import { Breaks, type FaultActs } from "./faults.tsx";

/** One machine; `member` when a group holds it. */
export function InstanceRow(
  props: FaultActs & {
    readonly instance: InstanceView;
    readonly carries: boolean;
    readonly member?: MemberView | undefined;
    readonly faults: readonly FaultView[];
  },
): ReactNode {
  const { instance, member } = props;
  const facts = [instance.type, instance.az, instance.address ?? "no address"].filter((each) => each !== "");
  return (
    <div className="instance" data-testid={`instance-${instance.id}`} data-state={instance.state}>
      <div className="instance-head">
        <span className="instance-name">{instance.name === "" ? instance.id : instance.name}</span>
        <span className={`pill state-${instance.state}`} data-testid="instance-state">
          {instance.state}
        </span>
        <span className="checks">
          <Check name="system" state={instance.systemCheck} />
          <Check name="instance" state={instance.instanceCheck} />
        </span>
      </div>
      <div className="instance-facts">
        <code>{instance.id}</code>
        <span>{facts.join(" · ")}</span>
        {props.carries && <span className="tag tag-good">carries the service</span>}
        {member !== undefined && <span className="tag">{member.lifecycle}</span>}
        {member?.target != null && <span className="tag">target {member.target}</span>}
        {instance.marks.map((mark) => (
          <span key={mark} className="tag tag-mark">
            {mark}
          </span>
        ))}
      </div>
      <Breaks
        label={instance.name === "" ? instance.id : instance.name}
        faults={props.faults}
        onBreak={props.onBreak}
        onMend={props.onMend}
        isQuiet
      />
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
