/**
 * The least that looks like Slack: it answers at once and remembers when what arrived. In the driver's own process, so that a
 * card's arrival and the alarm's departure stand on one clock.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { nowMs } from "./numbers.ts";

export interface Arrival {
  readonly at: number;
  readonly channel: string;
}

export interface FakeSlack {
  readonly url: string;
  /** First posts in a channel that are no thread replies. */
  readonly posts: readonly Arrival[];
  readonly updates: readonly Arrival[];
  readonly replies: readonly Arrival[];
  /** What came to /answer/<id>: private answers. */
  readonly answers: ReadonlyMap<string, number>;
  /** Resolves with the arrival of the next post in this channel. */
  postIn(channel: string, msMax: number): Promise<number | undefined>;
  answerFor(id: string, msMax: number): Promise<number | undefined>;
  clear(): void;
  close(): void;
}

export async function startFakeSlack(): Promise<FakeSlack> {
  const posts: Arrival[] = [];
  const updates: Arrival[] = [];
  const replies: Arrival[] = [];
  const answers = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  let ts = 0;
  const arrived = (key: string, at: number) => {
    waiting.get(key)?.(at);
    waiting.delete(key);
  };
  const answer = (path: string, body: string, at: number): object => {
    const channel = channelIn(path, body);
    switch (path.split("/").at(-1)) {
      case "chat.postMessage": {
        const isReply = body.includes("thread_ts");
        (isReply ? replies : posts).push({ at, channel });
        if (!isReply) arrived(channel, at);
        ts += 1;
        return { ok: true, channel, ts: `1700000000.${String(ts).padStart(6, "0")}` };
      }
      case "chat.update":
        updates.push({ at, channel });
        return { ok: true, channel, ts: /ts=([\d.]+)/.exec(body)?.[1] ?? "" };
      case "auth.test":
        return { ok: true, team_id: "T0BENCH", user_id: "U0BOT", bot_id: "B0BOT" };
      case "users.info":
        return { ok: true, user: { id: /user=(\w+)/.exec(body)?.[1] ?? "", name: "somebody", real_name: "Some Body" } };
      case "conversations.history":
      case "conversations.replies":
        return { ok: true, messages: [] };
      default:
        return { ok: true };
    }
  };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const at = nowMs();
      const path = request.url ?? "/";
      if (path.startsWith("/answer/")) {
        answers.set(path, at);
        arrived(path, at);
        return response.end("ok");
      }
      // Alertmanager's webhook: the group's name stands in the text.
      if (path.startsWith("/webhook/")) {
        const channel = /C0BENCH\d+/.exec(body)?.[0] ?? "";
        posts.push({ at, channel });
        arrived(channel, at);
        return response.end("ok");
      }
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answer(path, body, at)));
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const wait = (key: string, msMax: number) =>
    new Promise<number | undefined>((resolve) => {
      const timer = setTimeout(() => {
        waiting.delete(key);
        resolve(undefined);
      }, msMax);
      waiting.set(key, (at) => {
        clearTimeout(timer);
        resolve(at);
      });
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ posts, updates, replies, answers },
    postIn: wait,
    answerFor: (id, msMax) => wait(`/answer/${id}`, msMax),
    clear: () => {
      for (const list of [posts, updates, replies]) list.length = 0;
      answers.clear();
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Forms from the bot, JSON from the floor. Parsing all of it would cost the driver more than the answer. */
function channelIn(path: string, body: string): string {
  return /(?:^|[&"{,])channel(?:=|":\s?")(\w+)/.exec(body)?.[1] ?? path;
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}
