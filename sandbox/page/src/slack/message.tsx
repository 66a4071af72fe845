import type { ReactNode } from "react";
import type { EphemeralMessage, SlackMessage, SlackUser } from "../../../slack/model.ts";
import { Blocks } from "../blocks/block.tsx";
import { objectsOf, textOf } from "../blocks/block-json.ts";
import { EyeIcon, ThreadIcon } from "../icons.tsx";
import { MrkdwnText } from "../text/mrkdwn-text.tsx";
import { agoText, clockTime } from "../text/slack-date.ts";
import { Avatar } from "./avatar.tsx";
import { MessagePlace } from "./place.tsx";
import { useSlack } from "./slack-context.ts";

/** One message. `isCompact` leaves out name and picture when the same person goes on. */
export function Message(props: {
  readonly message: SlackMessage;
  readonly isCompact: boolean;
  readonly inThread: boolean;
}): ReactNode {
  const { message } = props;
  const { slack, now, openThread } = useSlack();
  const author = slack.users.find((user) => user.id === message.user);
  const rootTs = message.threadTs ?? message.ts;
  return (
    <article
      className={props.isCompact ? "message message-compact" : "message"}
      data-testid="message"
      data-ts={message.ts}
      data-channel={message.channel}
      data-user={message.user}
    >
      <Gutter author={author} ts={message.ts} isCompact={props.isCompact} />
      <div className="message-main">
        {!props.isCompact && <Byline author={author} ts={message.ts} />}
        {message.broadcast && !props.inThread && (
          <button type="button" className="thread-note" onClick={() => openThread(message.channel, rootTs)}>
            replied to a thread
          </button>
        )}
        <MessagePlace target={{ channel: message.channel, ts: message.ts }}>
          <MessageBody message={message} />
        </MessagePlace>
        {!props.inThread && message.replyCount > 0 && (
          <button
            type="button"
            className="thread-link"
            data-testid="open-thread"
            onClick={() => openThread(message.channel, message.ts)}
          >
            {message.replyUsers.slice(0, 3).map((id) => (
              <Avatar key={id} user={slack.users.find((user) => user.id === id)} size={22} />
            ))}
            <b>
              {message.replyCount} {message.replyCount === 1 ? "reply" : "replies"}
            </b>
            {message.latestReply !== null && (
              <span>Last reply {agoText(Number(message.latestReply) * 1_000, now())}</span>
            )}
          </button>
        )}
      </div>
      {!props.inThread && (
        <div className="message-tools">
          <button
            type="button"
            aria-label="Reply in thread"
            title="Reply in thread"
            onClick={() => openThread(message.channel, rootTs)}
          >
            <ThreadIcon />
          </button>
        </div>
      )}
    </article>
  );
}

function MessageBody({ message }: { readonly message: SlackMessage }): ReactNode {
  if (message.subtype === "tombstone") return <span className="tombstone">{message.text}</span>;
  const hasBlocks = message.blocks.length > 0;
  return (
    <>
      {hasBlocks ? <Blocks blocks={message.blocks} /> : <MrkdwnText text={message.text} />}
      {message.editedTs !== null && <span className="edited"> (edited)</span>}
      {message.attachments.map((attachment, index) => (
        <div key={index} className="attachment" style={{ borderInlineStartColor: colourOf(attachment["color"]) }}>
          {textOf(attachment["title"]) !== undefined && <b>{textOf(attachment["title"])}</b>}
          {textOf(attachment["text"]) !== undefined && <MrkdwnText text={textOf(attachment["text"]) ?? ""} />}
          <Blocks blocks={objectsOf(attachment["blocks"])} />
        </div>
      ))}
    </>
  );
}

function colourOf(value: unknown): string {
  const named: Readonly<Record<string, string>> = { good: "#2eb886", warning: "#daa038", danger: "#a30200" };
  const text = textOf(value) ?? "";
  return named[text] ?? (/^#[0-9a-f]{3,6}$/i.test(text) ? text : "var(--line)");
}

/** A private answer: seen by one person, gone when dismissed. */
export function Ephemeral({ answer }: { readonly answer: EphemeralMessage }): ReactNode {
  const { slack, send, toast } = useSlack();
  const author = slack.users.find((user) => user.id === answer.from);
  return (
    <article className="message message-ephemeral" data-testid="ephemeral" data-id={answer.id}>
      <div className="ephemeral-note">
        <EyeIcon /> Only visible to you
      </div>
      <Gutter author={author} ts={answer.ts} isCompact={false} />
      <div className="message-main">
        <Byline author={author} ts={answer.ts} />
        <MessagePlace target={{ ephemeralId: answer.id }}>
          {answer.blocks.length > 0 ? <Blocks blocks={answer.blocks} /> : <MrkdwnText text={answer.text} />}
        </MessagePlace>
        <button
          type="button"
          className="dismiss"
          onClick={() => {
            send({ type: "dismiss", ephemeralId: answer.id }).catch((error: unknown) => toast(String(error)));
          }}
        >
          Dismiss
        </button>
      </div>
    </article>
  );
}

function Gutter(props: {
  readonly author: SlackUser | undefined;
  readonly ts: string;
  readonly isCompact: boolean;
}): ReactNode {
  return (
    <div className="gutter">
      {props.isCompact ? (
        <time className="gutter-time">{clockTime(new Date(Number(props.ts) * 1_000))}</time>
      ) : (
        <Avatar user={props.author} />
      )}
    </div>
  );
}

function Byline({ author, ts }: { readonly author: SlackUser | undefined; readonly ts: string }): ReactNode {
  const at = new Date(Number(ts) * 1_000);
  return (
    <div className="byline">
      <b className="author">{author?.realName ?? "Slackbot"}</b>
      {author?.isBot !== false && <span className="app-badge">APP</span>}
      <time dateTime={at.toISOString()} title={at.toLocaleString()}>
        {clockTime(at)}
      </time>
    </div>
  );
}
