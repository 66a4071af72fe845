/** "Which service is this?": takes an alarm off the list of unmatched ones and says which line makes that last. */
import type { Asker } from "../domain/event.ts";
import type { Text } from "../domain/text.ts";
import type { ServiceName } from "../domain/words.ts";
import type { Records } from "../ports/store.ts";
import { settleUnmatched, unmatchedList } from "./unmatched.ts";

export interface Assignment {
  /** The item's key: `alarm 123456789012/eu-west-1 name`, or a card's `unmatched/` + that. */
  readonly key: string;
  readonly service: ServiceName;
  readonly by: Asker;
}

const listMax = 500;

export async function assignUnmatched(records: Records, { key, service, by }: Assignment): Promise<Text> {
  if (!by.allowed) return ["Not allowed: ", by.refusal ?? "you are no approver of this service."];
  const itemKey = key.replace(/^unmatched\//, "");
  const item = (await unmatchedList(records, listMax)).find((found) => found.key === itemKey);
  if (item === undefined) return ["That message is no longer in the list; somebody may have assigned it already."];
  await settleUnmatched(records, itemKey, service);
  return [
    { bold: `${item.what} belongs to ${service}.` },
    " It is off the list. So that the next one opens an incident, add this to medic.yaml under ",
    { code: `services.${service}.alarms` },
    ": ",
    { code: `- ${JSON.stringify(item.what)}` },
  ];
}
