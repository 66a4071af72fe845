import { useRef, type ReactNode } from "react";
import type { FaultView } from "../../../page-protocol.ts";

export interface FaultActs {
  readonly onBreak: (fault: FaultView) => void;
  readonly onMend: (fault: FaultView) => void;
}

/** Buttons that break (and, where it makes sense, mend) one target. */
export function Faults(props: FaultActs & { readonly faults: readonly FaultView[] }): ReactNode {
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

/** The same behind one word, so that ten services stay readable: what is broken by now stands outside. */
export function Breaks(
  props: FaultActs & {
    /** What would be broken. */
    readonly label: string;
    readonly faults: readonly FaultView[];
    /** For one machine of a service that has its own: smaller. */
    readonly isQuiet?: boolean;
  },
): ReactNode {
  const { faults, onBreak, onMend, isQuiet = false } = props;
  const menu = useRef<HTMLDetailsElement>(null);
  const breakAndClose = (fault: FaultView): void => {
    if (menu.current !== null) menu.current.open = false;
    onBreak(fault);
  };
  if (faults.length === 0) return null;
  const active = faults.filter((fault) => fault.active);
  return (
    <div className={isQuiet ? "breaks breaks-quiet" : "breaks"}>
      {active.length > 0 && !isQuiet && <Faults faults={active} onBreak={onBreak} onMend={onMend} />}
      <details data-testid="breaks" data-of={faults[0]?.target} ref={menu}>
        <summary aria-label={`Break ${props.label}`}>
          Break…
          {isQuiet && active.length > 0 && (
            <span className="broken">{active.map((each) => each.label).join(", ")}</span>
          )}
        </summary>
        <Faults
          faults={isQuiet ? faults : faults.filter((fault) => !fault.active)}
          onBreak={breakAndClose}
          onMend={onMend}
        />
      </details>
    </div>
  );
}
