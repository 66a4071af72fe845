import { isJson, textOf } from "./json.ts";
import type { ActResult, ClickAct, CloseViewAct, CommandAct, Json, SayAct, SubmitViewAct } from "./model.ts";
import type { SocketMode } from "./socket-mode.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Remote control for tests that run the pretend Slack as its own process. Everything is JSON.
 *   POST /control/act    {"do":"click"|"command"|"say"|"submitView"|"closeView"|"openHome", "act":{…}}  -> ActResult
 *   POST /control/fault  {"do":"setDown","down":false|"refused"|"unavailable"} | {"do":"rateLimit",…} | {"do":"loseAnswers",…}
 *                        | {"do":"failWith",…} | {"do":"refuseBlockTypes","types":[…]} | {"do":"enforceRateLimits","on":true}
 *                        | {"do":"archive"|"unarchive"|"inviteBot"|"uninviteBot","channel":"C…"} | {"do":"refresh"} | {"do":"cut"} | {"do":"clear"}
 *   POST /control/deliver {"requestUrl":"http://…"}   payloads as signed requests from now on
 *   GET  /control/messages?channel=ops-alerts  · /control/ephemeral?user=U0MIRA · /control/modals?user=U0MIRA · /control/status
 */
export async function answerControl(workspace: Workspace, sockets: SocketMode, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const asked = (name: string): string => url.searchParams.get(name) ?? "";
  try {
    switch (url.pathname) {
      case "/control/messages":
        return Response.json(workspace.messages(asked("channel")));
      case "/control/ephemeral":
        return Response.json(workspace.ephemeral(asked("user")));
      case "/control/modals":
        return Response.json(workspace.modals(asked("user")));
      case "/control/status":
        return Response.json({ listeners: workspace.dispatcher.count(), down: workspace.faults.down });
      case "/control/act":
        return Response.json(await act(workspace, await bodyOf(request)));
      case "/control/fault":
        fault(workspace, sockets, await bodyOf(request));
        return Response.json({ ok: true });
      case "/control/deliver":
        workspace.deliverToUrl(textOf((await bodyOf(request))["requestUrl"]) ?? "");
        return Response.json({ ok: true });
      default:
        return Response.json({ error: `there is no ${url.pathname}` }, { status: 404 });
    }
  } catch (error) {
    return Response.json({ error: String(error) }, { status: 400 });
  }
}

async function bodyOf(request: Request): Promise<Json> {
  const parsed: unknown = JSON.parse(await request.text());
  if (!isJson(parsed)) throw new Error("the body must be a JSON object");
  return parsed;
}

function act({ act: people }: Workspace, body: Json): Promise<ActResult> {
  // The controlling test is trusted to send the shape that it names; a wrong one shows up as a refusal.
  const what = body["act"];
  switch (body["do"]) {
    case "click":
      return people.click(what as ClickAct);
    case "command":
      return people.command(what as CommandAct);
    case "say":
      return people.say(what as SayAct);
    case "submitView":
      return people.submitView(what as SubmitViewAct);
    case "closeView":
      return people.closeView(what as CloseViewAct);
    case "openHome":
      return people.openHome(what as { user: string });
    default:
      throw new Error(`nobody can do "${String(body["do"])}"`);
  }
}

function fault(workspace: Workspace, sockets: SocketMode, body: Json): void {
  const { faults } = workspace;
  const text = (name: string): string => textOf(body[name]) ?? "";
  const number = (name: string): number => Number(body[name] ?? 1);
  const counted = { method: text("method"), times: number("times") };
  switch (body["do"]) {
    case "setDown":
      return faults.setDown(body["down"] === "refused" || body["down"] === "unavailable" ? body["down"] : false);
    case "rateLimit":
      return faults.rateLimit({ ...counted, retryAfterS: number("retryAfterS") });
    case "loseAnswers":
      return faults.loseAnswers(counted);
    case "failWith":
      return faults.failWith({ ...counted, error: text("error") });
    case "refuseBlockTypes":
      return faults.refuseBlockTypes(Array.isArray(body["types"]) ? body["types"].map(String) : []);
    case "enforceRateLimits":
      return faults.enforceRateLimits(body["on"] === true);
    case "archive":
      return workspace.archive(text("channel"), true);
    case "unarchive":
      return workspace.archive(text("channel"), false);
    case "inviteBot":
      return workspace.inviteBot(text("channel"));
    case "uninviteBot":
      return workspace.uninviteBot(text("channel"));
    case "refresh":
      return sockets.refresh("refresh_requested");
    case "cut":
      return sockets.cut();
    case "clear":
      return faults.clear();
    default:
      throw new Error(`there is no fault "${String(body["do"])}"`);
  }
}
