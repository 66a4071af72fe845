/** Slack's published limits: calls a minute for one app in one workspace, by method. */
const tier = { one: 1, two: 20, three: 50, four: 100 } as const;

const perMinute: Readonly<Record<string, number>> = {
  "apps.connections.open": tier.one * 10,
  "auth.test": 600,
  "bots.info": tier.three,
  "chat.delete": tier.three,
  "chat.getPermalink": 600,
  "chat.postEphemeral": tier.four,
  "chat.update": tier.three,
  "conversations.history": tier.three,
  "conversations.info": tier.three,
  "conversations.join": tier.three,
  "conversations.list": tier.two,
  "conversations.members": tier.four,
  "conversations.open": tier.three,
  "conversations.replies": tier.three,
  "team.info": tier.three,
  "usergroups.list": tier.two,
  "usergroups.users.list": tier.two,
  "users.info": tier.four,
  "users.list": tier.two,
  "views.open": tier.four,
  "views.publish": tier.four,
  "views.push": tier.four,
  "views.update": tier.four,
};

/** "Several hundred" posts a minute in the whole workspace. */
const postsPerMinute = 300;
/** One post a second in a channel; a short burst is forgiven, as the real one does. */
const channelBurst = 3;
const minuteMs = 60_000;

export interface RateLimits {
  /** Seconds to wait, or null when the call may go ahead (and is counted). `channel` matters for chat.postMessage only. */
  take(method: string, channel: string): number | null;
  reset(): void;
}

export function createRateLimits(now: () => number): RateLimits {
  const calls = new Map<string, number[]>();
  const windowed = (key: string, rule: { readonly limit: number; readonly windowMs: number }): number | null => {
    const recent = (calls.get(key) ?? []).filter((at) => at > now() - rule.windowMs);
    calls.set(key, recent);
    const oldest = recent.at(-rule.limit);
    if (oldest === undefined) return null;
    return Math.max(1, Math.ceil((oldest + rule.windowMs - now()) / 1_000));
  };
  return {
    take(method, channel) {
      const rules =
        method === "chat.postMessage"
          ? [
              { key: `post ${channel}`, limit: channelBurst, windowMs: channelBurst * 1_000 },
              { key: "post", limit: postsPerMinute, windowMs: minuteMs },
            ]
          : [{ key: method, limit: perMinute[method] ?? tier.three, windowMs: minuteMs }];
      for (const rule of rules) {
        const waitS = windowed(rule.key, rule);
        if (waitS !== null) return waitS;
      }
      for (const rule of rules) calls.get(rule.key)?.push(now());
      return null;
    },
    reset: () => calls.clear(),
  };
}
