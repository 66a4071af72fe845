import type { ReactNode } from "react";
import type { FirstStep } from "../../../page-protocol.ts";

const steps = ["Break something", "See the card", "Approve", "Watch the service answer"];

/** What a newcomer does first. The account says how far the story is. */
export function FirstSteps({ step }: { readonly step: FirstStep }): ReactNode {
  return (
    <ol className="first-steps" aria-label="First steps" data-testid="first-steps" data-step={step}>
      {steps.map((text, index) => {
        const look = index + 1 < step ? "done" : index + 1 === step ? "now" : "later";
        return (
          <li
            key={text}
            className={`first-step first-step-${look}`}
            {...(look === "now" ? { "aria-current": "step" as const } : {})}
          >
            <span className="first-step-pill">
              <span className="first-step-mark" aria-hidden="true">
                {look === "done" ? "✓" : index + 1}
              </span>
              <span className="first-step-text">{text}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
