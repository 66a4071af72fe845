/** Bolt's own messages into our log; its debug chatter is dropped, and nothing it says is ever a payload of ours. */
import { LogLevel, type Logger } from "@slack/bolt";
import type { Log } from "../ports/log.ts";

export function boltLog(log: Log): Logger {
  const said = (parts: unknown[]) => ({
    text: parts.map((part) => (part instanceof Error ? part.message : typeof part === "string" ? part : "")).join(" "),
  });
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts: unknown[]) => log.warn("slack-bolt", said(parts)),
    error: (...parts: unknown[]) => log.error("slack-bolt", said(parts)),
    setLevel: () => undefined,
    // Bolt asks for its level to decide whether it must set another.
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
