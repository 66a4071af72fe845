import { describe, expect, it } from "vitest";
import { withEmoji } from "../../sandbox/page/src/text/emoji.ts";
import { parseInline, parseMrkdwn } from "../../sandbox/page/src/text/mrkdwn.ts";
import { agoText, slackDate } from "../../sandbox/page/src/text/slack-date.ts";

const text = (value: string): object => ({ kind: "text", text: value });

describe("mrkdwn on the page", () => {
  it("knows bold, italic, strike and code, also inside one another", () => {
    expect(parseInline("*bold _both_* ~gone~ `a *b*`")).toEqual([
      { kind: "bold", children: [text("bold "), { kind: "italic", children: [text("both")] }] },
      text(" "),
      { kind: "strike", children: [text("gone")] },
      text(" "),
      { kind: "code", text: "a *b*" },
    ]);
  });

  it("leaves names with underscores, sums and lonely marks as they are", () => {
    for (const plain of ["snake_case_name", "2*3*4", "a * b * c", "5 ~ 6", "*", "** **"]) {
      expect(parseInline(plain)).toEqual([text(plain)]);
    }
  });

  it("reads people, groups, channels, dates and links between angle brackets", () => {
    expect(parseInline("<@U1> <#C1|ops> <!subteam^S1|@x> <!here> <https://a.b/c?d=1&amp;e|label>")).toEqual([
      { kind: "user", id: "U1", label: "" },
      text(" "),
      { kind: "channel", id: "C1", label: "ops" },
      text(" "),
      { kind: "group", id: "S1", label: "@x" },
      text(" "),
      { kind: "broadcast", to: "here" },
      text(" "),
      { kind: "link", url: "https://a.b/c?d=1&e", label: "label" },
    ]);
    expect(parseInline("<!date^1795227660^{time} ({ago})|14:21 UTC>")).toEqual([
      { kind: "date", seconds: 1795227660, format: "{time} ({ago})", url: "", fallback: "14:21 UTC" },
    ]);
  });

  it("gives escaped characters back and never makes markup of them", () => {
    expect(parseInline("a &lt;b&gt; &amp;amp; &lt;@U1&gt;")).toEqual([text("a <b> &amp; <@U1>")]);
  });

  it("keeps quotes, lists and code blocks apart", () => {
    expect(parseMrkdwn("one\n> two\n&gt; three\n• four\n• five\n```six\n*seven*```").map((each) => each.kind)).toEqual([
      "lines",
      "quote",
      "list",
      "pre",
    ]);
  });

  it("reads the markdown block's own dialect", () => {
    const [heading, list] = parseMrkdwn("## Title\n- **bold** [label](https://a.b)", "markdown");
    expect(heading).toEqual({ kind: "heading", children: [text("Title")] });
    expect(list).toEqual({
      kind: "list",
      ordered: false,
      items: [
        [{ kind: "bold", children: [text("bold")] }, text(" "), { kind: "link", label: "label", url: "https://a.b" }],
      ],
    });
  });

  it("reads a long line of marks without getting stuck", () => {
    // Its own time on a processor: on a busy machine the wall clock would count what others do.
    const started = process.cpuUsage();
    parseMrkdwn("*_~`".repeat(700));
    parseMrkdwn("* a".repeat(1_000));
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_000);
  });
});

describe("dates and emoji on the page", () => {
  const now = Date.UTC(2026, 10, 21, 14, 30);

  it("fills Slack's date tokens relative to the account's clock", () => {
    const seconds = now / 1_000 - 540;
    expect(slackDate(seconds, "{ago}", now)).toBe("9 minutes ago");
    expect(slackDate(seconds, "{date_short_pretty}", now)).toBe("Today");
    expect(slackDate(seconds, "{nonsense}", now)).toBe("{nonsense}");
    expect(agoText(now + 120_000, now)).toBe("in 2 minutes");
    expect(agoText(now - 1_000, now)).toBe("just now");
  });

  it("shows emoji that it knows and the name of the others", () => {
    expect(withEmoji(":rotating_light: x :made_up:")).toBe("🚨 x :made_up:");
  });
});
