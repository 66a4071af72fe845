import { SlackApiError } from "./api-error.ts";
import type { CallArguments } from "./call-arguments.ts";
import type { Json, SlackView } from "./model.ts";
import { viewToWire } from "./to-wire.ts";
import { modalStackMost, replaceView, spendTrigger, viewFrom } from "./views.ts";
import type { WebApiCall, WebApiMethod } from "./web-api.ts";
import type { WorkspaceCore } from "./workspace-core.ts";

const bot = { token: "bot", scopes: [] } as const;

/** Modals and the Home tab. */
export const viewMethods: Readonly<Record<string, WebApiMethod>> = {
  "views.open": { ...bot, run: open },
  "views.push": { ...bot, run: push },
  "views.update": { ...bot, run: update },
  "views.publish": { ...bot, run: publish },
};

function viewArgument(args: CallArguments): unknown {
  return args.json("view", "invalid_arguments");
}

function answer(core: WorkspaceCore, view: SlackView): Json {
  return { view: viewToWire(core.state, view) };
}

function open({ core, faults, args }: WebApiCall): Json {
  const user = spendTrigger(core, args.text("trigger_id"), core.deadlineNow());
  const view = viewFrom(core, faults, { view: viewArgument(args), user });
  core.setModals(user, [view]);
  return answer(core, view);
}

function push({ core, faults, args }: WebApiCall): Json {
  const user = spendTrigger(core, args.text("trigger_id"), core.deadlineNow());
  const stack = core.modalsOf(user);
  const previous = stack.at(-1);
  if (previous === undefined) throw new SlackApiError("not_found");
  if (stack.length >= modalStackMost) throw new SlackApiError("push_limit_reached");
  const view = viewFrom(core, faults, { view: viewArgument(args), user, previous });
  core.setModals(user, [...stack, view]);
  return answer(core, view);
}

function update({ core, faults, args }: WebApiCall): Json {
  const id = args.text("view_id");
  const externalId = args.text("external_id");
  const old = [...core.state.modals.values()]
    .flat()
    .find((view) => (id === undefined ? view.externalId === externalId : view.id === id));
  if (old === undefined || (id === undefined && externalId === undefined)) throw new SlackApiError("not_found");
  const hash = args.text("hash");
  if (hash !== undefined && hash !== old.hash) throw new SlackApiError("hash_conflict");
  const view = viewFrom(core, faults, { view: viewArgument(args), user: old.user, old });
  replaceView(core, view);
  return answer(core, view);
}

function publish({ core, faults, args }: WebApiCall): Json {
  const user = args.text("user_id") ?? "";
  if (!core.state.users.has(user)) throw new SlackApiError("user_not_found");
  const old = core.state.homes.get(user);
  const hash = args.text("hash");
  if (hash !== undefined && old !== undefined && hash !== old.hash) throw new SlackApiError("hash_conflict");
  const view = viewFrom(core, faults, { view: viewArgument(args), user, ...(old === undefined ? {} : { old }) });
  core.setHome(user, view);
  return answer(core, view);
}
