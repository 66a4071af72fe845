import { textOf, type Json } from "./block-json.ts";

export interface ElementProps {
  readonly element: Json;
  readonly blockId: string;
  /** Inside an input block a change is only remembered; elsewhere it is sent at once. */
  readonly isInput?: boolean;
  /** The id of the label that names the element, in input blocks. */
  readonly labelledBy?: string;
}

/** What browser tests find an element by. */
export function testIdOf(element: Json): string {
  return `action-${textOf(element["action_id"]) ?? "unnamed"}`;
}
