/** Private answers. Every click gets one: through the response URL, else in the channel, else as a direct message. */
import type { KnownBlock } from "@slack/types";
import type { CardModel } from "../domain/cardModel.ts";
import { codeOf } from "../domain/errors.ts";
import { plain, type Text } from "../domain/text.ts";
import type { Log } from "../ports/log.ts";
import { cardBlocks, richBlocks, type MedicBlock, type RichBlock } from "./blocks/card.ts";
import { blockLimits, cut } from "./blocks/limits.ts";
import { escape } from "./blocks/mrkdwn.ts";
import { section } from "./blocks/parts.ts";
import type { Where } from "./press.ts";
import type { Fetch, SlackWebApi } from "./webApi.ts";

export interface Answer {
  readonly text: Text;
  /** Blocks after the text, for example the buttons of a hold. */
  readonly more?: readonly KnownBlock[];
}

export interface Whisper {
  /** Never throws: a lost private answer is logged, the deed itself stands on the card. */
  tell(where: Where, answer: Answer | CardModel): Promise<void>;
}

export function createWhisper(options: {
  readonly api: SlackWebApi;
  readonly log: Log;
  readonly fetch?: Fetch | undefined;
  readonly refused?: ReadonlySet<RichBlock> | undefined;
}): Whisper {
  const { api, log } = options;
  const send = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  return {
    async tell(where, answer) {
      const rich = messageOf(answer, options.refused ?? new Set());
      const plainer = messageOf(answer, new Set(richBlocks));
      const ways = [
        () => byResponseUrl(send, where, rich),
        () => byResponseUrl(send, where, plainer),
        () => inChannel(api, where, plainer),
        () => directly(api, where, plainer),
      ];
      let last: unknown;
      for (const way of ways) {
        try {
          if (await way()) return;
        } catch (error) {
          last = error;
        }
      }
      log.warn("slack-answer-lost", { code: codeOf(last), user: where.user });
    },
  };
}

interface Message {
  readonly text: string;
  readonly blocks: readonly MedicBlock[];
}

function messageOf(answer: Answer | CardModel, refused: ReadonlySet<RichBlock>): Message {
  if ("title" in answer) {
    return {
      text: cut(escape(`${answer.title}. ${plain(answer.summary)}`), blockLimits.text),
      blocks: cardBlocks(answer, refused),
    };
  }
  const text = cut(escape(plain(answer.text)), blockLimits.text);
  return { text, blocks: [section("answer", answer.text), ...(answer.more ?? [])] };
}

/** Response URLs answer five times within thirty minutes, also where the bot is no member. */
async function byResponseUrl(send: Fetch, where: Where, message: Message): Promise<boolean> {
  if (where.responseUrl === undefined) return false;
  const response = await send(where.responseUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ...message,
      response_type: where.aloud === true ? "in_channel" : "ephemeral",
      replace_original: false,
      ...(where.threadTs === undefined ? {} : { thread_ts: where.threadTs }),
    }),
    redirect: "error",
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel().catch(() => undefined);
  return response.ok;
}

async function inChannel(api: SlackWebApi, where: Where, message: Message): Promise<boolean> {
  if (where.channel === undefined) return false;
  await api.call("chat.postEphemeral", {
    channel: where.channel,
    user: where.user,
    ...message,
    ...(where.threadTs === undefined ? {} : { thread_ts: where.threadTs }),
  });
  return true;
}

async function directly(api: SlackWebApi, where: Where, message: Message): Promise<boolean> {
  await api.call("chat.postMessage", { channel: where.user, ...message });
  return true;
}
