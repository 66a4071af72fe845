/** Who or which rule ordered a run, in the words that follow its name. */
import { personPiece } from "./cardWords.ts";
import type { Order } from "./serviceCase.ts";
import type { Piece } from "./text.ts";

/** What an order says when nobody gave a reason: the words around it say it already. */
const noReasons: ReadonlySet<string> = new Set(["", "approved on the card"]);

/** " by itself: nobody …", " approved by X, Y" or " ordered by X: why". */
export function orderText(order: Order): Piece[] {
  if (order.by.kind === "rule") return [` ${ruleWords(order.by.rule)}`];
  const gaveReason = !noReasons.has(order.why);
  const why = gaveReason ? [`: ${order.why}`] : [];
  const others = order.approvals.filter(
    (approval) => approval.by.id !== (order.by.kind === "person" ? order.by.person.id : ""),
  );
  const also = others.flatMap((approval): Piece[] => [", ", personPiece(approval.by)]);
  return [gaveReason ? " ordered by " : " approved by ", personPiece(order.by.person), ...also, ...why];
}

function ruleWords(rule: string): string {
  return rule === "veto-ended" || rule === "veto" ? "by itself: nobody objected in time" : `by the rule “${rule}”`;
}
