/** What an order and a preview have in common. A preview is looked at by a person, who may consent. */
import type { OrderOption, RunId } from "../domain/words.ts";
import type { Asked, PreviewAsked } from "./definition.ts";

export interface Wished {
  readonly byRule: boolean;
  /** Ordered as a rung of the ladder, so that what is refused for the world's reasons goes on up. */
  readonly onLadder: boolean;
  readonly options: readonly OrderOption[];
  readonly approvals: number;
  readonly runId: RunId;
  /** With the run's number it makes tokens and names: numbers start over with a new store, instants do not. */
  readonly seed: string;
}

export function wishOf(asked: Asked | PreviewAsked): Wished {
  if (!("order" in asked)) {
    const { options = [], service } = asked;
    const runId = `${service.name}/preview` as RunId;
    return { byRule: false, onLadder: false, options, approvals: 1, runId, seed: "preview" };
  }
  const { order, runId } = asked;
  return {
    byRule: order.by.kind === "rule",
    onLadder: order.rung >= 0,
    options: order.options ?? [],
    approvals: order.approvals.length,
    runId,
    seed: String(order.at),
  };
}
