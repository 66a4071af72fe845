import type { ReactNode } from "react";
import type { FaultView } from "../../../page-protocol.ts";

/** Buttons that break (and, where it makes sense, mend) one target. */
export function Faults(props: {
  readonly faults: readonly FaultView[];
  readonly onBreak: (fault: FaultView) => void;
  readonly onMend: (fault: FaultView) => void;
}): ReactNode {
  if (props.faults.length === 0) return null;
  return (
    <div className="faults">
      {props.faults.map((fault) => (
        <button
          key={`${fault.what} ${fault.target}`}
          type="button"
          className={fault.active ? "fault fault-active" : "fault"}
          data-testid={`break-${fault.what}`}
          data-target={fault.target}
          aria-pressed={fault.active}
          title={fault.explanation}
          disabled={fault.active && !fault.mendable}
          onClick={() => (fault.active ? props.onMend(fault) : props.onBreak(fault))}
        >
          {fault.label}
          {fault.active && <span className="fault-state">{fault.mendable ? "on, tap to end" : "on"}</span>}
        </button>
      ))}
    </div>
  );
}
