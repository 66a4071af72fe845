/** Channel names to ids: chat.update takes ids only. Asked once a name, asked again when Slack no longer knows the id. */
import { ChannelRefused } from "../ports/chat.ts";
import { channelsAnswer } from "./answerShapes.ts";
import type { SlackWebApi } from "./webApi.ts";

export interface Channels {
  /** Accepts `C…`, `#name` or `name`. Throws ChannelRefused when no channel has that name. */
  idOf(channel: string): Promise<string>;
  forget(channel: string): void;
  remember(channel: string, id: string): void;
}

/** 200 a page, so 10,000 channels; a workspace with more must name the id in medic.yaml. */
const pagesMax = 50;

export function createChannels(api: SlackWebApi): Channels {
  const ids = new Map<string, string>();
  const asking = new Map<string, Promise<string>>();
  const look = async (name: string): Promise<string> => {
    let cursor = "";
    for (let page = 0; page < pagesMax; page += 1) {
      const answer = channelsAnswer.parse(
        await api.call("conversations.list", {
          types: "public_channel,private_channel",
          exclude_archived: false,
          limit: 200,
          ...(cursor === "" ? {} : { cursor }),
        }),
      );
      for (const each of answer.channels) if (each.name === name) return each.id;
      cursor = answer.response_metadata?.next_cursor ?? "";
      if (cursor === "") break;
    }
    throw new ChannelRefused(`#${name}`, "channel_not_found");
  };
  return {
    async idOf(channel) {
      if (/^[CGD][A-Z0-9]{6,}$/.test(channel)) return channel;
      const name = channel.replace(/^#/, "");
      const known = ids.get(name);
      if (known !== undefined) return known;
      const running = asking.get(name) ?? look(name).finally(() => asking.delete(name));
      asking.set(name, running);
      const id = await running;
      ids.set(name, id);
      return id;
    },
    forget: (channel) => void ids.delete(channel.replace(/^#/, "")),
    remember: (channel, id) => void ids.set(channel.replace(/^#/, ""), id),
  };
}
