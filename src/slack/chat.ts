/** The Chat port over Slack's Web API. It sends once and says exactly what came of it; pace, order and repair are the sender's. */
import type { CardModel } from "../domain/cardModel.ts";
import type { Text } from "../domain/text.ts";
import { ChannelRefused, MessageGone, type Chat, type MessageRef } from "../ports/chat.ts";
import type { Log } from "../ports/log.ts";
import { messagesAnswer, postAnswer } from "./answerShapes.ts";
import { cardMessage, richBlocks, richBlocksOf, type RichBlock } from "./blocks/card.ts";
import { blockLimits, cutMarkup } from "./blocks/limits.ts";
import { mrkdwn } from "./blocks/mrkdwn.ts";
import { createChannels, type Channels } from "./channels.ts";
import type { People } from "./people.ts";
import { SlackRefusal, type SlackWebApi } from "./webApi.ts";

export interface SlackChatOptions {
  readonly api: SlackWebApi;
  readonly people: People;
  readonly log: Log;
  readonly channels?: Channels | undefined;
}

const replyEvent = "ec2_medic_reply";
const cardEvent = "ec2_medic_card";
/** Pages of history that are read to find a card again: 200 messages each, newest first. */
const historyPagesMax = 5;

/** What only another channel can mend. */
const channelErrors = new Set([
  "channel_not_found",
  "not_in_channel",
  "is_archived",
  "restricted_action",
  "restricted_action_read_only_channel",
  "restricted_action_thread_only_channel",
  "restricted_action_non_threadable_channel",
  "no_permission",
  "team_access_not_granted",
]);

/** What only a new post can mend. */
const goneErrors = new Set(["message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"]);

export function createSlackChat(options: SlackChatOptions): Chat & { readonly refused: ReadonlySet<RichBlock> } {
  const { api, people, log } = options;
  const channels = options.channels ?? createChannels(api);
  const refused = new Set<RichBlock>();
  const withFallback = fallback(refused, log);

  return {
    refused,
    mayApprove: (person, approvers) => people.mayApprove(person, approvers),
    async post(channel, card) {
      const answer = await inChannel(channel, () =>
        withFallback(card, (message) => api.call("chat.postMessage", { channel, ...message, ...quiet })),
      );
      const ref = postAnswer.parse(answer);
      channels.remember(channel, ref.channel);
      return { channel: ref.channel, ts: ref.ts };
    },
    async update(ref, card) {
      await onMessage(ref, () =>
        withFallback(card, (message) => api.call("chat.update", { channel: ref.channel, ts: ref.ts, ...message })),
      );
    },
    async reply(ref, text, { key, broadcast }) {
      const answer = await onMessage(ref, () =>
        api.call("chat.postMessage", {
          channel: ref.channel,
          thread_ts: ref.ts,
          text: replyText(text),
          metadata: { event_type: replyEvent, event_payload: { key } },
          ...(broadcast ? { reply_broadcast: true } : {}),
          ...quiet,
        }),
      );
      const sent = postAnswer.parse(answer);
      return { channel: sent.channel, ts: sent.ts };
    },
    async find(channel, key, since) {
      const id = await channels.idOf(channel);
      const found = await look({
        api,
        method: "conversations.history",
        key,
        event: cardEvent,
        args: { channel: id, oldest: seconds(since) },
      });
      return found === undefined ? undefined : { channel: id, ts: found };
    },
    async findReply(ref, key) {
      const args = { channel: ref.channel, ts: ref.ts };
      const found = await look({ api, method: "conversations.replies", key, event: replyEvent, args });
      return found === undefined ? undefined : { channel: ref.channel, ts: found };
    },
  };
}

const quiet = { unfurl_links: false, unfurl_media: false } as const;

function replyText(text: Text): string {
  return cutMarkup(mrkdwn(text), blockLimits.text);
}

function seconds(ms: number): string {
  return (Math.max(0, ms) / 1000).toFixed(6);
}

type Message = ReturnType<typeof cardMessage>;

/** Newer blocks are tried until the workspace refuses one; from then on their plain forms are sent at once. */
function fallback(refused: Set<RichBlock>, log: Log) {
  return async <T>(card: CardModel, send: (message: Message) => Promise<T>): Promise<T> => {
    try {
      return await send(cardMessage(card, refused));
    } catch (error) {
      const used = richBlocksOf(card).filter((each) => !refused.has(each));
      if (!isBlockRefusal(error) || used.length === 0) throw error;
      const guilty = blamed(error, used);
      const answer = await sendPlainer(card, { refused, guilty, used, send });
      log.warn("slack-block-refused", { blocks: guilty.join(","), next: "plain blocks are used from now on" });
      return answer;
    }
  };
}

async function sendPlainer<T>(
  card: CardModel,
  attempt: {
    readonly refused: Set<RichBlock>;
    readonly guilty: readonly RichBlock[];
    readonly used: readonly RichBlock[];
    readonly send: (message: Message) => Promise<T>;
  },
): Promise<T> {
  const { refused, guilty, used, send } = attempt;
  try {
    const answer = await send(cardMessage(card, new Set([...refused, ...guilty])));
    for (const each of guilty) refused.add(each);
    return answer;
  } catch (error) {
    if (!isBlockRefusal(error) || guilty.length === used.length) throw error;
    const answer = await send(cardMessage(card, new Set(richBlocks)));
    for (const each of used) refused.add(each);
    return answer;
  }
}

function isBlockRefusal(error: unknown): error is SlackRefusal {
  return error instanceof SlackRefusal && ["invalid_blocks", "invalid_blocks_format"].includes(error.slackError);
}

const blockTypes: Readonly<Record<RichBlock, string>> = {
  plan: "plan",
  chart: "data_visualization",
  table: "table",
};

/** Slack names the type it does not take; when it does not, all newer ones go. */
function blamed(error: SlackRefusal, used: readonly RichBlock[]): readonly RichBlock[] {
  const named = used.filter((each) => error.details.some((detail) => detail.includes(blockTypes[each])));
  return named.length > 0 ? named : used;
}

async function inChannel<T>(channel: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof SlackRefusal && channelErrors.has(error.slackError)) {
      throw new ChannelRefused(channel, error.slackError);
    }
    throw error;
  }
}

async function onMessage<T>(ref: MessageRef, send: () => Promise<T>): Promise<T> {
  try {
    return await inChannel(ref.channel, send);
  } catch (error) {
    if (error instanceof SlackRefusal && goneErrors.has(error.slackError)) throw new MessageGone(ref);
    throw error;
  }
}

async function look(search: {
  readonly api: SlackWebApi;
  readonly method: "conversations.history" | "conversations.replies";
  readonly key: string;
  readonly event: string;
  readonly args: Readonly<Record<string, unknown>>;
}): Promise<string | undefined> {
  let cursor = "";
  for (let page = 0; page < historyPagesMax; page += 1) {
    const answer = messagesAnswer.parse(
      await search.api.call(search.method, {
        ...search.args,
        limit: 200,
        include_all_metadata: true,
        ...(cursor === "" ? {} : { cursor }),
      }),
    );
    const found = answer.messages.find(
      ({ metadata }) => metadata?.event_type === search.event && metadata.event_payload?.["key"] === search.key,
    );
    if (found) return found.ts;
    cursor = answer.response_metadata?.next_cursor ?? "";
    if (cursor === "") return undefined;
  }
  return undefined;
}
