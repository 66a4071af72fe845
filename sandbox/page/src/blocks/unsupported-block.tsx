import type { ReactNode } from "react";

/** A block that this page cannot draw is seen, not hidden: Slack may well draw it. */
export function UnsupportedBlock({ type }: { readonly type: string }): ReactNode {
  return (
    <div className="unsupported-block" role="note" data-testid="unsupported-block">
      This page cannot draw a “{type}” block. Slack may.
    </div>
  );
}
