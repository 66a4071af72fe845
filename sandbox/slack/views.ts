import { SlackApiError } from "./api-error.ts";
import { nameBlocks } from "./block-elements.ts";
import { blockLimits as limits } from "./block-limits.ts";
import type { WorkspaceFaults } from "./faults.ts";
import { isJson, objectsOf, plainOf, textOf } from "./json.ts";
import type { Json, SlackView } from "./model.ts";
import { validateBlocks } from "./validate-blocks.ts";
import type { WorkspaceCore } from "./workspace-core.ts";

/** Slack keeps at most three modals on one another. */
export const modalStackMost = 3;

/** Turns what an app sent into a view; throws `invalid_arguments` with pointers when Slack would not show it. */
export function viewFrom(
  core: WorkspaceCore,
  faults: WorkspaceFaults,
  wanted: { readonly view: unknown; readonly user: string; readonly old?: SlackView; readonly previous?: SlackView },
): SlackView {
  const { view } = wanted;
  if (!isJson(view)) throw new SlackApiError("invalid_arguments", problem("missing required field: view", "/view"));
  const type = view["type"] === "home" ? "home" : "modal";
  checkView(view, type, faults);
  const blocks = objectsOf(view["blocks"]);
  const externalId = textOf(view["external_id"]) ?? null;
  const id = wanted.old?.id ?? core.id("V");
  if (externalId !== null && isTaken(core, externalId, id)) throw new SlackApiError("duplicate_external_id");
  return {
    id,
    externalId,
    type,
    user: wanted.user,
    callbackId: textOf(view["callback_id"]) ?? "",
    privateMetadata: textOf(view["private_metadata"]) ?? "",
    title: plainOf(view["title"]),
    submit: view["submit"] === undefined || view["submit"] === null ? null : plainOf(view["submit"]),
    close: plainOf(view["close"]) || "Cancel",
    blocks: nameBlocks(blocks, core.id),
    notifyOnClose: view["notify_on_close"] === true,
    clearOnClose: view["clear_on_close"] === true,
    hash: core.id("hash"),
    rootViewId: wanted.old?.rootViewId ?? wanted.previous?.rootViewId ?? id,
    previousViewId: wanted.old?.previousViewId ?? wanted.previous?.id ?? null,
  };
}

function isTaken(core: WorkspaceCore, externalId: string, id: string): boolean {
  return [...core.state.modals.values()].flat().some((view) => view.externalId === externalId && view.id !== id);
}

function checkView(view: Json, type: "home" | "modal", faults: WorkspaceFaults): void {
  const blocks = validateBlocks(view["blocks"], type, faults.refusedBlockTypes).problems;
  const problems = blocks.map((each) => each.replace("[json-pointer:", "[json-pointer:/view"));
  const titled = type === "modal" ? (["title", "submit", "close"] as const) : [];
  for (const name of titled) {
    const text = plainOf(view[name]);
    if (name === "title" && text === "")
      problems.push("[ERROR] missing required field: title [json-pointer:/view/title]");
    if (text.length > limits.modalTitle) {
      problems.push(`[ERROR] must be less than ${limits.modalTitle + 1} characters [json-pointer:/view/${name}]`);
    }
  }
  if ((textOf(view["private_metadata"]) ?? "").length > limits.privateMetadata) {
    problems.push(
      `[ERROR] must be less than ${limits.privateMetadata + 1} characters [json-pointer:/view/private_metadata]`,
    );
  }
  const asks = objectsOf(view["blocks"]).some((block) => block["type"] === "input");
  if (type === "modal" && asks && plainOf(view["submit"]) === "") {
    problems.push("[ERROR] missing required field: submit [json-pointer:/view/submit]");
  }
  if (problems.length > 0) throw new SlackApiError("invalid_arguments", { response_metadata: { messages: problems } });
}

function problem(what: string, pointer: string): Json {
  return { response_metadata: { messages: [`[ERROR] ${what} [json-pointer:${pointer}]`] } };
}

/** Spends a trigger: single use, three seconds. */
export function spendTrigger(core: WorkspaceCore, triggerId: string | undefined, now: number): string {
  const trigger = core.state.triggers.get(triggerId ?? "");
  if (trigger === undefined) throw new SlackApiError("invalid_trigger_id");
  if (trigger.used) throw new SlackApiError("exchanged_trigger_id");
  if (now > trigger.expiresAt) throw new SlackApiError("expired_trigger_id");
  trigger.used = true;
  return trigger.user;
}

/** Replaces one view in its owner's stack. */
export function replaceView(core: WorkspaceCore, view: SlackView): void {
  core.setModals(
    view.user,
    core.modalsOf(view.user).map((each) => (each.id === view.id ? view : each)),
  );
}
