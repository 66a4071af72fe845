import type { Json } from "./model.ts";

/** What the Web API answers with `ok: false`. `code` is Slack's own error word; `extra` goes into the answer beside it. */
export class SlackApiError extends Error {
  readonly code: string;
  readonly extra: Json;

  constructor(code: string, extra: Json = {}) {
    super(`the pretend Slack refuses: ${code}`);
    this.name = "SlackApiError";
    this.code = code;
    this.extra = extra;
  }
}

/** The socket breaks instead of an answer: Slack is down, or the answer to a call that did happen is lost. */
export class ConnectionLost extends Error {
  constructor(what: string) {
    super(what);
    this.name = "ConnectionLost";
  }
}
