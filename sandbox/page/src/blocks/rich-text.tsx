import type { ReactNode } from "react";
import { Emoji, Mention, SafeLink } from "../text/mrkdwn-text.tsx";
import { slackDate } from "../text/slack-date.ts";
import { useSlack } from "../slack/slack-context.ts";
import { objectOf, objectsOf, textOf, type Json } from "./block-json.ts";
import { UnsupportedBlock } from "./unsupported-block.tsx";

/** A rich_text block: sections, lists, quotes, preformatted text. */
export function RichText({ block }: { readonly block: Json }): ReactNode {
  return (
    <div className="rich-text">
      {objectsOf(block["elements"]).map((part, index) => (
        <RichPart key={index} part={part} />
      ))}
    </div>
  );
}

function RichPart({ part }: { readonly part: Json }): ReactNode {
  switch (part["type"]) {
    case "rich_text_section":
      return (
        <div>
          <RichInlines parts={objectsOf(part["elements"])} />
        </div>
      );
    case "rich_text_list":
      return <RichList list={part} />;
    case "rich_text_quote":
      return (
        <blockquote>
          <RichInlines parts={objectsOf(part["elements"])} />
        </blockquote>
      );
    case "rich_text_preformatted":
      return (
        <pre className="code-block">
          <RichInlines parts={objectsOf(part["elements"])} />
        </pre>
      );
    default:
      return <UnsupportedBlock type={textOf(part["type"]) ?? "rich text"} />;
  }
}

function RichList({ list }: { readonly list: Json }): ReactNode {
  const List = list["style"] === "ordered" ? "ol" : "ul";
  const indent = typeof list["indent"] === "number" ? list["indent"] : 0;
  const offset = typeof list["offset"] === "number" ? list["offset"] : 0;
  return (
    <List style={{ marginInlineStart: `${indent * 24}px` }} {...(List === "ol" ? { start: offset + 1 } : {})}>
      {objectsOf(list["elements"]).map((item, index) => (
        <li key={index}>
          <RichInlines parts={objectsOf(item["elements"])} />
        </li>
      ))}
    </List>
  );
}

function RichInlines({ parts }: { readonly parts: readonly Json[] }): ReactNode {
  return parts.map((part, index) => <RichInline key={index} part={part} />);
}

function RichInline({ part }: { readonly part: Json }): ReactNode {
  const { now } = useSlack();
  const text = textOf(part["text"]) ?? "";
  switch (part["type"]) {
    case "text":
      return <Styled style={objectOf(part["style"])}>{text}</Styled>;
    case "emoji":
      return <Emoji name={textOf(part["name"]) ?? ""} />;
    case "link": {
      const url = textOf(part["url"]) ?? "";
      return (
        <Styled style={objectOf(part["style"])}>
          <SafeLink url={url}>{text === "" ? url : text}</SafeLink>
        </Styled>
      );
    }
    case "user":
      return <Mention part={{ kind: "user", id: textOf(part["user_id"]) ?? "", label: "" }} />;
    case "channel":
      return <Mention part={{ kind: "channel", id: textOf(part["channel_id"]) ?? "", label: "" }} />;
    case "usergroup":
      return <Mention part={{ kind: "group", id: textOf(part["usergroup_id"]) ?? "", label: "" }} />;
    case "broadcast":
      return <Mention part={{ kind: "broadcast", to: textOf(part["range"]) ?? "here" }} />;
    case "date":
      return <time>{slackDate(Number(part["timestamp"]), textOf(part["format"]) ?? "{date_short}", now())}</time>;
    case "color":
      return <code>{textOf(part["value"])}</code>;
    default:
      return text === "" ? `[${textOf(part["type"]) ?? "?"}]` : text;
  }
}

function Styled({ style, children }: { readonly style: Json | undefined; readonly children: ReactNode }): ReactNode {
  let shown = children;
  if (style?.["code"] === true) shown = <code>{shown}</code>;
  if (style?.["bold"] === true) shown = <b>{shown}</b>;
  if (style?.["italic"] === true) shown = <i>{shown}</i>;
  if (style?.["strike"] === true) shown = <s>{shown}</s>;
  if (style?.["underline"] === true) shown = <u>{shown}</u>;
  return shown;
}
