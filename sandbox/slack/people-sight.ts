import type { Ack, Dispatcher } from "./dispatch.ts";
import type { WorkspaceFaults } from "./faults.ts";
import { isJson } from "./json.ts";
import type { ActResult, Json } from "./model.ts";
import type { WorkspaceCore } from "./workspace-core.ts";

export interface PeopleParts {
  readonly core: WorkspaceCore;
  readonly faults: WorkspaceFaults;
  readonly dispatcher: Dispatcher;
}

export const slackIsDown: ActResult = { kind: "refused", reason: "Slack is down. Nothing that you do here arrives." };

/** Remembers what the person sees now, so that the result can say what is new. */
export function sightOf(core: WorkspaceCore, user: string): (ack: Ack, silence: string) => ActResult {
  const before = new Set((core.state.ephemeral.get(user) ?? []).map((each) => each.id));
  return (ack, silence) => {
    if (ack.kind === "unanswered") return { kind: "no-response", error: ack.error, text: silence };
    const replies = (core.state.ephemeral.get(user) ?? []).filter((each) => !before.has(each.id));
    return { kind: "done", replies, view: core.modalsOf(user).at(-1) ?? null };
  };
}

/** The errors of a `response_action: errors`, by block_id. */
export function ackErrors(payload: Json): Readonly<Record<string, string>> {
  if (!isJson(payload["errors"])) return {};
  return Object.fromEntries(Object.entries(payload["errors"]).map(([blockId, text]) => [blockId, String(text)]));
}
