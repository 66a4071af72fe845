/**
 * Slack's Web API over plain `fetch`: the SDK's client costs ten times the CPU on the way from alarm to card, retries by itself
 * (and may post twice), and pauses everything at one 429. Errors are translated here, once.
 */
import { MedicError } from "../domain/errors.ts";
import { ChatDown, ChatLimited, ChatUncertain } from "../ports/chat.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Slack understood and said no: `error` is its own word, e.g. `channel_not_found`. */
export class SlackRefusal extends MedicError {
  readonly method: string;
  readonly slackError: string;
  readonly details: readonly string[];
  constructor(method: string, slackError: string, details: readonly string[]) {
    const said = details.length > 0 ? `: ${details.slice(0, 3).join("; ")}` : "";
    super("slack-refused", `Slack refused ${method} with ${slackError}${said}`, {
      retry: "never",
      next: "`medic doctor` checks token, scopes and channels.",
    });
    this.method = method;
    this.slackError = slackError;
    this.details = details;
  }
}

export type SlackAnswer = Readonly<Record<string, unknown>>;

export interface SlackWebApi {
  /** Objects are sent as JSON in a form field, as Slack's own SDK does. Throws SlackRefusal, ChatLimited, ChatUncertain, ChatDown. */
  call(method: string, args?: Readonly<Record<string, unknown>>): Promise<SlackAnswer>;
}

export interface SlackWebApiOptions {
  readonly token: string;
  /** Default Slack itself. With or without a slash at the end. */
  readonly apiUrl?: string | undefined;
  readonly fetch?: Fetch | undefined;
  /** Longest wait for one answer. */
  readonly timeoutMs?: number | undefined;
}

export const slackApiUrl = "https://slack.com/api/";
/** Slack answers in well under a second or not at all; the sender must not stand still for longer than a lease renewal. */
const answerTimeoutMs = 10_000;

/** Slack says itself that the call may have happened all the same. */
const uncertainErrors = new Set(["fatal_error", "internal_error", "request_timeout"]);
const downErrors = new Set(["service_unavailable", "team_added_to_org"]);

export function createSlackWebApi(options: SlackWebApiOptions): SlackWebApi {
  const base = (options.apiUrl ?? slackApiUrl).replace(/\/?$/, "/");
  const send = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const timeoutMs = options.timeoutMs ?? answerTimeoutMs;
  const headers = {
    authorization: `Bearer ${options.token}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  return {
    async call(method, args = {}) {
      const response = await answered(method, () =>
        send(base + method, {
          method: "POST",
          headers,
          body: formOf(args),
          redirect: "error",
          signal: AbortSignal.timeout(timeoutMs),
        }),
      );
      return readAnswer(method, response);
    },
  };
}

function formOf(args: Readonly<Record<string, unknown>>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined) continue;
    form.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return form.toString();
}

async function answered(method: string, ask: () => Promise<Response>): Promise<Response> {
  try {
    return await ask();
  } catch (error) {
    throw neverArrived(error) ? new ChatDown(method, error) : new ChatUncertain(method, error);
  }
}

/** Only these prove that Slack cannot have seen the call; every other broken connection may have been after the fact. */
const neverArrivedCodes = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

function neverArrived(error: unknown): boolean {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    const { code } = each as { code?: unknown };
    if (typeof code === "string" && neverArrivedCodes.has(code)) return true;
    if (each instanceof AggregateError && each.errors.some(neverArrived)) return true;
  }
  return false;
}

async function readAnswer(method: string, response: Response): Promise<SlackAnswer> {
  if (response.status === 429) {
    const seconds = Number(response.headers.get("retry-after"));
    await response.body?.cancel().catch(() => undefined);
    throw new ChatLimited(method, (Number.isFinite(seconds) && seconds > 0 ? seconds : 1) * 1000);
  }
  if (response.status === 503) throw new ChatDown(method, new Error("HTTP 503"));
  let body: unknown;
  try {
    body = await response.json();
  } catch (error) {
    throw new ChatUncertain(method, error);
  }
  if (typeof body !== "object" || body === null) throw new ChatUncertain(method, new Error(`HTTP ${response.status}`));
  const answer = body as SlackAnswer;
  if (answer["ok"] === true) return answer;
  return refuse(method, answer);
}

function refuse(method: string, answer: SlackAnswer): never {
  const error = typeof answer["error"] === "string" ? answer["error"] : "no error named";
  if (error === "ratelimited" || error === "rate_limited") throw new ChatLimited(method, 1000);
  if (uncertainErrors.has(error)) throw new ChatUncertain(method, new Error(error));
  if (downErrors.has(error)) throw new ChatDown(method, new Error(error));
  throw new SlackRefusal(method, error, detailsOf(answer));
}

function detailsOf(answer: SlackAnswer): string[] {
  const metadata = answer["response_metadata"] as { messages?: unknown } | undefined;
  const all = [answer["errors"], metadata?.messages].flatMap((each) =>
    Array.isArray(each) ? (each as unknown[]) : [],
  );
  return all.filter((each): each is string => typeof each === "string");
}
