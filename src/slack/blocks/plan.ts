/** The steps of a run: Slack's plan with task cards, or a list that every workspace understands. */
import type { PlanBlock, RichTextBlock, RichTextElement, TaskCardBlock } from "@slack/types";
import type { CardModel, StepLine } from "../../domain/cardModel.ts";
import { blockLimits as limits, cut } from "./limits.ts";

type Steps = NonNullable<CardModel["steps"]>;

export function planBlock(id: string, steps: Steps): PlanBlock {
  return {
    type: "plan",
    block_id: id,
    title: cut(steps.title, limits.planTitle),
    tasks: steps.lines.slice(0, limits.steps).map((line, index) => task(`${id}:${index}`, line)),
  };
}

function task(id: string, line: StepLine): TaskCardBlock {
  const card: TaskCardBlock = {
    type: "task_card",
    block_id: cut(id, limits.blockId),
    task_id: cut(id, limits.blockId),
    title: cut(line.title, limits.taskTitle),
    status: line.status,
  };
  if (line.detail === undefined || line.detail === "") return card;
  const said = richLine(cut(line.detail, limits.taskDetail));
  return line.status === "complete" || line.status === "error" ? { ...card, output: said } : { ...card, details: said };
}

function richLine(text: string): RichTextBlock {
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] };
}

const marks: Readonly<Record<StepLine["status"], string>> = {
  pending: "white_circle",
  in_progress: "hourglass_flowing_sand",
  complete: "white_check_mark",
  error: "x",
};

const spoken: Readonly<Record<StepLine["status"], string>> = {
  pending: "to do",
  in_progress: "now",
  complete: "done",
  error: "failed",
};

/** The same steps where `plan` is refused: the word stands beside the mark. */
export function stepList(id: string, steps: Steps): RichTextBlock {
  const lines = steps.lines.slice(0, limits.steps).map((line) => ({
    type: "rich_text_section" as const,
    elements: stepElements(line),
  }));
  return {
    type: "rich_text",
    block_id: id,
    elements: [
      {
        type: "rich_text_section",
        elements: [{ type: "text", text: cut(steps.title, limits.planTitle), style: { bold: true } }],
      },
      { type: "rich_text_list", style: "bullet", indent: 0, border: 0, elements: lines },
    ],
  };
}

function stepElements(line: StepLine): RichTextElement[] {
  const title = ` ${spoken[line.status]}: ${cut(line.title, limits.taskTitle)}`;
  const elements: RichTextElement[] = [
    { type: "emoji", name: marks[line.status] },
    line.status === "in_progress"
      ? { type: "text", text: title, style: { bold: true } }
      : { type: "text", text: title },
  ];
  if (line.detail) elements.push({ type: "text", text: ` · ${cut(line.detail, limits.taskDetail)}` });
  return elements;
}
