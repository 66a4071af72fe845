import { useState, type ReactNode } from "react";
import { Blocks } from "../blocks/block.tsx";
import { CloseIcon, HashIcon, MenuIcon } from "../icons.tsx";
import { Composer } from "./composer.tsx";
import { ModalStack } from "./modal.tsx";
import { MessagePlace } from "./place.tsx";
import { PeopleSwitch } from "./people-switch.tsx";
import { homePlace, Sidebar } from "./sidebar.tsx";
import { useSlack } from "./slack-context.ts";
import { TimelineView } from "./timeline-view.tsx";
import { useUnread } from "./unread.ts";

export interface OpenThread {
  readonly channel: string;
  readonly ts: string;
}

/** The Slack half of the page. */
export function SlackWindow(props: {
  readonly at: string;
  readonly thread: OpenThread | null;
  readonly onPick: (place: string) => void;
  readonly onCloseThread: () => void;
}): ReactNode {
  const { slack, send } = useSlack();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const unread = useUnread(slack, props.at);
  const pick = (place: string): void => {
    setMenuOpen(false);
    props.onPick(place);
    // A workspace without the app's Home tab simply shows the empty one.
    if (place === homePlace) send({ type: "open-home" }).catch(() => undefined);
  };
  return (
    <section
      className={`slack${props.thread === null ? "" : " slack-with-thread"}${isMenuOpen ? " slack-menu-open" : ""}`}
      aria-label="Slack"
      data-testid="slack"
    >
      <div className="slack-top">
        <button
          type="button"
          className="menu-button"
          aria-label="Channels"
          aria-expanded={isMenuOpen}
          data-testid="channel-menu"
          onClick={() => setMenuOpen(!isMenuOpen)}
        >
          <MenuIcon />
        </button>
        <div className="team">{slack.teamName}</div>
        <PeopleSwitch />
      </div>
      <div className="slack-panes">
        <Sidebar at={props.at} unread={unread} onPick={pick} />
        {isMenuOpen && (
          <button type="button" className="menu-shade" aria-label="Close channels" onClick={() => setMenuOpen(false)} />
        )}
        <main className="pane">{props.at === homePlace ? <AppHome /> : <ChannelPane channel={props.at} />}</main>
        {props.thread !== null && <ThreadPane thread={props.thread} onClose={props.onCloseThread} />}
      </div>
      <ModalStack />
    </section>
  );
}

function Banners(): ReactNode {
  const { slack } = useSlack();
  if (slack.down) {
    return (
      <div className="banner banner-bad" role="status" data-testid="slack-down-banner">
        Slack is down. Nothing arrives, nothing leaves.
      </div>
    );
  }
  if (slack.listeners > 0) return null;
  return (
    <div className="banner" role="status" data-testid="bot-away-banner">
      The bot is not connected: buttons and commands will not be answered.
    </div>
  );
}

function ChannelPane({ channel: id }: { readonly channel: string }): ReactNode {
  const { slack } = useSlack();
  const channel = slack.channels.find((each) => each.id === id);
  if (channel === undefined) return null;
  const name = channel.imWith === null ? channel.name : "ec2-medic";
  const botIsHere = channel.members.includes(slack.botUser);
  return (
    <>
      <header className="pane-head">
        <h2 data-testid="channel-name">
          {channel.imWith === null && <HashIcon />}
          {name}
        </h2>
        <span className="topic">{channel.topic}</span>
      </header>
      <Banners />
      <TimelineView
        channel={channel.id}
        threadTs={null}
        empty={
          <div className="empty">
            <b>{channel.imWith === null ? `This is the very beginning of #${name}` : "No messages yet"}</b>
            <p>
              {botIsHere
                ? "It is quiet. Break something in the account and the card appears here."
                : "The bot is not in this channel."}
            </p>
          </div>
        }
      />
      {channel.isArchived ? (
        <div className="archived">This channel is archived.</div>
      ) : (
        <Composer
          key={channel.id}
          channel={channel.id}
          threadTs={null}
          placeholder={channel.imWith === null ? `Message #${name} or type /` : "Message ec2-medic"}
        />
      )}
    </>
  );
}

function ThreadPane({ thread, onClose }: { readonly thread: OpenThread; readonly onClose: () => void }): ReactNode {
  const { slack } = useSlack();
  const channel = slack.channels.find((each) => each.id === thread.channel);
  return (
    <aside
      className="pane thread-pane"
      aria-label="Thread"
      data-testid="thread"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header className="pane-head">
        <h2>Thread</h2>
        <span className="topic">#{channel?.name}</span>
        <button
          type="button"
          className="icon-button"
          aria-label="Close thread"
          data-testid="close-thread"
          onClick={onClose}
        >
          <CloseIcon />
        </button>
      </header>
      <TimelineView
        channel={thread.channel}
        threadTs={thread.ts}
        empty={<div className="empty">This thread is gone.</div>}
      />
      <Composer key={thread.ts} channel={thread.channel} threadTs={thread.ts} placeholder="Reply…" />
    </aside>
  );
}

function AppHome(): ReactNode {
  const { slack } = useSlack();
  return (
    <>
      <header className="pane-head">
        <h2>ec2-medic</h2>
        <span className="topic">Home</span>
      </header>
      <Banners />
      <div className="timeline app-home" data-testid="home">
        {slack.home === null ? (
          <div className="empty">
            <b>Nothing here</b>
            <p>The app has not published a Home tab for you.</p>
          </div>
        ) : (
          <MessagePlace target={{ viewId: slack.home.id }}>
            <Blocks blocks={slack.home.blocks} />
          </MessagePlace>
        )}
      </div>
    </>
  );
}
