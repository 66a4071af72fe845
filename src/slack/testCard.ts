/**
 * A harmless card with live buttons: it shows that posting, clicking, permissions and private answers work. Its buttons are bound
 * to no service and no proposal, so that no press of them can ever become an event.
 */
import type { CardModel } from "../domain/cardModel.ts";
import type { ServiceDefinition } from "../domain/service.ts";
import type { ServiceName } from "../domain/words.ts";
import { askerOf, type Desk } from "./listeners.ts";
import type { Pressed } from "./press.ts";

const keyPrefix = "test/";

/** The service whose test card was pressed; undefined: the press came from something else. */
export function testedService(key: string | undefined): ServiceName | undefined {
  return key?.startsWith(keyPrefix) ? (key.slice(keyPrefix.length) as ServiceName) : undefined;
}

export function testCard(service: ServiceDefinition, version: number): CardModel {
  const { name } = service;
  return {
    key: `${keyPrefix}${name}`,
    version,
    tone: "quiet",
    title: `Test card of ${name}`,
    summary: [
      "Nothing is broken. This is where and how the cards of ",
      { bold: name },
      " come. Press a button: the bot answers you alone, and nothing is run.",
    ],
    facts: [{ label: "Service", value: [service.description] }],
    notes: [["Sent by ", { code: "medic test-card" }, "; it may be deleted"]],
    buttons: [
      { action: "approve", label: "Approve now", style: "primary", spoken: `Try Approve on the test card of ${name}` },
      { action: "hold", label: "Hold", spoken: `Try Hold on the test card of ${name}` },
      { action: "ack", label: "I have it", spoken: `Try "I have it" on the test card of ${name}` },
    ],
    menu: service.runbook ? [{ link: service.runbook, label: "Runbook" }] : [],
  };
}

/** Says that it was a test, and what this person may do when it is none. */
export async function onTestPress(desk: Desk, { where }: Pressed, service: ServiceName): Promise<void> {
  const { allowed, refusal } = await askerOf(desk, where.user, service);
  const right = allowed
    ? `You may approve for ${service}.`
    : `On a real card your approval for ${service} would not count: ${refusal ?? "you are not an approver"}.`;
  await desk.whisper.tell(where, {
    text: [{ bold: "This is a test card." }, ` Your click arrived, and nothing was run. ${right}`],
  });
}
