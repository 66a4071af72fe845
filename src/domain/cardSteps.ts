/** A run's journal as lines of a card: each with its time. */
import type { CardModel, StepLine } from "./cardModel.ts";
import type { RunView, StepView } from "./runView.ts";
import { length, utc } from "./text.ts";

const statuses: Readonly<Record<StepView["status"], StepLine["status"]>> = {
  pending: "pending",
  begun: "in_progress",
  done: "complete",
  failed: "error",
  skipped: "complete",
};

export function stepsOf(run: RunView): NonNullable<CardModel["steps"]> {
  const usual = run.estimateMs === undefined ? "" : `, usually ${length(run.estimateMs)}`;
  return { title: `${run.title}${usual}`, lines: run.steps.map(lineOf) };
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
      return "";
    case "skipped":
      return said === "" ? "not needed" : `not needed: ${said}`;
    case "begun": {
      const since = begunAt === undefined ? "" : `since ${utc(begunAt)}`;
      return [step.waitsFor ? `waiting for ${step.waitsFor}` : said, since].filter((part) => part !== "").join(", ");
    }
    case "done":
    case "failed": {
      const took = begunAt !== undefined && doneAt !== undefined ? `after ${length(doneAt - begunAt)}` : "";
      return [said, took].filter((part) => part !== "").join(", ");
    }
  }
}

/** "step 2 of 5", counted by what is done. */
export function stepCount(run: RunView): string {
  const done = run.steps.filter((step) => step.status === "done" || step.status === "skipped").length;
  return `step ${Math.min(done + 1, run.steps.length)} of ${run.steps.length}`;
}
