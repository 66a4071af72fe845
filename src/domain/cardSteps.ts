/** A run's journal as lines of a card: each with its time. What was not needed takes one line, however many steps it was. */
import { runsWords } from "./cardCosts.ts";
import type { CardModel, StepLine } from "./cardModel.ts";
import type { RunView, StepView } from "./runView.ts";
import type { Phase } from "./serviceCase.ts";
import { length, utc } from "./text.ts";

const statuses: Readonly<Record<StepView["status"], StepLine["status"]>> = {
  pending: "pending",
  begun: "in_progress",
  done: "complete",
  failed: "error",
  skipped: "complete",
};

/** The plan's last step has this name: a skipped one is proven after the run instead, so it is never called not needed. */
const proof = "the service answers";

export function stepsOf(run: RunView, phase: Phase["kind"] = "recovering"): NonNullable<CardModel["steps"]> {
  const past = run.estimateRuns ? ` (${runsWords(run.estimateRuns)})` : "";
  const usual = run.estimateMs === undefined ? "" : `, usually ${length(run.estimateMs)}${past}`;
  const left = run.steps.filter((step) => step.status === "skipped" && step.name !== proof);
  const taken = run.steps.filter((step) => step.status !== "skipped" && step.name !== proof);
  const last = run.steps.find((step) => step.name === proof);
  return {
    title: `${run.title}${usual}`,
    lines: [
      ...taken.map(lineOf),
      ...(phase === "recovering" ? [] : leftOut(left)),
      ...(last ? proofLine(last, phase) : []),
    ],
  };
}

/** Steps that the plan passed over, with why; said once the plan is over, when it is known which. */
function leftOut(steps: readonly StepView[]): StepLine[] {
  if (steps.length === 0) return [];
  const why = [...new Set(steps.flatMap((step) => step.detail ?? []))].join("; ");
  const title = steps.length === 1 ? "1 step was left out" : `${steps.length} steps were left out`;
  return [{ title, status: "complete", ...(why === "" ? {} : { detail: why }) }];
}

/** While it is being proven, the plan's own last step is the question that is open. */
function proofLine(step: StepView, phase: Phase["kind"]): StepLine[] {
  if (phase === "verifying") {
    return [{ title: step.name, status: "in_progress", detail: "being proven: two minutes without a break" }];
  }
  if (step.status !== "skipped") return [lineOf(step)];
  return phase === "resolved" ? [{ title: step.name, status: "complete" }] : [];
}

function lineOf(step: StepView): StepLine {
  const detail = detailOf(step);
  return { title: step.name, status: statuses[step.status], ...(detail === "" ? {} : { detail }) };
}

function detailOf(step: StepView): string {
  const { begunAt, doneAt } = step;
  const said = step.detail ?? "";
  switch (step.status) {
    case "pending":
      return said;
    case "skipped":
      return "";
    case "begun": {
      const since = begunAt === undefined ? "" : `since ${utc(begunAt)}`;
      const waiting = step.waitsFor ? `waiting for ${step.waitsFor}` : said;
      const shown = step.progress === undefined ? waiting : [waiting, step.progress].filter((s) => s !== "").join(": ");
      return [shown, since].filter((part) => part !== "").join(", ");
    }
    case "done":
    case "failed": {
      // A step that ran out of time quotes itself and says how long it was given: here its name stands above already.
      const quoted = `"${step.name}" was `;
      if (said.startsWith(quoted)) return said.slice(quoted.length);
      const took = begunAt !== undefined && doneAt !== undefined ? `after ${length(doneAt - begunAt)}` : "";
      return [said, took].filter((part) => part !== "").join(", ");
    }
  }
}
