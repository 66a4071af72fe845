/** What a button says when it is pressed: ids only, never trusted without the store. Short, because menu values end at 75. */
import type { ButtonAction } from "../../domain/cardModel.ts";

export interface Press {
  readonly action: ButtonAction;
  /** Absent on cards that belong to no service (unmatched). */
  readonly service?: string;
  readonly proposal?: number;
  /** The card's key, on cards without a service. */
  readonly key?: string;
}

const actions: readonly ButtonAction[] = [
  "approve",
  "hold",
  "choose",
  "ack",
  "resume",
  "no",
  "stop",
  "close",
  "assign",
  "evidence",
];

export function pressValue(press: Press): string {
  const { action, service, proposal, key } = press;
  return service === undefined ? `${action}||${key ?? ""}` : `${action}|${proposal ?? 0}|${service}`;
}

/** undefined: not one of ours, or from a card that a newer or older program made. */
export function readPress(value: string | undefined): Press | undefined {
  const parts = /^([a-z]+)\|(\d*)\|(.*)$/s.exec(value ?? "");
  const action = actions.find((each) => each === parts?.[1]);
  if (parts === null || action === undefined) return undefined;
  const [, , proposal = "", rest = ""] = parts;
  if (rest === "") return undefined;
  return proposal === "" ? { action, key: rest } : { action, service: rest, proposal: Number(proposal) };
}

export const menuActionId = "medic.more";

export function actionIdOf(action: ButtonAction): string {
  return `medic.${action}`;
}
