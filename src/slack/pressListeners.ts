/** Routes what is pressed on cards, private answers and in windows. Unknown and outdated buttons are answered too. */
import { evidenceCard } from "../domain/evidenceCard.ts";
import type { ServiceName } from "../domain/words.ts";
import { menuActionId, readPress, type Press } from "./blocks/press.ts";
import { holdForPrefix, holdLength, holdWhyActionId } from "./holdAnswer.ts";
import { act, notDone, type Desk } from "./listeners.ts";
import {
  assignModal,
  closeModal,
  holdModal,
  loadingModal,
  messageModal,
  modalIds,
  optionsActionId,
  pickActionId,
} from "./modals.ts";
import { onPick, otherView } from "./otherListeners.ts";
import type { ModalView } from "@slack/types";
import type { Pressed, ViewContext } from "./press.ts";
import { onTestPress, testedService } from "./testCard.ts";
import { viewAnswer } from "./answerShapes.ts";

const outdated =
  "This button is from an older or newer card and does nothing any more. `/medic status` shows what is open, with the commands for it.";

export async function onPress(desk: Desk, pressed: Pressed): Promise<void> {
  const { actionId, value } = pressed;
  if (actionId === pickActionId || actionId === optionsActionId) return onPick(desk, pressed);
  // The link itself is the answer: Slack opens it.
  if (actionId === menuActionId && value?.startsWith("link|")) return;
  const press = readPress(value);
  if (press === undefined) return desk.whisper.tell(pressed.where, { text: [outdated] });
  const tested = testedService(press.key);
  if (tested !== undefined) return onTestPress(desk, pressed, tested);
  if (press.action === "assign") return openAssign(desk, pressed, press);
  if (press.service === undefined) return desk.whisper.tell(pressed.where, { text: [outdated] });
  const service = press.service as ServiceName;
  if (actionId === holdWhyActionId) return openAtOnce(desk, pressed, holdModal(service, contextOf(pressed, press)));
  const wish = { service, proposal: press.proposal ?? 0 };
  if (actionId.startsWith(holdForPrefix)) return holdLonger(desk, pressed, service);
  switch (press.action) {
    case "choose":
      return openOther(desk, pressed, press);
    case "close":
      return openClose(desk, pressed, press);
    case "evidence":
      return showEvidence(desk, pressed, service);
    default:
      return act(desk, pressed.where, press.action, wish);
  }
}

function contextOf(pressed: Pressed, press: Press): ViewContext {
  return {
    service: press.service,
    proposal: press.proposal,
    channel: pressed.where.channel,
    key: press.key,
  };
}

async function holdLonger(desk: Desk, pressed: Pressed, service: ServiceName): Promise<void> {
  const { where } = pressed;
  const zone = await desk.people.standing(where.user).catch(() => undefined);
  const forMs = holdLength(pressed.actionId.slice(holdForPrefix.length), desk.clock.now(), zone?.tzOffsetMs ?? 0);
  if (forMs === undefined) return desk.whisper.tell(where, { text: [outdated] });
  return act(desk, where, "hold", { service, proposal: 0, forMs });
}

async function showEvidence(desk: Desk, pressed: Pressed, service: ServiceName): Promise<void> {
  try {
    const current = await desk.cases.load(service);
    const card = current ? evidenceCard(current, desk.clock.now()) : undefined;
    await desk.whisper.tell(pressed.where, card ?? { text: [`Nothing is known about ${service} yet.`] });
  } catch (error) {
    await desk.whisper.tell(pressed.where, { text: notDone(error) });
  }
}

async function openAtOnce(desk: Desk, pressed: Pressed, view: ModalView): Promise<void> {
  try {
    await desk.api.call("views.open", { trigger_id: pressed.triggerId ?? "", view });
  } catch (error) {
    await desk.whisper.tell(pressed.where, { text: notDone(error) });
  }
}

/** Opens an empty window before anything is read: the trigger lives for three seconds. */
async function openThenFill(
  desk: Desk,
  pressed: Pressed,
  window: { readonly loading: ModalView; readonly fill: () => Promise<ModalView> },
): Promise<void> {
  try {
    const opened = viewAnswer.parse(
      await desk.api.call("views.open", { trigger_id: pressed.triggerId ?? "", view: window.loading }),
    );
    let filled: ModalView;
    try {
      filled = await window.fill();
    } catch (error) {
      const from = { channel: pressed.where.channel };
      filled = messageModal(window.loading.callback_id ?? "", from, { title: "Not now", text: notDone(error) });
    }
    await desk.api.call("views.update", { view_id: opened.view.id, view: filled });
  } catch (error) {
    await desk.whisper.tell(pressed.where, { text: notDone(error) });
  }
}

function openOther(desk: Desk, pressed: Pressed, press: Press): Promise<void> {
  const service = (press.service ?? "") as ServiceName;
  const from = contextOf(pressed, press);
  return openThenFill(desk, pressed, {
    loading: loadingModal(modalIds.other, from, "Other…"),
    fill: () => otherView(desk, service, from),
  });
}

function openClose(desk: Desk, pressed: Pressed, press: Press): Promise<void> {
  const service = (press.service ?? "") as ServiceName;
  const from = contextOf(pressed, press);
  return openThenFill(desk, pressed, {
    loading: loadingModal(modalIds.close, from, "Close the incident"),
    async fill() {
      const current = await desk.cases.load(service);
      if (current?.incident) return closeModal(current, from);
      return messageModal(modalIds.close, from, { title: "Close", text: [`${service} has no open incident.`] });
    },
  });
}

function openAssign(desk: Desk, pressed: Pressed, press: Press): Promise<void> {
  const services = [...desk.settings().services.keys()].sort();
  // The key names account and region too; the person has the card before them and needs the name.
  const alarm = (press.key ?? "").replace(/^unmatched\//, "").replace(/^alarm \S+ /, "");
  const from = contextOf(pressed, press);
  return openAtOnce(desk, pressed, assignModal(services, from, alarm));
}
