import { Fragment, type ReactNode } from "react";
import { useSlack } from "../slack/slack-context.ts";
import { useBeat } from "../clock.ts";
import { emoji } from "./emoji.ts";
import { parseMrkdwn, type Dialect, type Inline, type Paragraph } from "./mrkdwn.ts";
import { slackDate } from "./slack-date.ts";

/** How often "3 minutes ago" is looked at again. */
const agoBeatMs = 5_000;

/** Shows a mrkdwn (or, for the markdown block, Markdown) text. */
export function MrkdwnText({
  text,
  dialect = "mrkdwn",
}: {
  readonly text: string;
  readonly dialect?: Dialect;
}): ReactNode {
  return (
    <div className="mrkdwn">
      {parseMrkdwn(text, dialect).map((paragraph, index) => (
        <ParagraphView key={index} paragraph={paragraph} />
      ))}
    </div>
  );
}

function ParagraphView({ paragraph }: { readonly paragraph: Paragraph }): ReactNode {
  switch (paragraph.kind) {
    case "pre":
      return <pre className="code-block">{paragraph.text}</pre>;
    case "heading":
      return (
        <div className="markdown-heading">
          <InlineText parts={paragraph.children} />
        </div>
      );
    case "quote":
      return (
        <blockquote>
          <Lines lines={paragraph.lines} />
        </blockquote>
      );
    case "list": {
      const List = paragraph.ordered ? "ol" : "ul";
      return (
        <List>
          {paragraph.items.map((item, index) => (
            <li key={index}>
              <InlineText parts={item} />
            </li>
          ))}
        </List>
      );
    }
    case "lines":
      return (
        <div>
          <Lines lines={paragraph.lines} />
        </div>
      );
  }
}

function Lines({ lines }: { readonly lines: readonly (readonly Inline[])[] }): ReactNode {
  return lines.map((line, index) => (
    <Fragment key={index}>
      {index > 0 && <br />}
      <InlineText parts={line} />
    </Fragment>
  ));
}

export function InlineText({ parts }: { readonly parts: readonly Inline[] }): ReactNode {
  return parts.map((part, index) => <InlinePart key={index} part={part} />);
}

function InlinePart({ part }: { readonly part: Inline }): ReactNode {
  switch (part.kind) {
    case "text":
      return part.text;
    case "bold":
      return (
        <b>
          <InlineText parts={part.children} />
        </b>
      );
    case "italic":
      return (
        <i>
          <InlineText parts={part.children} />
        </i>
      );
    case "strike":
      return (
        <s>
          <InlineText parts={part.children} />
        </s>
      );
    case "code":
      return <code>{part.text}</code>;
    case "emoji":
      return <Emoji name={part.name} />;
    case "link":
      return <SafeLink url={part.url}>{part.label}</SafeLink>;
    case "date":
      return <SlackDate {...part} />;
    default:
      return <Mention part={part} />;
  }
}

export function Emoji({ name }: { readonly name: string }): ReactNode {
  const shown = emoji(name);
  const isKnown = !shown.startsWith(":");
  return (
    <span className="emoji" {...(isKnown ? { role: "img", "aria-label": name.replaceAll("_", " ") } : {})}>
      {shown}
    </span>
  );
}

/** Only web and mail addresses become links; anything else an app sends stays text. */
export function SafeLink({ url, children }: { readonly url: string; readonly children: ReactNode }): ReactNode {
  if (!/^(https?:|mailto:)/i.test(url)) return <span>{children}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

function SlackDate(date: {
  readonly seconds: number;
  readonly format: string;
  readonly url: string;
  readonly fallback: string;
}): ReactNode {
  const { now } = useSlack();
  useBeat(date.format.includes("{ago}") ? agoBeatMs : 0);
  const text = Number.isFinite(date.seconds) ? slackDate(date.seconds, date.format, now()) : date.fallback;
  const shown = (
    <time
      dateTime={new Date(date.seconds * 1_000).toISOString()}
      title={new Date(date.seconds * 1_000).toLocaleString()}
    >
      {text}
    </time>
  );
  return date.url === "" ? shown : <SafeLink url={date.url}>{shown}</SafeLink>;
}

type MentionPart = Extract<Inline, { kind: "user" | "channel" | "group" | "broadcast" }>;

export function Mention({ part }: { readonly part: MentionPart }): ReactNode {
  const { slack, openChannel } = useSlack();
  switch (part.kind) {
    case "user": {
      const user = slack.users.find((each) => each.id === part.id);
      const isMe = part.id === slack.person;
      return (
        <span className={isMe ? "mention mention-me" : "mention"}>@{user?.realName ?? (part.label || part.id)}</span>
      );
    }
    case "group": {
      const group = slack.userGroups.find((each) => each.id === part.id);
      const isMine = group?.users.includes(slack.person) === true;
      return (
        <span className={isMine ? "mention mention-me" : "mention"}>
          @{group?.handle ?? (part.label.replace(/^@/, "") || part.id)}
        </span>
      );
    }
    case "broadcast":
      return <span className="mention mention-me">@{part.to.split("|")[0]}</span>;
    case "channel": {
      const channel = slack.channels.find((each) => each.id === part.id);
      if (channel === undefined) return <span className="mention">#{part.label || part.id}</span>;
      return (
        <button type="button" className="mention mention-channel" onClick={() => openChannel(channel.id)}>
          #{channel.name}
        </button>
      );
    }
  }
}
