import { SlackApiError } from "./api-error.ts";
import type { CallArguments } from "./call-arguments.ts";
import type { Json } from "./model.ts";

/** Slack allows at most this many entries in one answer. */
const mostEntries = 1_000;

/** One page of a list, with Slack's `response_metadata.next_cursor` (empty at the end). */
export function page<Item>(
  items: readonly Item[],
  args: CallArguments,
  fallbackLimit: number,
): { readonly items: readonly Item[]; readonly metadata: Json; readonly hasMore: boolean } {
  const limit = Math.min(args.number("limit", fallbackLimit), mostEntries);
  const start = readCursor(args.text("cursor"));
  const end = start + limit;
  const hasMore = end < items.length;
  const next = hasMore ? Buffer.from(`next:${end}`).toString("base64") : "";
  return { items: items.slice(start, end), metadata: { response_metadata: { next_cursor: next } }, hasMore };
}

function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const found = /^next:(\d+)$/.exec(Buffer.from(cursor, "base64").toString("utf8"));
  if (found === null) throw new SlackApiError("invalid_cursor");
  return Number(found[1]);
}
