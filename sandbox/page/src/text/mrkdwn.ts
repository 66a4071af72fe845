/** Slack's mrkdwn as a tree. Pure: what it becomes on the screen is `mrkdwn-text.tsx`'s business. */

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bold" | "italic" | "strike"; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "link"; readonly url: string; readonly label: string }
  | { readonly kind: "user" | "channel" | "group"; readonly id: string; readonly label: string }
  | { readonly kind: "broadcast"; readonly to: string }
  | {
      readonly kind: "date";
      readonly seconds: number;
      readonly format: string;
      readonly url: string;
      readonly fallback: string;
    }
  | { readonly kind: "emoji"; readonly name: string };

export type Paragraph =
  | { readonly kind: "lines"; readonly lines: readonly (readonly Inline[])[] }
  | { readonly kind: "quote"; readonly lines: readonly (readonly Inline[])[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: "heading"; readonly children: readonly Inline[] }
  | { readonly kind: "pre"; readonly text: string };

export type Dialect = "mrkdwn" | "markdown";

/** Reads a whole text. `markdown` is the dialect of the markdown block: `**bold**`, `[label](url)`, headings. */
export function parseMrkdwn(source: string, dialect: Dialect = "mrkdwn"): readonly Paragraph[] {
  return source.split(/\n?```\n?([\s\S]*?)```/g).flatMap((part, index): readonly Paragraph[] => {
    if (index % 2 === 1) return [{ kind: "pre", text: unescaped(part.replace(/\n$/, "")) }];
    const text = index === 0 ? part : part.replace(/^\n/, "");
    return text === "" ? [] : parseLines(text, dialect);
  });
}

type LineKind = "lines" | "quote" | "bullet" | "ordered" | "heading";

function parseLines(text: string, dialect: Dialect): readonly Paragraph[] {
  const groups: { kind: LineKind; lines: string[] }[] = [];
  for (const line of text.split("\n")) {
    const { kind, rest } = classify(line, dialect);
    const last = groups.at(-1);
    if (last?.kind === kind && kind !== "heading") last.lines.push(rest);
    else groups.push({ kind, lines: [rest] });
  }
  return groups.map(({ kind, lines }): Paragraph => {
    const parsed = lines.map((line) => parseInline(line, dialect));
    switch (kind) {
      case "bullet":
      case "ordered":
        return { kind: "list", ordered: kind === "ordered", items: parsed };
      case "heading":
        return { kind: "heading", children: parsed[0] ?? [] };
      case "quote":
        return { kind: "quote", lines: parsed };
      case "lines":
        return { kind: "lines", lines: parsed };
    }
  });
}

function classify(line: string, dialect: Dialect): { readonly kind: LineKind; readonly rest: string } {
  const found = (pattern: RegExp): string | undefined => pattern.exec(line)?.[1];
  const quote = found(/^(?:&gt;|>)\s?(.*)$/);
  if (quote !== undefined) return { kind: "quote", rest: quote };
  const bullet = found(dialect === "markdown" ? /^\s*[-*•]\s+(.*)$/ : /^\s*[•◦▪]\s+(.*)$/);
  if (bullet !== undefined) return { kind: "bullet", rest: bullet };
  if (dialect === "markdown") {
    const ordered = found(/^\s*\d+[.)]\s+(.*)$/);
    if (ordered !== undefined) return { kind: "ordered", rest: ordered };
    const heading = found(/^#{1,6}\s+(.*)$/);
    if (heading !== undefined) return { kind: "heading", rest: heading };
  }
  return { kind: "lines", rest: line };
}

interface Rule {
  readonly pattern: RegExp;
  readonly read: (match: RegExpExecArray, dialect: Dialect) => Inline;
}

const angle: Rule = { pattern: /<([^<>\n]+)>/, read: (match) => readAngle(match[1] ?? "") };
const code: Rule = { pattern: /`([^`\n]+)`/, read: (match) => ({ kind: "code", text: unescaped(match[1] ?? "") }) };
const named: Rule = {
  pattern: /:(\+1|-1|100|[a-z0-9_+-]*[a-z][a-z0-9_+-]*):/i,
  read: (match) => ({ kind: "emoji", name: match[1] ?? "" }),
};
const bare: Rule = {
  pattern: /https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)\]]/,
  read: (match) => ({ kind: "link", url: unescaped(match[0]), label: unescaped(match[0]) }),
};

/** Emphasis opens after a space or punctuation and closes before one, so that snake_case and 2*3*4 stay what they are. */
function emphasis(kind: "bold" | "italic" | "strike", mark: string): Rule {
  const m = mark.replace(/[*~_]/g, "\\$&");
  return {
    pattern: new RegExp(`(?<![\\w${m}])${m}(?![\\s${m}])([^\\n]*?\\S)${m}(?![\\w${m}])`),
    read: (match, dialect) => ({ kind, children: parseInline(match[1] ?? "", dialect) }),
  };
}

const markdownLink: Rule = {
  pattern: /\[([^\]\n]+)\]\(([^)\s]+)\)/,
  read: (match) => ({ kind: "link", label: unescaped(match[1] ?? ""), url: unescaped(match[2] ?? "") }),
};

const rules: Readonly<Record<Dialect, readonly Rule[]>> = {
  mrkdwn: [angle, code, named, bare, emphasis("bold", "*"), emphasis("italic", "_"), emphasis("strike", "~")],
  markdown: [
    angle,
    code,
    markdownLink,
    named,
    bare,
    emphasis("bold", "**"),
    emphasis("bold", "__"),
    emphasis("italic", "*"),
    emphasis("italic", "_"),
    emphasis("strike", "~~"),
  ],
};

/** The earliest match wins; at the same place the earlier rule. */
export function parseInline(text: string, dialect: Dialect = "mrkdwn"): readonly Inline[] {
  const parts: Inline[] = [];
  let rest = text;
  while (rest !== "") {
    let best: { readonly match: RegExpExecArray; readonly rule: Rule } | undefined;
    for (const rule of rules[dialect]) {
      const match = rule.pattern.exec(rest);
      if (match !== null && match[0] !== "" && (best === undefined || match.index < best.match.index))
        best = { match, rule };
    }
    if (best === undefined) break;
    const { match, rule } = best;
    if (match.index > 0) parts.push({ kind: "text", text: unescaped(rest.slice(0, match.index)) });
    parts.push(rule.read(match, dialect));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest !== "") parts.push({ kind: "text", text: unescaped(rest) });
  return parts;
}

/** What stands between `<` and `>`: people, channels, groups, dates, links. */
function readAngle(inside: string): Inline {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescaped(inside.slice(bar + 1));
  if (target.startsWith("@")) return { kind: "user", id: target.slice(1), label };
  if (target.startsWith("#")) return { kind: "channel", id: target.slice(1), label };
  if (target.startsWith("!subteam^")) return { kind: "group", id: target.slice(9), label };
  if (target.startsWith("!date^")) {
    const [, seconds = "", format = "", url = ""] = target.split("^");
    return { kind: "date", seconds: Number(seconds), format, url, fallback: label };
  }
  if (target.startsWith("!")) return { kind: "broadcast", to: target.slice(1) };
  return { kind: "link", url: unescaped(target), label: label === "" ? unescaped(target) : label };
}

export function unescaped(text: string): string {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}
