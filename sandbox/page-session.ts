import type {
  AccountPanel,
  AccountView,
  FaultView,
  PageToServer,
  ServerToPage,
  SlackPatch,
  SlackSnapshot,
} from "./page-protocol.ts";
import { isJson } from "./slack/json.ts";
import type { ActResult } from "./slack/model.ts";
import { people, type WorkspaceChange } from "./slack/workspace-state.ts";
import type { Workspace } from "./slack/workspace.ts";

/** Slack's changes wait this long for company, so that one card is one repaint. */
const patchDelayMs = 25;
/** The account changes with every tick of its clock; the eye needs no more than this. */
const accountDelayMs = 120;

export interface PageSession {
  receive(data: string): void;
  end(): void;
}

export interface PageSessionOptions {
  readonly workspace: Workspace;
  readonly panel: AccountPanel;
  readonly send: (message: ServerToPage) => void;
}

/** One open page: who is looking, what they are told, what they do. */
export function createPageSession({ workspace, panel, send }: PageSessionOptions): PageSession {
  let person: string = people.mira;
  let patches: SlackPatch[] = [];
  const sendSnapshot = (): void => {
    patches = [];
    send({ type: "slack", snapshot: snapshotFor(workspace, person) });
  };
  const flushPatches = coalesced(patchDelayMs, () => {
    if (patches.length === 0) return;
    send({ type: "slack-patch", patches });
    patches = [];
  });
  const flushAccount = coalesced(accountDelayMs, () =>
    send({ type: "account", account: accountView(workspace, panel) }),
  );
  const stopWorkspace = workspace.onChange((change) => {
    if (change.kind === "reset") return sendSnapshot();
    if (change.kind === "status") flushAccount.later();
    const patch = patchFor(workspace, person, change);
    if (patch === null) return;
    patches.push(patch);
    flushPatches.later();
  });
  const stopPanel = panel.onChange(() => flushAccount.later());
  sendSnapshot();
  send({ type: "account", account: accountView(workspace, panel) });

  const perform = async (request: PageToServer): Promise<ActResult | undefined> => {
    if (request.type === "person") {
      if (!workspace.core.state.users.has(request.user)) throw new Error("There is no such person here.");
      person = request.user;
      sendSnapshot();
      return undefined;
    }
    return (await actFor(workspace, person, request)) ?? turnFor(workspace, panel, request);
  };

  return {
    receive(data) {
      const request = parse(data);
      if (request === null) return;
      perform(request).then(
        (result) => send({ type: "result", id: request.id, ...(result === undefined ? {} : { result }) }),
        (error: unknown) =>
          send({ type: "result", id: request.id, error: error instanceof Error ? error.message : String(error) }),
      );
    },
    end() {
      stopWorkspace();
      stopPanel();
      flushPatches.cancel();
      flushAccount.cancel();
    },
  };
}

/** What the person does in Slack; undefined when the request is about the account. */
async function actFor(workspace: Workspace, user: string, request: PageToServer): Promise<ActResult | undefined> {
  const { act } = workspace;
  switch (request.type) {
    case "click":
      return act.click({ ...request.act, user });
    case "command":
      return act.command({ ...request.act, user });
    case "say":
      return act.say({ ...request.act, user });
    case "submit-view":
      return act.submitView({ ...request.act, user });
    case "close-view":
      return act.closeView({ ...request.act, user });
    case "open-home":
      return act.openHome({ user });
    case "dismiss":
      workspace.core.dropEphemeral(user, request.ephemeralId);
      return { kind: "done", replies: [], view: null };
    default:
      return undefined;
  }
}

async function turnFor(workspace: Workspace, panel: AccountPanel, request: PageToServer): Promise<undefined> {
  switch (request.type) {
    case "break":
      if (request.what === "slack-down") return void workspace.faults.setDown("refused");
      await panel.break(request.what, request.target);
      return undefined;
    case "mend":
      if (request.what === "slack-down") return void workspace.faults.setDown(false);
      return void panel.mend(request.what, request.target);
    case "speed":
      return void panel.setSpeed(request.speed);
    case "reset":
      workspace.faults.setDown(false);
      await panel.reset();
      return undefined;
    default:
      return undefined;
  }
}

function snapshotFor(workspace: Workspace, person: string): SlackSnapshot {
  const { state } = workspace.core;
  const channels = visibleChannels(workspace, person);
  return {
    teamName: state.team.name,
    person,
    botUser: state.app.botUser,
    users: [...state.users.values()],
    userGroups: [...state.userGroups.values()],
    channels,
    messages: channels.flatMap((channel) => [...(state.messages.get(channel.id)?.values() ?? [])]),
    ephemeral: workspace.ephemeral(person),
    modals: workspace.modals(person),
    home: state.homes.get(person) ?? null,
    commands: workspace.commands,
    down: workspace.faults.down !== false,
    listeners: workspace.dispatcher.count(),
  };
}

function visibleChannels(workspace: Workspace, person: string): SlackSnapshot["channels"] {
  return [...workspace.core.state.channels.values()].filter((channel) => channel.members.includes(person));
}

/** Null when this person cannot see the change. */
function patchFor(workspace: Workspace, person: string, change: WorkspaceChange): SlackPatch | null {
  const sees = (channel: string): boolean =>
    workspace.core.state.channels.get(channel)?.members.includes(person) === true;
  switch (change.kind) {
    case "message":
      return sees(change.message.channel) ? { kind: "message", message: change.message } : null;
    case "message-gone":
      return sees(change.channel) ? change : null;
    case "ephemeral":
      return change.user === person ? { kind: "ephemeral", ephemeral: workspace.ephemeral(person) } : null;
    case "views":
      if (change.user !== person) return null;
      return { kind: "views", modals: workspace.modals(person), home: workspace.core.state.homes.get(person) ?? null };
    case "channels":
      return { kind: "channels", channels: visibleChannels(workspace, person) };
    case "status":
      return { kind: "status", down: workspace.faults.down !== false, listeners: workspace.dispatcher.count() };
    case "reset":
      return null;
  }
}

function accountView(workspace: Workspace, panel: AccountPanel): AccountView {
  const view = panel.view();
  const slackDown: FaultView = {
    what: "slack-down",
    target: "slack",
    label: "Slack is down",
    explanation: "Nothing reaches Slack and nothing comes from it. Cards are right again when it returns.",
    active: workspace.faults.down !== false,
    mendable: true,
  };
  return { ...view, faults: [...view.faults.filter((each) => each.what !== "slack-down"), slackDown] };
}

function parse(data: string): PageToServer | null {
  try {
    const parsed: unknown = JSON.parse(data);
    const isRequest = isJson(parsed) && typeof parsed["id"] === "number" && typeof parsed["type"] === "string";
    return isRequest ? (parsed as unknown as PageToServer) : null;
  } catch {
    return null;
  }
}

function coalesced(delayMs: number, run: () => void): { readonly later: () => void; readonly cancel: () => void } {
  let timer: NodeJS.Timeout | null = null;
  return {
    later() {
      timer ??= setTimeout(() => {
        timer = null;
        run();
      }, delayMs);
    },
    cancel() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
