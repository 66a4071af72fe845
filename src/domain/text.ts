/**
 * Text with meaning, free of any surface's markup: Slack, mail, the sandbox page and the digest each render it their own way.
 * A plain string is escaped by the renderer; nothing that came from outside is ever markup.
 */
export type Piece =
  | string
  | { readonly bold: string }
  | { readonly code: string }
  /** An instant, shown in each reader's own time zone where the surface can. */
  | { readonly time: number; readonly style: "time" | "date-time" | "ago" }
  /** Slack user id and the name that other surfaces show. */
  | { readonly user: string; readonly name: string }
  | { readonly group: string }
  | { readonly link: string; readonly label: string };

export type Text = readonly Piece[];

const two = (n: number) => String(n).padStart(2, "0");

/** The same text without any markup: mail, logs, notifications, transcripts. Times are UTC. */
export function plain(text: Text): string {
  return text.map(plainPiece).join("");
}

function plainPiece(piece: Piece): string {
  if (typeof piece === "string") return piece;
  if ("bold" in piece) return piece.bold;
  if ("code" in piece) return piece.code;
  if ("time" in piece) return utc(piece.time, piece.style === "date-time");
  if ("user" in piece) return piece.name;
  if ("group" in piece) return `@${piece.group}`;
  return `${piece.label} (${piece.link})`;
}

/** `14:32 UTC`, or `2026-11-21 14:32 UTC` with the date. */
export function utc(ms: number, withDate = false): string {
  const d = new Date(ms);
  const clock = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())} UTC`;
  return withDate ? `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${clock}` : clock;
}

/** `45 s`, `7 min`, `3 h`: a length for people. */
export function length(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return `${Math.round(s / 3600)} h`;
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
