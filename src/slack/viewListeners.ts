/** What a person sends from a window. Mistakes are said under the input, before anything happens. */
import type { CaseEvent } from "../domain/event.ts";
import { typedFor } from "../domain/cardWords.ts";
import { recoveries, type ServiceName } from "../domain/words.ts";
import { holdLength } from "./holdAnswer.ts";
import { act, askerOf, deliver, notDone, type Desk } from "./listeners.ts";
import { inputs, modalIds, nothing } from "./modals.ts";
import { chosenOptions } from "./otherListeners.ts";
import type { Submitted } from "./press.ts";

/** Errors by block id: the window stays open. Empty: it closes. */
export type Mistakes = Readonly<Record<string, string>>;

/**
 * Checked before the window closes. Typing the name is asked for whatever could stop the machine, so it is checked here without
 * the case: an input that was not shown is not in the answer.
 */
export function mistakesIn({ callbackId, values, context }: Submitted): Mistakes {
  if (callbackId === modalIds.other) {
    const picked = values[inputs.pick];
    if (picked === undefined) return { [inputs.pick]: "Choose one, or Cancel." };
    return typedMistakes(picked, values, context.service ?? "");
  }
  if (callbackId === modalIds.close && (values[inputs.why] ?? "").trim() === "") {
    return { [inputs.why]: "Say why, for whoever reads it tomorrow." };
  }
  return {};
}

function typedMistakes(picked: string, values: Submitted["values"], service: string): Mistakes {
  const recovery = recoveries.find((each) => each === picked);
  if (recovery === undefined) return {};
  // "os" asks for the least: what only some symptoms have typed is checked when it was shown.
  const needs = typedFor(recovery, "os");
  if (needs === "maximum") {
    return amountOf(values) === undefined ? { [inputs.amount]: "Type a whole number from 1 to 9999." } : {};
  }
  const typed = values[inputs.typed];
  if (typed === undefined && needs === "none") return {};
  return typed?.trim() === service ? {} : { [inputs.typed]: `Type exactly ${service}.` };
}

function amountOf(values: Submitted["values"]): number | undefined {
  const typed = values[inputs.amount]?.trim() ?? "";
  return /^[1-9]\d{0,3}$/.test(typed) ? Number(typed) : undefined;
}

export async function onSubmit(desk: Desk, submitted: Submitted): Promise<void> {
  const { where, callbackId, context, values } = submitted;
  const why = values[inputs.why]?.trim() ?? "";
  if (callbackId === modalIds.assign) return assigned(desk, submitted);
  const service = context.service as ServiceName | undefined;
  if (service === undefined) {
    return desk.whisper.tell(where, { text: ["This window is too old; open it again from the card."] });
  }
  const wish = { service, proposal: context.proposal ?? 0, why };
  switch (callbackId) {
    case modalIds.other:
      return other(desk, submitted, service);
    case modalIds.close:
      return act(desk, where, "close", wish);
    case modalIds.holdWhy: {
      const zone = await desk.people.standing(where.user).catch(() => undefined);
      const forMs = holdLength(values[inputs.length] ?? "30", desk.clock.now(), zone?.tzOffsetMs ?? 0);
      return act(desk, where, "hold", { ...wish, forMs });
    }
    default:
      return desk.whisper.tell(where, { text: ["This window is not known any more; open it again from the card."] });
  }
}

async function other(desk: Desk, { where, values, context }: Submitted, service: ServiceName): Promise<void> {
  const picked = values[inputs.pick];
  const why = values[inputs.why]?.trim() ?? "";
  const proposal = context.proposal ?? 0;
  if (picked === nothing) return act(desk, where, "no", { service, proposal, why });
  const recovery = recoveries.find((each) => each === picked);
  if (recovery === undefined)
    return desk.whisper.tell(where, { text: ["Nothing was chosen, so nothing was ordered."] });
  const by = await askerOf(desk, where.user, service);
  const options = chosenOptions(values, recovery);
  const amount = typedFor(recovery, "os") === "maximum" ? amountOf(values) : undefined;
  const event: CaseEvent = {
    kind: "order",
    by,
    recovery,
    why,
    ...(proposal > 0 ? { proposal } : {}),
    ...(options.length > 0 ? { options } : {}),
    ...(amount === undefined ? {} : { amount }),
  };
  await deliver(desk, where, service, event);
}

async function assigned(desk: Desk, { where, values, context }: Submitted): Promise<void> {
  const service = values[inputs.service];
  const { key } = context;
  if (service === undefined || key === undefined || desk.assign === undefined) {
    return desk.whisper.tell(where, { text: ["Nothing was assigned."] });
  }
  try {
    const by = await askerOf(desk, where.user, service);
    const text = await desk.assign({ key, service: service as ServiceName, by });
    await desk.whisper.tell(where, { text });
  } catch (error) {
    await desk.whisper.tell(where, { text: notDone(error) });
  }
}
