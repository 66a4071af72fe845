import type { ReactNode } from "react";
import type { SlackChannel } from "../../../slack/model.ts";
import { HashIcon, LockIcon } from "../icons.tsx";
import { Avatar } from "./avatar.tsx";
import { useSlack } from "./slack-context.ts";

/** The place that the person looks at: a channel's id, or the app's Home tab. */
export const homePlace = "home";

export function Sidebar(props: {
  readonly at: string;
  readonly unread: Readonly<Record<string, number>>;
  readonly onPick: (place: string) => void;
}): ReactNode {
  const { slack } = useSlack();
  const channels = slack.channels.filter((channel) => channel.imWith === null);
  const direct = slack.channels.filter((channel) => channel.imWith === slack.person);
  const bot = slack.users.find((user) => user.id === slack.botUser);
  const row = (channel: SlackChannel): { className: string; "aria-current"?: "page" } => ({
    className: (props.unread[channel.id] ?? 0) > 0 ? "sidebar-row sidebar-row-unread" : "sidebar-row",
    ...(props.at === channel.id ? { "aria-current": "page" } : {}),
  });
  return (
    <nav className="sidebar" aria-label="Channels">
      <div className="sidebar-head">Channels</div>
      {channels.map((channel) => (
        <button
          key={channel.id}
          type="button"
          {...row(channel)}
          data-testid={`channel-${channel.name}`}
          onClick={() => props.onPick(channel.id)}
        >
          {channel.isPrivate ? <LockIcon /> : <HashIcon />}
          <span className="sidebar-name">{channel.name}</span>
          <Unread count={props.unread[channel.id] ?? 0} />
        </button>
      ))}
      <div className="sidebar-head">Apps</div>
      <button
        type="button"
        className="sidebar-row"
        {...(props.at === homePlace ? { "aria-current": "page" as const } : {})}
        data-testid="app-home"
        onClick={() => props.onPick(homePlace)}
      >
        <Avatar user={bot} size={20} />
        <span className="sidebar-name">{bot?.realName}</span>
      </button>
      {direct.map((channel) => (
        <button
          key={channel.id}
          type="button"
          {...row(channel)}
          data-testid="direct-message"
          onClick={() => props.onPick(channel.id)}
        >
          <Avatar user={bot} size={20} />
          <span className="sidebar-name">Messages</span>
          <Unread count={props.unread[channel.id] ?? 0} />
        </button>
      ))}
    </nav>
  );
}

function Unread({ count }: { readonly count: number }): ReactNode {
  if (count === 0) return null;
  return (
    <span className="unread" aria-label={`${count} unread`}>
      {count > 99 ? "99+" : count}
    </span>
  );
}
