import type { ReactNode } from "react";
import { withEmoji } from "../text/emoji.ts";
import { MrkdwnText } from "../text/mrkdwn-text.tsx";
import { isJson, plainOf } from "./block-json.ts";

/** A plain_text or mrkdwn object. */
export function TextObject({ value }: { readonly value: unknown }): ReactNode {
  if (!isJson(value)) return null;
  if (value["type"] === "mrkdwn") return <MrkdwnText text={plainOf(value)} />;
  return <span className="plain-text">{withEmoji(plainOf(value))}</span>;
}
