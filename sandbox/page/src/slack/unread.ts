import { useEffect, useState } from "react";
import type { SlackSnapshot } from "../../../page-protocol.ts";

/** How many messages came into each channel since this person last looked at it. What was there at first is read. */
export function useUnread(slack: SlackSnapshot, at: string): Readonly<Record<string, number>> {
  const [readUntil, setReadUntil] = useState<Readonly<Record<string, number>>>({});
  const key = (channel: string): string => `${slack.person} ${channel}`;
  const newest = (channel: string): number =>
    slack.messages.reduce((latest, each) => (each.channel === channel ? Math.max(latest, Number(each.ts)) : latest), 0);

  useEffect(() => {
    setReadUntil((before) => {
      const after: Record<string, number> = { ...before };
      for (const { id } of slack.channels) {
        if (id === at || after[key(id)] === undefined) after[key(id)] = newest(id);
      }
      const isSame = Object.entries(after).every(([name, ts]) => before[name] === ts);
      return isSame ? before : after;
    });
  });

  return Object.fromEntries(
    slack.channels.map(({ id }) => {
      const until = readUntil[key(id)] ?? Number.MAX_SAFE_INTEGER;
      const isNew = (ts: string): boolean => Number(ts) > until;
      const count = slack.messages.filter(
        (each) => each.channel === id && each.user !== slack.person && isNew(each.ts),
      ).length;
      return [id, id === at ? 0 : count];
    }),
  );
}
