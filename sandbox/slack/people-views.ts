import { SlackApiError } from "./api-error.ts";
import { mergedState, missingInputs } from "./input-state.ts";
import type { ActResult, CloseViewAct, Json, SlackView, SubmitViewAct } from "./model.ts";
import { closedPayload, eventPayload, submissionPayload } from "./payloads.ts";
import { ackErrors, sightOf, slackIsDown, type PeopleParts } from "./people-sight.ts";
import { modalStackMost, replaceView, viewFrom } from "./views.ts";

/** What people do with modals and the Home tab. */
export interface ViewActs {
  submitView(act: SubmitViewAct): Promise<ActResult>;
  closeView(act: CloseViewAct): Promise<ActResult>;
  /** Opens the app's Home tab, which tells the app `app_home_opened`. */
  openHome(act: { readonly user: string }): Promise<ActResult>;
}

const done = { kind: "done", replies: [], view: null } as const;

export function viewActs(parts: PeopleParts): ViewActs {
  return {
    submitView: (act) => submitView(parts, act),
    closeView: (act) => closeView(parts, act),
    openHome: (act) => openHome(parts, act.user),
  };
}

async function submitView(parts: PeopleParts, act: SubmitViewAct): Promise<ActResult> {
  const { core, faults, dispatcher } = parts;
  if (faults.down !== false) return slackIsDown;
  const view = core.modalsOf(act.user).find((each) => each.id === act.viewId);
  if (view === undefined) return { kind: "refused", reason: "This window is no longer open." };
  const state = mergedState(view.blocks, act.state);
  const missing = missingInputs(view.blocks, state);
  if (Object.keys(missing).length > 0) return { kind: "invalid", errors: missing };
  const seen = sightOf(core, act.user);
  const ack = await dispatcher.send({ type: "interactive", payload: submissionPayload(core, view, state) });
  if (ack.kind === "acked") {
    if (ack.payload["response_action"] === "errors") return { kind: "invalid", errors: ackErrors(ack.payload) };
    try {
      applyResponse(parts, view, ack.payload);
    } catch (error) {
      if (!(error instanceof SlackApiError)) throw error;
      return { kind: "refused", reason: `The app answered with a window that Slack refuses (${error.code}).` };
    }
  }
  return seen(ack, "We had some trouble connecting. Try again?");
}

/** `response_action` of a submission's ack; nothing closes the view that was sent. */
function applyResponse({ core, faults }: PeopleParts, view: SlackView, answer: Json): void {
  const stack = core.modalsOf(view.user);
  const next = answer["view"];
  switch (answer["response_action"]) {
    case "clear":
      return core.setModals(view.user, []);
    case "update":
      return replaceView(core, viewFrom(core, faults, { view: next, user: view.user, old: view }));
    case "push":
      if (stack.length >= modalStackMost) throw new SlackApiError("push_limit_reached");
      return core.setModals(view.user, [
        ...stack,
        viewFrom(core, faults, { view: next, user: view.user, previous: view }),
      ]);
    default:
      return core.setModals(
        view.user,
        stack.filter((each) => each.id !== view.id),
      );
  }
}

async function closeView({ core, dispatcher }: PeopleParts, act: CloseViewAct): Promise<ActResult> {
  const stack = core.modalsOf(act.user);
  const view = stack.find((each) => each.id === act.viewId);
  if (view === undefined) return { kind: "refused", reason: "This window is no longer open." };
  const isCleared = act.all === true || view.clearOnClose;
  const closed = isCleared ? stack : [view];
  core.setModals(
    act.user,
    stack.filter((each) => !closed.includes(each)),
  );
  for (const each of closed.filter((one) => one.notifyOnClose)) {
    await dispatcher.send({ type: "interactive", payload: closedPayload(core, each, isCleared) });
  }
  return { ...done, view: core.modalsOf(act.user).at(-1) ?? null };
}

async function openHome({ core, faults, dispatcher }: PeopleParts, user: string): Promise<ActResult> {
  if (faults.down !== false) return slackIsDown;
  const ts = core.nextTs();
  await dispatcher.sendEvent(
    eventPayload(core, { type: "app_home_opened", user, channel: `D0${user.slice(2)}`, tab: "home", event_ts: ts }),
  );
  return { ...done, view: core.state.homes.get(user) ?? null };
}
