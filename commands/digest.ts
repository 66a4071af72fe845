import type { Verb } from "./context.ts";

export const digest: Verb = {
  name: "digest",
  usage: "digest",
  summary: "What changed since the last digest, for everybody in this channel, now.",
  who: "everybody",
  orders: "nothing",
  audience: "channel",
  run: (ctx) => ctx.digest(ctx.channel),
};
