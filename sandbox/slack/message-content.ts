import { SlackApiError } from "./api-error.ts";
import { nameBlocks } from "./block-elements.ts";
import { blockLimits } from "./block-limits.ts";
import type { WorkspaceFaults } from "./faults.ts";
import { isJson, objectsOf } from "./json.ts";
import type { Json } from "./model.ts";
import { validateBlocks } from "./validate-blocks.ts";
import type { WorkspaceCore } from "./workspace-core.ts";

export interface MessageContent {
  readonly text: string;
  readonly blocks: readonly Json[];
  readonly attachments: readonly Json[];
}

/**
 * Checks what somebody wants to say and names its blocks. Throws Slack's own errors: `no_text`, `msg_too_long`,
 * `invalid_blocks`, `msg_blocks_too_long`, `invalid_blocks_format`.
 */
export function messageContent(
  core: WorkspaceCore,
  faults: WorkspaceFaults,
  said: { readonly text: unknown; readonly blocks: unknown; readonly attachments: unknown },
): MessageContent {
  const text = typeof said.text === "string" ? said.text : "";
  if (text.length > blockLimits.messageText) throw new SlackApiError("msg_too_long");
  if (said.blocks !== undefined && !Array.isArray(said.blocks)) throw new SlackApiError("invalid_blocks_format");
  const attachments = objectsOf(said.attachments);
  const blocks = objectsOf(said.blocks);
  if (text === "" && blocks.length === 0 && attachments.length === 0) throw new SlackApiError("no_text");
  checkBlocks(said.blocks ?? [], faults);
  for (const attachment of attachments) checkBlocks(attachment["blocks"] ?? [], faults);
  return {
    text,
    blocks: nameBlocks(blocks, core.id),
    attachments: attachments.map((each) => ({ ...each, blocks: nameBlocks(objectsOf(each["blocks"]), core.id) })),
  };
}

function checkBlocks(blocks: unknown, faults: WorkspaceFaults): void {
  const verdict = validateBlocks(blocks, "message", faults.refusedBlockTypes);
  if (verdict.problems.length > 0) {
    throw new SlackApiError("invalid_blocks", {
      errors: verdict.problems.map((problem) => problem.replace("[ERROR] ", "")),
      response_metadata: { messages: verdict.problems },
    });
  }
  if (verdict.tooLong) throw new SlackApiError("msg_blocks_too_long");
}

/** Metadata as it will be read back, null when there is none or it is emptied. */
export function messageMetadata(value: unknown): Json | null {
  if (value === undefined || value === null) return null;
  if (!isJson(value)) throw new SlackApiError("invalid_metadata_format");
  if (Object.keys(value).length === 0) return null;
  if (typeof value["event_type"] !== "string" || !isJson(value["event_payload"])) {
    throw new SlackApiError("invalid_metadata_schema");
  }
  if (JSON.stringify(value).length > blockLimits.metadataBytes) throw new SlackApiError("metadata_too_large");
  return value;
}
