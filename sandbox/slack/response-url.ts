import { SlackApiError } from "./api-error.ts";
import type { WorkspaceFaults } from "./faults.ts";
import { isJson, textOf } from "./json.ts";
import { messageContent } from "./message-content.ts";
import { edit, post, postPrivately, remove } from "./messages.ts";
import type { Json } from "./model.ts";
import type { WorkspaceCore } from "./workspace-core.ts";
import type { ResponseTicket } from "./workspace-state.ts";

/** Answers a POST to a `response_url`: five uses in thirty minutes, private unless it says `in_channel`. */
export async function answerResponseUrl(
  core: WorkspaceCore,
  faults: WorkspaceFaults,
  call: { readonly id: string; readonly request: Request },
): Promise<Response> {
  try {
    const ticket = core.state.responseTickets.get(call.id);
    if (ticket === undefined || core.now() > ticket.expiresAt) throw new SlackApiError("expired_url");
    if (ticket.usesLeft <= 0) throw new SlackApiError("used_url");
    const said = readBody(await call.request.text());
    say(core, faults, { ticket, said });
    ticket.usesLeft -= 1;
    return new Response("ok");
  } catch (error) {
    if (!(error instanceof SlackApiError)) throw error;
    const isGone = error.code === "expired_url" || error.code === "used_url";
    return Response.json({ ok: false, error: error.code, ...error.extra }, { status: isGone ? 404 : 400 });
  }
}

function readBody(body: string): Json {
  try {
    const parsed: unknown = JSON.parse(body);
    if (isJson(parsed)) return parsed;
  } catch {
    // Falls through to Slack's own complaint.
  }
  throw new SlackApiError("invalid_payload");
}

function say(
  core: WorkspaceCore,
  faults: WorkspaceFaults,
  { ticket, said }: { readonly ticket: ResponseTicket; readonly said: Json },
): void {
  if (said["delete_original"] === true) return deleteOriginal(core, ticket);
  const content = messageContent(core, faults, {
    text: said["text"],
    blocks: said["blocks"],
    attachments: said["attachments"],
  });
  const { original, channel, user } = ticket;
  const { botUser } = core.state.app;
  if (said["replace_original"] === true && original !== null) {
    if ("ephemeralId" in original) {
      const old = core.state.ephemeral.get(user)?.find((each) => each.id === original.ephemeralId);
      if (old !== undefined) return core.putEphemeral({ ...old, text: content.text, blocks: content.blocks });
    } else {
      const message = core.message(channel, original.ts);
      if (message === undefined) throw new SlackApiError("message_not_found");
      edit(core, message, content);
      return;
    }
  }
  const threadTs = textOf(said["thread_ts"]) ?? ticket.threadTs;
  if (said["response_type"] === "in_channel") {
    post(core, { ...content, channel, user: botUser, threadTs, broadcast: false, metadata: null });
    return;
  }
  postPrivately(core, { ...content, channel, threadTs, to: user, from: botUser });
}

function deleteOriginal(core: WorkspaceCore, { original, channel, user }: ResponseTicket): void {
  if (original === null) return;
  if ("ephemeralId" in original) return core.dropEphemeral(user, original.ephemeralId);
  const message = core.message(channel, original.ts);
  if (message !== undefined) remove(core, message);
}
