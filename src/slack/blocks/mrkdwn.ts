/** Text with meaning as Slack's mrkdwn. Whatever came from outside is escaped: it can neither mention nor link nor format. */
import { plain, utc, type Piece, type Text } from "../../domain/text.ts";

/** Slack's three control characters: without them nothing from outside can mention, link or broadcast. */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Also takes the power of a leading `*`, `_` or `~` of foreign text away; inside words Slack leaves them alone anyway. */
function harmless(text: string): string {
  return escape(text).replace(/(^|[^\p{L}\p{N}])([*_~])(?=\S)/gu, "$1\u200b$2\u200b");
}

export function mrkdwn(text: Text): string {
  return text.map(piece).join("");
}

function piece(p: Piece): string {
  if (typeof p === "string") return backticks(p);
  if ("bold" in p) return wrapped("*", p.bold);
  if ("code" in p) return p.code === "" ? "" : `\`${escape(p.code).replaceAll("`", "'")}\``;
  if ("time" in p) return dateMark(p.time, p.style);
  if ("user" in p) return `<@${escape(p.user)}>`;
  if ("group" in p) return `<!subteam^${escape(p.group)}>`;
  return `<${escape(p.link).replaceAll("|", "%7C")}|${harmless(p.label)}>`;
}

/** Our own sentences name commands in backticks; every other mark is defused. */
function backticks(text: string): string {
  return text
    .split(/(`[^`\n]+`)/)
    .map((part, index) => (index % 2 === 1 ? escape(part) : harmless(part)))
    .join("");
}

/** Slack formats only when the mark touches the words: blanks move outside. */
function wrapped(mark: string, text: string): string {
  const core = text.trim();
  if (core === "") return text;
  const start = text.indexOf(core);
  const lines = harmless(core).replaceAll("\n", `${mark}\n${mark}`);
  return `${text.slice(0, start)}${mark}${lines}${mark}${text.slice(start + core.length)}`;
}

/** Rendered in each reader's own time zone; the fallback is UTC. */
function dateMark(ms: number, style: "time" | "date-time" | "ago"): string {
  const format = { time: "{time}", "date-time": "{date_short_pretty} {time}", ago: "{time} ({ago})" }[style];
  return `<!date^${Math.floor(ms / 1000)}^${format}|${utc(ms, style === "date-time")}>`;
}

/** For `text` of a message: notifications and screen readers, so no marks, but escaped. */
export function notification(text: Text): string {
  return escape(plain(text));
}
