/** `30m`, `4h`, `90 min`, `08:00`: how long from now. */
const units: Readonly<Record<string, number>> = {
  m: 60_000,
  min: 60_000,
  mins: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
};
const dayMs = 24 * 3_600_000;

/** undefined: the word is no length of time. Clock times are UTC and mean the next such time. */
export function durationMs(word: string, now: number): number | undefined {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(word);
  if (clock) {
    const at = Number(clock[1]) * 3_600_000 + Number(clock[2]) * 60_000;
    const today = Math.floor(now / dayMs) * dayMs + at;
    return (today > now ? today : today + dayMs) - now;
  }
  const span = /^(\d{1,4})\s*([a-z]+)$/i.exec(word);
  const unit = units[span?.[2]?.toLowerCase() ?? ""];
  const ms = unit === undefined ? undefined : Number(span?.[1]) * unit;
  return ms === undefined || ms <= 0 ? undefined : ms;
}
