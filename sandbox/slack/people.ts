import { confirmOf, findElement, optionsOf } from "./block-elements.ts";
import { mergedState } from "./input-state.ts";
import { objectsOf } from "./json.ts";
import { messageContent } from "./message-content.ts";
import { post, postPrivately } from "./messages.ts";
import type { ActResult, ClickAct, CommandAct, Json, SayAct, SlackMessage } from "./model.ts";
import { blockActionsPayload, commandPayload, escapeNames, eventPayload, type ClickedPlace } from "./payloads.ts";
import { sightOf, slackIsDown, type PeopleParts } from "./people-sight.ts";
import { viewActs, type ViewActs } from "./people-views.ts";
import type { WorkspaceCore } from "./workspace-core.ts";

/** What people do. Each resolves with what the person sees at once; nothing throws for something a person could do. */
export interface People extends ViewActs {
  click(act: ClickAct): Promise<ActResult>;
  /** Yes in the confirm dialog of the element: `click` with the dialog behind it. */
  confirm(act: ClickAct): Promise<ActResult>;
  selectOverflow(act: ClickAct): Promise<ActResult>;
  command(act: CommandAct): Promise<ActResult>;
  say(act: SayAct): Promise<ActResult>;
}

export function createPeople(parts: PeopleParts): People {
  const click = (act: ClickAct): Promise<ActResult> => clickElement(parts, act);
  return {
    click,
    confirm: (act) => click({ ...act, confirmed: true }),
    selectOverflow: click,
    command: (act) => runCommand(parts, act),
    say: (act) => say(parts, act),
    ...viewActs(parts),
  };
}

/** Messages that Slack shows by itself, for example when an app is silent, come from here. */
const slackbot = "USLACKBOT";

const buttonGone = "That is no longer offered: the message has changed since you looked.";

async function clickElement(parts: PeopleParts, act: ClickAct): Promise<ActResult> {
  const { core, faults, dispatcher } = parts;
  if (faults.down !== false) return slackIsDown;
  const found = placeOf(core, act);
  if (typeof found === "string") return { kind: "refused", reason: found };
  const { place, blocks } = found;
  const placed = findElement(blocks, act);
  if (placed === undefined) return { kind: "refused", reason: buttonGone };
  const { element, blockId } = placed;
  if (needsOption(element) && !optionsOf(element).some((option) => option["value"] === act.value)) {
    return { kind: "refused", reason: `"${act.actionId}" has no option "${act.value ?? ""}".` };
  }
  const dialog = confirmOf(element);
  if (dialog !== undefined && act.confirmed !== true) return { kind: "confirm", dialog };
  const state = mergedState(blocks, act.state ?? {});
  const payload = blockActionsPayload(core, act, { place, blockId, element, state });
  const seen = sightOf(core, act.user);
  const ack = await dispatcher.send({ type: "interactive", payload });
  return seen(ack, "This app did not respond. Try again, or tell the person who looks after it.");
}

function needsOption(element: Json): boolean {
  return element["type"] === "overflow" || element["type"] === "static_select" || element["type"] === "radio_buttons";
}

function placeOf(core: WorkspaceCore, act: ClickAct): { place: ClickedPlace; blocks: readonly Json[] } | string {
  const nowhere: ClickedPlace = { channel: null, message: null, ephemeralId: null, ephemeralTs: null, view: null };
  if (act.viewId !== undefined) {
    const home = core.state.homes.get(act.user);
    const view = home?.id === act.viewId ? home : core.modalsOf(act.user).find((each) => each.id === act.viewId);
    return view === undefined ? "This window is no longer open." : { place: { ...nowhere, view }, blocks: view.blocks };
  }
  if (act.ephemeralId !== undefined) {
    const answer = core.state.ephemeral.get(act.user)?.find((each) => each.id === act.ephemeralId);
    if (answer === undefined) return "This private answer is gone.";
    const channel = core.state.channels.get(answer.channel) ?? null;
    return { place: { ...nowhere, channel, ephemeralId: answer.id, ephemeralTs: answer.ts }, blocks: answer.blocks };
  }
  const channel = core.state.channels.get(act.channel ?? "");
  if (channel === undefined || !channel.members.includes(act.user)) return "You are not in this channel.";
  if (channel.isArchived) return "This channel is archived.";
  const message = core.message(channel.id, act.ts ?? "");
  if (message === undefined) return "This message was deleted.";
  return { place: { ...nowhere, channel, message }, blocks: allBlocks(message) };
}

function allBlocks(message: SlackMessage): readonly Json[] {
  return [...message.blocks, ...message.attachments.flatMap((each) => objectsOf(each["blocks"]))];
}

async function runCommand(parts: PeopleParts, act: CommandAct): Promise<ActResult> {
  const { core, faults, dispatcher } = parts;
  if (faults.down !== false) return slackIsDown;
  const channel = core.state.channels.get(act.channel);
  if (channel === undefined || !channel.members.includes(act.user)) {
    return { kind: "refused", reason: "You are not in this channel." };
  }
  const command = act.text.trim().split(/\s+/)[0] ?? "";
  const seen = sightOf(core, act.user);
  const ack = await dispatcher.send({ type: "slash_commands", payload: commandPayload(core, act, channel) });
  if (ack.kind === "acked") answerCommand(parts, act, ack.payload);
  const result = seen(ack, ack.kind === "acked" ? "" : `${command} failed with the error "${ack.error}"`);
  if (result.kind === "no-response") whisper(core, act, result.text);
  return result;
}

/** The body of a slash command's ack: private unless it says `in_channel`. */
function answerCommand({ core, faults }: PeopleParts, act: CommandAct, answer: Json): void {
  if (Object.keys(answer).length === 0) return;
  const content = messageContent(core, faults, {
    text: answer["text"],
    blocks: answer["blocks"],
    attachments: answer["attachments"],
  });
  const { botUser } = core.state.app;
  if (answer["response_type"] === "in_channel") {
    post(core, { ...content, channel: act.channel, user: botUser, threadTs: null, broadcast: false, metadata: null });
    return;
  }
  postPrivately(core, { ...content, channel: act.channel, threadTs: null, to: act.user, from: botUser });
}

function whisper(core: WorkspaceCore, act: CommandAct, text: string): void {
  postPrivately(core, {
    text,
    blocks: [],
    attachments: [],
    channel: act.channel,
    threadTs: null,
    to: act.user,
    from: slackbot,
  });
}

async function say({ core, faults, dispatcher }: PeopleParts, act: SayAct): Promise<ActResult> {
  if (faults.down !== false) return slackIsDown;
  const channel = core.state.channels.get(act.channel);
  if (channel === undefined || !channel.members.includes(act.user)) {
    return { kind: "refused", reason: "You are not in this channel." };
  }
  if (channel.isArchived) return { kind: "refused", reason: "This channel is archived." };
  if (act.text.trim() === "") return { kind: "refused", reason: "There is nothing to send." };
  const message = post(core, {
    text: escapeNames(core, act.text, false),
    blocks: [],
    attachments: [],
    channel: channel.id,
    user: act.user,
    threadTs: act.threadTs ?? null,
    broadcast: false,
    metadata: null,
  });
  if (message.text.includes(`<@${core.state.app.botUser}>`)) {
    void dispatcher.sendEvent(
      eventPayload(core, {
        type: "app_mention",
        user: act.user,
        text: message.text,
        ts: message.ts,
        channel: channel.id,
        event_ts: message.ts,
        ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
      }),
    );
  }
  return { kind: "done", replies: [], view: null };
}
