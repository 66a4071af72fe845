/** What a person is told after a verb was handed in: in the same words as after a click. */
import type { CaseEvent } from "../src/domain/event.ts";
import { sentence, type Reason } from "../src/domain/reasons.ts";
import type { Text } from "../src/domain/text.ts";
import type { ServiceName } from "../src/domain/words.ts";
import type { CommandContext } from "./context.ts";

export async function handIn(ctx: CommandContext, service: ServiceName, event: CaseEvent): Promise<Text> {
  const handled = await ctx.handle(service, event);
  const said = handled.kind === "ignored" ? handled.reason : handled.answer;
  return [{ bold: service }, `: ${said === undefined ? "done; its card shows what happens now" : sentence(said)}.`];
}

export function capitalized(reason: Reason): string {
  const text = sentence(reason);
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
