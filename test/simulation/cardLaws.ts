/** Nothing goes wrong any more: every incident is at rest, and its one card says what the case says. */
import { cardOf } from "../../src/domain/card.ts";
import type { CardModel } from "../../src/domain/cardModel.ts";
import type { ServiceCase } from "../../src/domain/serviceCase.ts";
import type { MemoryMessage } from "../../src/memory/memoryChat.ts";
import type { Court } from "./laws.ts";

export function cardLaws(court: Court, current: ServiceCase, messages: readonly MemoryMessage[]): void {
  const { need, table, settings } = court;
  const { service, incident, phase } = current;
  const filed = table.records.get(`timeline/${service}`)?.size ?? 0;
  need(
    "timeline-filed",
    filed === current.entryCount,
    `${service}: ${filed} of ${current.entryCount} timeline entries are filed`,
  );
  const rests = phase.kind === "idle" || phase.kind === "resolved" || phase.kind === "needs-person";
  need("comes-to-rest", rests, `${service}: still ${phase.kind} although nothing goes wrong any more`);
  if (incident === undefined) return;
  const cards = messages.filter((message) => message.key === incident.id);
  need("one-card", cards.length === 1, `${service}: ${cards.length} cards stand for ${incident.id}`);
  const shows = current.shown?.version ?? 0;
  need(
    "card-is-newest",
    shows >= current.cardVersion,
    `${service}: the card is at ${shows}, the store at ${current.cardVersion}`,
  );
  const card = cards.at(-1)?.card;
  // A newer version that looks the same is not sent: what stands there must still be what the case says now.
  const wanted = cardOf({ current, service: settings.services.get(service), now: court.now() });
  need(
    "card-title",
    card?.title === wanted.title,
    `${service}: the card says "${card?.title}", the case "${wanted.title}"`,
  );
  const offered = (buttons: CardModel["buttons"]) => buttons.map((button) => button.action).join(", ");
  const [stands, should] = [offered(card?.buttons ?? []), offered(wanted.buttons)];
  need("card-buttons", stands === should, `${service}: the card offers [${stands}], the case [${should}]`);
  for (const debt of current.debts) {
    const said = JSON.stringify(card ?? {}).includes(JSON.stringify(debt.what).slice(1, -1));
    need("debts-on-card", said, `${service}: the debt ${debt.id} does not stand on the card`);
  }
}
