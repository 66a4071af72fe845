/** A machine whose host is sound and whose disk is not: its kernel hangs however often it is rebooted. */
import type { Incident } from "../../src/domain/serviceCase.ts";
import type { IncidentId } from "../../src/domain/words.ts";
import type { Ended, Story } from "./planStory.ts";
import { freshSnapshot, loneStory, old } from "./reprovisionStory.ts";

const incident: Incident = {
  id: "inc-1" as IncidentId,
  openedAt: 0,
  symptom: "os",
  ladder: [],
  highestActed: 0,
  reminders: 0,
  reopened: 0,
  refusedRungs: [],
};

function staysItself({ account }: Ended): string[] {
  const [address] = account.peek.addresses();
  const data = Object.values(account.peek.data(old));
  return [
    ...(account.peek.machines().length === 1 ? [] : ["another machine was made"]),
    ...(address?.instanceId === old ? [] : ["the address moved"]),
    ...(data.includes(freshSnapshot.data) ? [] : [`its disk holds ${data.join(", ")}`]),
  ];
}

export function diskStory(over: Partial<Story> & Pick<Story, "title">): Story {
  return loneStory({
    current: { incident },
    break: ({ account }) => account.break("kernel-hangs-for-good", old),
    launches: 0,
    fenced: [],
    ends: { kind: "done", world: staysItself },
    ...over,
  });
}
