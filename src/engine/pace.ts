/**
 * Slack's limits as a pace: one post a second in a channel, at most 40 updates in any minute for the whole workspace, one update
 * in three seconds for one message. A 429 stops only the key that it was about; an outage stops all.
 */

/** Slack takes one message a second in a channel; bursts are tolerated, but not for as long as a storm lasts. */
export const postEveryMs = 1_000;
/** `chat.update` is tier 3: 50 a minute for the whole workspace. The rest is room for other apps' habits and for clock error. */
export const updatesPerMinute = 40;
/** Progress may use this many of them, so that an outcome never waits behind ticking steps. */
export const progressUpdatesPerMinute = 30;
/** Faster than this nobody reads; a change of phase does not wait. */
export const updateEveryMs = 3_000;
const minute = 60_000;
/** Messages whose last update is remembered. */
const rememberedMax = 5_000;

export interface Pace {
  /** When this may be sent: `now` or earlier means at once. */
  postAt(channel: string, now: number): number;
  updateAt(message: string, urgent: boolean, now: number): number;
  posted(channel: string, now: number): void;
  updated(message: string, now: number): void;
  /** 429 on a key: `post:C…` or `update`. */
  pause(key: string, until: number): void;
  /** Slack is down: nothing before. */
  down(until: number): void;
  up(): void;
}

export function postKey(channel: string): string {
  return `post:${channel}`;
}

export const updateKey = "update";

export function createPace(): Pace {
  const lastPost = new Map<string, number>();
  const lastUpdate = new Map<string, number>();
  const paused = new Map<string, number>();
  let updates: number[] = [];
  let downUntil = 0;
  const pausedUntil = (key: string) => Math.max(downUntil, paused.get(key) ?? 0);
  let latest = -Infinity;
  /** After the wall clock was put back nothing that was noted tells anything: nothing waits for it to come round again. */
  const look = (now: number) => {
    if (now < latest) {
      for (const noted of [lastPost, lastUpdate, paused]) noted.clear();
      updates = [];
      downUntil = 0;
    }
    latest = now;
  };
  return {
    postAt(channel, now) {
      look(now);
      return Math.max(pausedUntil(postKey(channel)), (lastPost.get(channel) ?? -Infinity) + postEveryMs);
    },
    updateAt(message, urgent, now) {
      look(now);
      updates = updates.filter((at) => at > now - minute);
      const most = urgent ? updatesPerMinute : progressUpdatesPerMinute;
      const oldest = updates.length < most ? undefined : updates[updates.length - most];
      const room = oldest === undefined ? 0 : oldest + minute;
      const own = urgent ? 0 : (lastUpdate.get(message) ?? -Infinity) + updateEveryMs;
      return Math.max(pausedUntil(updateKey), room, own);
    },
    posted: (channel, now) => void lastPost.set(channel, now),
    updated(message, now) {
      updates.push(now);
      lastUpdate.delete(message);
      lastUpdate.set(message, now);
      const oldest = lastUpdate.size > rememberedMax ? lastUpdate.keys().next().value : undefined;
      if (oldest !== undefined) lastUpdate.delete(oldest);
    },
    pause: (key, until) => void paused.set(key, Math.max(until, paused.get(key) ?? 0)),
    down: (until) => {
      downUntil = Math.max(until, downUntil);
    },
    up: () => {
      downUntil = 0;
    },
  };
}
