const relativeDays: Readonly<Record<number, string>> = { [-1]: "Yesterday", 0: "Today", 1: "Tomorrow" };

/**
 * Fills the tokens of `<!date^seconds^format>` in the reader's zone. `now` (epoch ms) is the account's clock, so that `{ago}` and "Today" are
 * right while time runs faster.
 */
export function slackDate(seconds: number, format: string, now: number): string {
  const at = new Date(seconds * 1_000);
  return format.replace(/\{(\w+)\}/g, (whole, token: string) => tokenText(token, at, now) ?? whole);
}

function tokenText(token: string, at: Date, now: number): string | undefined {
  switch (token) {
    case "date_num":
      return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
    case "date":
      return at.toLocaleDateString(undefined, { year: "numeric", month: "long", day: "numeric" });
    case "date_slash":
      return at.toLocaleDateString(undefined, { year: "numeric", month: "2-digit", day: "2-digit" });
    case "date_short":
      return shortDate(at);
    case "date_long":
      return longDate(at);
    case "date_pretty":
      return relativeDay(at, now) ?? tokenText("date", at, now);
    case "date_short_pretty":
      return relativeDay(at, now) ?? shortDate(at);
    case "date_long_pretty":
      return relativeDay(at, now) ?? longDate(at);
    case "time":
      return clockTime(at);
    case "time_secs":
      return at.toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit", second: "2-digit" });
    case "ago":
      return agoText(at.getTime(), now);
    default:
      return undefined;
  }
}

function shortDate(at: Date): string {
  return at.toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });
}

function longDate(at: Date): string {
  return at.toLocaleDateString(undefined, { weekday: "long", year: "numeric", month: "long", day: "numeric" });
}

function relativeDay(at: Date, now: number): string | undefined {
  const midnight = (time: number): number => new Date(time).setHours(0, 0, 0, 0);
  return relativeDays[Math.round((midnight(at.getTime()) - midnight(now)) / 86_400_000)];
}

export function clockTime(at: Date): string {
  return at.toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit" });
}

/** "3 minutes ago", "in 2 minutes". */
export function agoText(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1_000);
  const size = Math.abs(seconds);
  const [count, unit] =
    size < 60
      ? [size, "second"]
      : size < 3_600
        ? [size / 60, "minute"]
        : size < 86_400
          ? [size / 3_600, "hour"]
          : [size / 86_400, "day"];
  const whole = Math.floor(count);
  if (size < 5) return "just now";
  const words = `${whole} ${unit}${whole === 1 ? "" : "s"}`;
  return seconds >= 0 ? `${words} ago` : `in ${words}`;
}

/** The day above a group of messages. */
export function dayText(at: number, now: number): string {
  return relativeDay(new Date(at), now) ?? longDate(new Date(at));
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
