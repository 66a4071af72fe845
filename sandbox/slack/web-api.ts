import { ConnectionLost, SlackApiError } from "./api-error.ts";
import { readArguments, type CallArguments } from "./call-arguments.ts";
import { chatMethods } from "./chat-methods.ts";
import { conversationMethods } from "./conversation-methods.ts";
import { directoryMethods } from "./directory-methods.ts";
import type { WorkspaceFaults } from "./faults.ts";
import type { Json } from "./model.ts";
import type { RateLimits } from "./rate-limits.ts";
import { viewMethods } from "./view-methods.ts";
import type { WorkspaceCore } from "./workspace-core.ts";

/** One method of the Web API: what it needs, what it does. It throws SlackApiError for `ok: false`. */
export interface WebApiMethod {
  readonly token: "bot" | "app" | "none";
  /** The scope of a bot token; any one of several. */
  readonly scopes: readonly string[];
  run(call: WebApiCall): Json;
}

export interface WebApiCall {
  readonly core: WorkspaceCore;
  readonly faults: WorkspaceFaults;
  readonly args: CallArguments;
}

export interface WebApiOptions {
  readonly core: WorkspaceCore;
  readonly faults: WorkspaceFaults;
  readonly rateLimits: RateLimits;
  /** Every call, for tests and for the transcript. */
  readonly onCall: (call: { readonly method: string; readonly ok: boolean; readonly error: string | null }) => void;
}

const methods: Readonly<Record<string, WebApiMethod>> = {
  ...directoryMethods,
  ...conversationMethods,
  ...chatMethods,
  ...viewMethods,
};

/** Answers one Web API call. Throws ConnectionLost where the real one would leave the caller without an answer. */
export async function answerWebApi(options: WebApiOptions, name: string, request: Request): Promise<Response> {
  const { core, faults } = options;
  const fault = faults.take(name);
  if (fault?.kind === "rate-limit") return rateLimited(options, name, fault.retryAfterS);
  try {
    if (fault?.kind === "fail") throw new SlackApiError(fault.error);
    const method = methods[name];
    if (method === undefined) throw new SlackApiError("unknown_method", { req_method: name });
    const args = await readArguments(request);
    checkToken(core, method, tokenOf(request, args));
    if (faults.rateLimitsHold) {
      const waitS = options.rateLimits.take(name, args.text("channel") ?? "");
      if (waitS !== null) return rateLimited(options, name, waitS);
    }
    const answer = method.run({ core, faults, args });
    options.onCall({ method: name, ok: true, error: null });
    if (fault?.kind === "lose-answer") throw new ConnectionLost(`the answer to ${name} was lost`);
    return json(core, { ok: true, ...answer });
  } catch (error) {
    if (!(error instanceof SlackApiError)) throw error;
    options.onCall({ method: name, ok: false, error: error.code });
    return json(core, { ok: false, error: error.code, ...error.extra });
  }
}

function rateLimited(options: WebApiOptions, method: string, waitS: number): Response {
  options.onCall({ method, ok: false, error: "ratelimited" });
  return Response.json({ ok: false, error: "ratelimited" }, { status: 429, headers: { "retry-after": String(waitS) } });
}

function json(core: WorkspaceCore, body: Json): Response {
  return Response.json(body, { headers: { "x-oauth-scopes": core.state.app.scopes.join(",") } });
}

function tokenOf(request: Request, args: CallArguments): string | undefined {
  const header = request.headers.get("authorization");
  const bearer = header === null ? undefined : /^Bearer (.+)$/i.exec(header)?.[1];
  return bearer ?? args.text("token");
}

function checkToken(core: WorkspaceCore, method: WebApiMethod, token: string | undefined): void {
  if (method.token === "none") return;
  const { app } = core.state;
  if (token === undefined) throw new SlackApiError("not_authed");
  if (token !== app.botToken && token !== app.appToken) throw new SlackApiError("invalid_auth");
  const kind = token === app.appToken ? "app" : "bot";
  if (kind !== method.token) throw new SlackApiError("not_allowed_token_type");
  if (kind === "app" || method.scopes.length === 0 || method.scopes.some((scope) => app.scopes.includes(scope))) return;
  throw new SlackApiError("missing_scope", { needed: method.scopes[0] ?? "", provided: app.scopes.join(",") });
}
