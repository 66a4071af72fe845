/** The window Other… while it is open: each choice is drawn at once and once more when the world was read for it. */
import type { ModalView } from "@slack/types";
import type { Preview } from "../domain/preview.ts";
import { optionsOf } from "../domain/orderWords.ts";
import type { OrderOption, Recovery, ServiceName } from "../domain/words.ts";
import { viewAnswer } from "./answerShapes.ts";
import { notDone, type Desk } from "./listeners.ts";
import { inputs, messageModal, modalIds, pickActionId } from "./modals.ts";
import { otherModal } from "./otherModal.ts";
import type { Pressed, ViewContext } from "./press.ts";
import { SlackRefusal } from "./webApi.ts";

/** The window before anything is chosen. */
export async function otherView(desk: Desk, service: ServiceName, from: ViewContext): Promise<ModalView> {
  return (await drawing(desk, service, from)).draw();
}

/**
 * The first update goes without the hash, so that the newest choice wins; the second one with it, so that a slow read never
 * covers a newer choice.
 */
export async function onPick(desk: Desk, { view, value, actionId, where }: Pressed): Promise<void> {
  const service = view?.context.service as ServiceName | undefined;
  if (view === undefined || service === undefined) return;
  const picked = actionId === pickActionId ? value : view.values[inputs.pick];
  try {
    const { recovery, draw } = await drawing(desk, service, view.context, picked);
    const options = recovery === undefined ? [] : chosenOptions(view.values, recovery);
    const shown = await desk.api.call("views.update", { view_id: view.id, view: draw({ options }) });
    if (recovery === undefined) return;
    const preview = await desk.preview(service, recovery, options);
    const { hash } = viewAnswer.parse(shown).view;
    await desk.api
      .call("views.update", { view_id: view.id, hash, view: draw({ options, preview }) })
      .catch(whenLeftBehind);
  } catch (error) {
    await desk.whisper.tell(where, { text: notDone(error) });
  }
}

/** Something else was chosen meanwhile, or the window is closed: nobody waits for this any more. */
function whenLeftBehind(error: unknown): void {
  const isOver = error instanceof SlackRefusal && ["hash_conflict", "not_found"].includes(error.slackError);
  if (!isOver) throw error;
}

/** The consents that are ticked for this recovery, as a window or a submission holds them. */
export function chosenOptions(values: Readonly<Record<string, string>>, recovery: Recovery): readonly OrderOption[] {
  const ticked = values[`${inputs.options}:${recovery}`]?.split(",") ?? [];
  return optionsOf(recovery).filter((option) => ticked.includes(option));
}

interface Drawing {
  /** What was picked, when this service has it and it may be ordered now. */
  readonly recovery: Recovery | undefined;
  readonly draw: (more?: { readonly options?: readonly OrderOption[]; readonly preview?: Preview }) => ModalView;
}

/** The case is read once; the window is drawn from it as often as something new is known. */
async function drawing(desk: Desk, service: ServiceName, from: ViewContext, picked?: string): Promise<Drawing> {
  const said = (text: string): Drawing => ({
    recovery: undefined,
    draw: () => messageModal(modalIds.other, from, { title: "Other…", text: [text] }),
  });
  const current = await desk.cases.load(service);
  if (current === undefined) return said(`Nothing is known about ${service} yet.`);
  const { kind } = current.phase;
  if (kind === "recovering" || kind === "confirming") {
    return said("A run is going on. Stop it first, or wait for its end; then something else can be ordered.");
  }
  const choices = desk.choices(service);
  const dossier = picked === undefined ? undefined : await desk.dossier?.(service).catch(() => undefined);
  return {
    recovery: choices.find((each) => each === picked),
    draw: (more = {}) => otherModal({ current, context: from, choices, picked, dossier, ...more }),
  };
}
