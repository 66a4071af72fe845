import { useState, type ReactNode } from "react";
import { SafeLink } from "../text/mrkdwn-text.tsx";
import { isJson, objectsOf, textOf, type Json } from "./block-json.ts";
import { RichText } from "./rich-text.tsx";

const statusWords: Readonly<Record<string, string>> = {
  pending: "not started",
  in_progress: "running",
  complete: "done",
  error: "failed",
};

/** The plan block: a title and its task cards, with how many are done. */
export function Plan({ block }: { readonly block: Json }): ReactNode {
  const [isOpen, setOpen] = useState(true);
  const tasks = objectsOf(block["tasks"]);
  const done = tasks.filter((task) => task["status"] === "complete").length;
  return (
    <div className="plan" data-testid="plan">
      <button type="button" className="plan-title" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span className={isOpen ? "chevron chevron-open" : "chevron"} aria-hidden="true" />
        <span className="plan-name">{textOf(block["title"])}</span>
        <span className="plan-count">
          {done} of {tasks.length}
        </span>
      </button>
      {isOpen && (
        <ol className="plan-tasks">
          {tasks.map((task, index) => (
            <li key={textOf(task["task_id"]) ?? index}>
              <TaskCard task={task} />
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

export function TaskCard({ task }: { readonly task: Json }): ReactNode {
  const status = textOf(task["status"]) ?? "pending";
  return (
    <div className={`task task-${status}`} data-testid="task" data-status={status} data-task={textOf(task["task_id"])}>
      <span className="task-mark" role="img" aria-label={statusWords[status] ?? status} />
      <div className="task-body">
        <div className="task-title">{textOf(task["title"])}</div>
        {isJson(task["details"]) && <RichText block={task["details"]} />}
        {isJson(task["output"]) && <RichText block={task["output"]} />}
        <div className="task-sources">
          {objectsOf(task["sources"]).map((source, index) => (
            <SafeLink key={index} url={textOf(source["url"]) ?? ""}>
              {textOf(source["text"]) ?? textOf(source["url"])}
            </SafeLink>
          ))}
        </div>
      </div>
    </div>
  );
}
